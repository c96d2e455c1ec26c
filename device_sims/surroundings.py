"""What all devices of a run share: where they connect to, the clock, the counts."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from device_sims.clock import SimClock
from device_sims.memory import MAX_MESSAGE_REPORTS


@dataclass
class Counts:
    """What happened, summed over all devices of a run."""

    reports: int = 0
    published: int = 0
    acknowledged_by_broker: int = 0
    acknowledged_by_gateway: int = 0
    resent: int = 0
    forgotten: int = 0
    connected: int = 0
    lost_links: int = 0
    refused: int = 0
    commands: int = 0


@dataclass(frozen=True)
class Surroundings:
    """What all devices of a run share.

    Attributes:
        host: Broker.
        port: Its MQTT port.
        site_key: Devices' passwords are derived from it.
        clock: Simulated time.
        counts: Where to count.
        tcp: Host and port of the gateway for terminals, by protocol.
        stop_ms: No report is made from this simulated time on; None: no end.
        resend_after_s: How long to wait for the gateway, real seconds.
        message_reports: Reports in one message at most.
        may_report: Asked before each report; False ends the device's reports.
        connecting: Limits how many connect at once.
    """

    host: str
    port: int
    site_key: bytes
    clock: SimClock
    counts: Counts
    tcp: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    stop_ms: float | None = None
    resend_after_s: float = 30.0
    message_reports: int = MAX_MESSAGE_REPORTS
    may_report: Callable[[], bool] = lambda: True
    connecting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(32))

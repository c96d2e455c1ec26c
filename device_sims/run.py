"""Runs a fleet of devices against a broker until their time is over or a signal comes."""

import asyncio
import logging
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from device_sims.clock import SimClock, begin_ms
from device_sims.device import Device
from device_sims.errors import LinkError, SimError
from device_sims.feed import Feed
from device_sims.label_file import LabelFile, TimedLabel
from device_sims.life import Life
from device_sims.memory import MAX_MESSAGE_REPORTS
from device_sims.surroundings import Counts, Surroundings
from device_sims.tcp.link import LinkedTerminal

log = logging.getLogger(__name__)

_LEAVE_GRACE_S: Final = 3.0
_POLL_S: Final = 0.1
_GATHER_S: Final = 10.0
"""How long the first report waits for all devices to have connected."""

_REPORT_EVERY_S: Final = 30.0
_BOOT_EPOCH_S: Final = 1_577_836_800
"""2020-01-01; seconds since then fit the 32 bits of a boot counter until 2156."""

_FILES_PER_DEVICE: Final = 2
_OTHER_FILES: Final = 100


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a run goes.

    Attributes:
        host: Broker.
        port: Its MQTT port.
        site_key: Devices' passwords are derived from it.
        tcp: Host and port of the gateway for terminals, by protocol.
        scale: Simulated seconds per real second.
        start_ms: Simulated start, ms since 1970 UTC; None: such that the end is real time's.
        duration_s: Simulated seconds to play; None: until the devices have said all they have to
            say, or a signal.
        messages: Stop after so many reports; None: no such limit.
        drain_s: Real seconds to wait at the end for the gateway's acknowledgements.
        resend_after_s: Real seconds until a report that the gateway did not acknowledge is sent
            again.
        message_reports: Reports in one message at most; 1 sends a backlog one by one.
    """

    host: str
    port: int
    site_key: bytes
    tcp: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    scale: float = 1.0
    start_ms: int | None = None
    duration_s: float | None = None
    messages: int | None = None
    drain_s: float = 15.0
    resend_after_s: float = 30.0
    message_reports: int = MAX_MESSAGE_REPORTS


@dataclass(frozen=True)
class Scene:
    """What is played from a start on: the devices, and the truth."""

    feeds: Sequence[Feed]
    labels: Iterator[TimedLabel]


def new_boot() -> int:
    """Return a boot counter that no earlier run of a simulator had: seconds since 2020."""
    return int(time.time()) - _BOOT_EPOCH_S


def play(pace: Pace, scene_at: Callable[[int], Scene], labels: LabelFile) -> dict[str, Any]:
    """Play a scene and return the counts of the run.

    Args:
        pace: How it goes.
        scene_at: Makes the scene for a simulated start, ms since 1970 UTC.
        labels: Where the truth is written.

    Returns:
        The fields of `Counts`, and `outstanding`, `labels`, `seconds` (real).

    Raises:
        ScenarioError: The pace is not possible, or the label file cannot be written.
        LinkError: No device ever got a connection.
    """
    start_ms = pace.start_ms
    if start_ms is None:
        now_ms = round(time.time() * 1_000)
        start_ms = begin_ms(now_ms, scale=pace.scale, duration_s=pace.duration_s)
    scene = scene_at(start_ms)
    _allow_files(len(scene.feeds))
    try:
        return asyncio.run(_Fleet(pace, scene, labels, start_ms).run())
    except* SimError as failures:
        raise failures.exceptions[0] from failures


class _Fleet:
    def __init__(self, pace: Pace, scene: Scene, labels: LabelFile, start_ms: int) -> None:
        self._pace = pace
        self._scene = scene
        self._labels = labels
        self._start_ms = start_ms
        self._counts = Counts()
        self._left = pace.messages

    async def run(self) -> dict[str, Any]:
        pace = self._pace
        clock = SimClock(self._start_ms, pace.scale)
        stop_ms = None if pace.duration_s is None else self._start_ms + pace.duration_s * 1_000
        around = Surroundings(
            host=pace.host,
            port=pace.port,
            site_key=pace.site_key,
            tcp=pace.tcp,
            clock=clock,
            counts=self._counts,
            stop_ms=stop_ms,
            resend_after_s=pace.resend_after_s,
            message_reports=pace.message_reports,
            may_report=self._may_report,
        )
        devices = [_alive(feed, around) for feed in self._scene.feeds]
        begin_s = clock.real_s()
        log.info("playing devices=%d scale=%g", len(devices), pace.scale)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._labels.follow(self._scene.labels, clock, stop_ms))
            telling = group.create_task(self._tell(devices))
            beginning = group.create_task(self._begin(clock, len(devices)))
            await self._live(devices)
            following.cancel()
            telling.cancel()
            beginning.cancel()
        if not self._counts.connected and devices:
            raise LinkError(
                f"no device got a connection to {pace.host}:{pace.port}: "
                f"{self._counts.refused} refused, {self._counts.lost_links} unanswered; wanted: "
                "a broker that knows the devices and "
                "the device key that it was set up with"
            )
        return {
            **asdict(self._counts),
            "outstanding": sum(len(device.memory) for device in devices),
            "labels": self._labels.written,
            "seconds": round(clock.real_s() - begin_s, 3),
        }

    async def _begin(self, clock: SimClock, devices: int) -> None:
        waited_until_s = clock.real_s() + _GATHER_S
        while self._counts.connected < devices and clock.real_s() < waited_until_s:  # noqa: ASYNC110 - a count has no event
            await asyncio.sleep(_POLL_S)
        log.info("begun connected=%d", self._counts.connected)
        clock.begin()

    async def _live(self, devices: Sequence[Life]) -> None:
        """Return when all devices are done; a signal lets them leave early, twice ends it."""
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        try:
            tasks = {asyncio.create_task(device.run()) for device in devices}
            watch = asyncio.create_task(self._leave_in_time(devices, told))
            tasks.add(watch)
            pending = tasks
            while pending - {watch}:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if watch in done:
                    await self._end(pending)
                    break
            watch.cancel()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _leave_in_time(self, devices: Sequence[Life], told: asyncio.Event) -> None:
        """Return when devices have to leave: after a signal, or when draining took too long."""
        while not told.is_set() and not all(device.has_reported_all for device in devices):
            await _wait(told, _POLL_S)
        await _wait(told, self._pace.drain_s)
        for device in devices:
            device.leave()

    async def _end(self, pending: set[asyncio.Task[None]]) -> None:
        if pending:
            _, late = await asyncio.wait(pending, timeout=_LEAVE_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _tell(self, devices: Sequence[Life]) -> None:
        while True:
            await asyncio.sleep(_REPORT_EVERY_S)
            held = sum(len(device.memory) for device in devices)
            counts = " ".join(f"{name}={value}" for name, value in asdict(self._counts).items())
            log.info("progress outstanding=%d %s", held, counts)

    def _may_report(self) -> bool:
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0


def _alive(feed: Feed, around: Surroundings) -> Life:
    terminal = feed.identity.terminal
    return Device(feed, around) if terminal is None else LinkedTerminal(feed, around, terminal)


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return


def _allow_files(devices: int) -> None:
    """Raise the soft limit of open files to what the devices need, as far as the hard one lets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = devices * _FILES_PER_DEVICE + _OTHER_FILES
    if soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))

"""How devices speak: topics and payloads of wristband JSON and of OwnTracks."""

from collections.abc import Sequence
from typing import Final, Protocol

from device_sims.feed import Identity
from firmware_protocols.message import Report
from firmware_protocols.owntracks import encode as owntracks
from firmware_protocols.topics import device_topic
from firmware_protocols.wristband_json import encode as wristband_json

Retained = tuple[str, bytes]
"""Topic and payload of a retained message."""

_CODEC: Final = "wristband-json"


class Speech(Protocol):
    """Topics and payloads of one device."""

    message_reports: int
    """How many reports fit into a message."""

    down_topic: str | None
    """Where the gateway acknowledges; None: the broker's word is the last."""

    birth: Retained | None
    """Published after each connect."""

    will: Retained
    """Published by the broker when the link is lost, and by the device before it leaves."""

    def topic(self, *, is_urgent: bool) -> str:
        """Return the topic of reports."""
        ...

    def payload(self, reports: Sequence[Report]) -> bytes:
        """Return one message."""
        ...


class WristbandSpeech:
    """Wristband JSON v1, which recorders speak too."""

    message_reports = 100

    def __init__(self, identity: Identity) -> None:
        """Take who speaks."""
        where = (identity.org, identity.kind, identity.device)
        self._calm = device_topic(*where, "up", _CODEC)
        self._urgent = device_topic(*where, "up-urgent", _CODEC)
        self.down_topic: str | None = device_topic(*where, "down", _CODEC)
        status = device_topic(*where, "status")
        self.birth: Retained | None = (status, b"online")
        self.will: Retained = (status, b"offline")

    def topic(self, *, is_urgent: bool) -> str:
        """Return the topic of reports."""
        return self._urgent if is_urgent else self._calm

    def payload(self, reports: Sequence[Report]) -> bytes:
        """Return one message."""
        return wristband_json.encode(reports)


class OwnTracksSpeech:
    """The OwnTracks app on an officer's phone."""

    message_reports = 1

    def __init__(self, identity: Identity, connected_s: int) -> None:
        """Take who speaks, and the time for the will, seconds since 1970 UTC."""
        self._topic = f"owntracks/{identity.device}/phone"
        self.down_topic: str | None = None
        self.birth: Retained | None = None
        self.will: Retained = (self._topic, owntracks.encode_will(connected_s))

    def topic(self, *, is_urgent: bool) -> str:
        """Return the topic of reports; the app knows one."""
        del is_urgent
        return self._topic

    def payload(self, reports: Sequence[Report]) -> bytes:
        """Return one message."""
        (report,) = reports
        return owntracks.encode(report)


def speech_of(identity: Identity, connected_s: int) -> Speech:
    """Return how a device speaks."""
    if identity.kind == "phone":
        return OwnTracksSpeech(identity, connected_s)
    return WristbandSpeech(identity)

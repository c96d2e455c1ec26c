"""How devices speak: topics and payloads of wristband JSON, of recorders and of OwnTracks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from device_sims.feed import Identity
from firmware_protocols.codec import AckRange
from firmware_protocols.command import Command
from firmware_protocols.local_alert import LocalAlert
from firmware_protocols.message import Reply, Report
from firmware_protocols.owntracks import encode as owntracks
from firmware_protocols.recorder.decode import decode_ack as decode_recorder_ack
from firmware_protocols.recorder.encode import encode as encode_recorder
from firmware_protocols.topics import device_topic
from firmware_protocols.wristband_json import encode as wristband_json
from firmware_protocols.wristband_json.command import decode_down

Retained = tuple[str, bytes]
"""Topic and payload of a retained message."""


@dataclass(frozen=True)
class Dialect:
    """A codec of ours from the device's side.

    Attributes:
        codec: Its name in topics.
        encode: Reports to one message.
        decode_down: What comes down: ranges that are safe, a command, or an alert of the gateway's
            own; raises DecodeError.
        encode_reply: The answer to a command; None where the codec has no commands.
    """

    codec: str
    encode: Callable[[Sequence[Report]], bytes]
    decode_down: Callable[[bytes], list[AckRange] | Command | LocalAlert]
    encode_reply: Callable[[Reply], bytes] | None = None


WRISTBAND_JSON: Final = Dialect(
    "wristband-json", wristband_json.encode, decode_down, wristband_json.encode_reply
)
RECORDER: Final = Dialect("recorder", encode_recorder, decode_recorder_ack)


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

    def heard(self, payload: bytes) -> list[AckRange] | Command | LocalAlert:
        """Return what a message says: reports that are safe, a command, or an alert.

        Raises DecodeError.
        """
        ...

    def reply(self, reply: Reply) -> bytes | None:
        """Return the answer to a command; None where there is no way to give one."""
        ...


class OwnSpeech:
    """The layout of our own devices: a topic for each channel, in one dialect."""

    message_reports = 100

    def __init__(self, identity: Identity, dialect: Dialect) -> None:
        """Take who speaks, and how."""
        self._dialect = dialect
        where = (identity.org, identity.kind, identity.device)
        self._calm = device_topic(*where, "up", dialect.codec)
        self._urgent = device_topic(*where, "up-urgent", dialect.codec)
        self.down_topic: str | None = device_topic(*where, "down", dialect.codec)
        status = device_topic(*where, "status")
        self.birth: Retained | None = (status, b"online")
        self.will: Retained = (status, b"offline")

    def topic(self, *, is_urgent: bool) -> str:
        """Return the topic of reports."""
        return self._urgent if is_urgent else self._calm

    def payload(self, reports: Sequence[Report]) -> bytes:
        """Return one message."""
        return self._dialect.encode(reports)

    def heard(self, payload: bytes) -> list[AckRange] | Command | LocalAlert:
        """Return what a message says: reports that are safe, a command, or an alert.

        Raises DecodeError.
        """
        return self._dialect.decode_down(payload)

    def reply(self, reply: Reply) -> bytes | None:
        """Return the answer to a command; None where there is no way to give one."""
        encode = self._dialect.encode_reply
        return None if encode is None else encode(reply)


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

    def heard(self, payload: bytes) -> list[AckRange] | Command | LocalAlert:
        """Return nothing: the app takes no messages."""
        del payload
        return []

    def reply(self, reply: Reply) -> bytes | None:
        """Return None: the app takes no commands."""
        del reply
        return None


def speech_of(identity: Identity, connected_s: int) -> Speech:
    """Return how a device speaks."""
    if identity.kind == "phone":
        return OwnTracksSpeech(identity, connected_s)
    return OwnSpeech(identity, RECORDER if identity.kind == "recorder" else WRISTBAND_JSON)

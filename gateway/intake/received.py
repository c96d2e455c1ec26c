"""One message as it came, with what is needed to acknowledge it."""

from dataclasses import dataclass
from typing import Protocol

from firmware_protocols.codec import Context


class Acknowledger(Protocol):
    """Whoever can tell the sender that a message is durable."""

    def acknowledge(self, message: "Received") -> None:
        """Acknowledge `message`, unless the connection that it came by is gone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why whoever brings a message refuses it himself; it is journaled as refused.

    Attributes:
        reason: Stable word for counting.
        detail: What was wrong.
        keep_bytes: The bytes may be kept, if the law allows it for the topic's device; otherwise
            the topic need not be a device's.
        has_row: It has a row of its own in quarantine; otherwise it is only counted there.
    """

    reason: str
    detail: str
    keep_bytes: bool
    has_row: bool = True


@dataclass(slots=True, eq=False)
class Received:
    """A message between arrival and acknowledgement.

    Attributes:
        topic: MQTT topic; for a TCP session the one that its device would have.
        payload: Its bytes.
        received_at_us: Our clock.
        urgent: It came by the urgent session, or has an urgent alarm.
        source: Who acknowledges it.
        connection: Which connection of the source it came by; packet ids are only good there.
        packet_id: MQTT packet id; 0 for QoS 0, which cannot be acknowledged. A TCP session numbers
            its messages itself.
        context: What the frames do not say; None: only whose the topic is.
        fault: Set when the message is refused already.
    """

    topic: str
    payload: bytes
    received_at_us: int
    urgent: bool
    source: Acknowledger
    connection: int
    packet_id: int
    context: Context | None = None
    fault: Fault | None = None

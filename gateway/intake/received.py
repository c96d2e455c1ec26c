"""One message as it came, with what is needed to acknowledge it."""

from dataclasses import dataclass
from typing import Protocol


class Acknowledger(Protocol):
    """Whoever can tell the sender that a message is durable."""

    def acknowledge(self, message: "Received") -> None:
        """Acknowledge `message`, unless the connection that it came by is gone."""


@dataclass(slots=True, eq=False)
class Received:
    """A message between arrival and acknowledgement.

    Attributes:
        topic: MQTT topic.
        payload: Its bytes.
        received_at_us: Our clock.
        urgent: It came by the urgent session.
        source: Who acknowledges it.
        connection: Which connection of the source it came by; packet ids are only good there.
        packet_id: MQTT packet id; 0 for QoS 0, which cannot be acknowledged.
    """

    topic: str
    payload: bytes
    received_at_us: int
    urgent: bool
    source: Acknowledger
    connection: int
    packet_id: int

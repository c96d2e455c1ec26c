"""A message whose sender and codec are known."""

from dataclasses import dataclass

from firmware_protocols.codec import Codec
from firmware_protocols.topics import Topic
from gateway.directory.snapshot import Device
from gateway.intake.received import Received


@dataclass(slots=True)  # frozen would cost half a microsecond a message
class Addressed:
    """A message that came by the topic of a registered device, in a codec that there is."""

    message: Received
    topic: Topic
    device: Device
    codec: Codec

"""Whether a message that came by the bulk session is urgent all the same."""

from firmware_protocols.alarm import URGENT_ALARMS, alarms_to_mask
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError, TopicError
from firmware_protocols.message import Heartbeat, Report
from firmware_protocols.topics import parse_topic
from gateway.intake.received import Received


def carries_urgent(message: Received) -> bool:
    """Return whether a message has an SOS, a cut strap or the like in it.

    It is decoded for that: ask only where it matters. What does not decode is not urgent.
    """
    try:
        topic = parse_topic(message.topic)
        codec = CODECS.get(topic.codec)
        if codec is None:
            return False
        found = codec.open(message.context or Context(device=topic.device))(message.payload)
    except (TopicError, DecodeError):
        return False
    return any(
        alarms_to_mask(said.alarms) & URGENT_ALARMS
        for said in found
        if isinstance(said, Report | Heartbeat) and said.alarms
    )

"""Which reply a terminal's message has, and when (JT/T 808-2019 clause 8 and annex A)."""

from typing import Final

from firmware_protocols.jt808.address import Address
from firmware_protocols.jt808.framing import wrap
from firmware_protocols.jt808.header import Frame
from firmware_protocols.jt808.reassembly import MAX_REQUESTED_PARTS, Assembly
from firmware_protocols.jt808.replies import OK, MediaReply, PlatformReply, ResendRequest

REGISTER: Final = 0x0100
AUTHENTICATE: Final = 0x0102
TERMINAL_REPLY: Final = 0x0001
HEARTBEAT: Final = 0x0002
LOG_OUT: Final = 0x0003
ASK_TIME: Final = 0x0004
ASK_RESEND: Final = 0x0005
PARAMETERS_ANSWER: Final = 0x0104
ATTRIBUTES_ANSWER: Final = 0x0107
ASK_TIME_VENDOR: Final = 0x0109
MEDIA_DATA: Final = 0x0801

CARRIES_NO_DATA: Final = frozenset(
    {
        TERMINAL_REPLY,
        HEARTBEAT,
        LOG_OUT,
        ASK_TIME,
        ASK_RESEND,
        PARAMETERS_ANSWER,
        ATTRIBUTES_ANSWER,
        ASK_TIME_VENDOR,
    }
)
"""Nothing of these is journaled; all else is, what nobody knows included."""

_VENDOR_IDS: Final = 0x55
_VENDOR_REPLY: Final = 0x4401
_MEDIA_ID_BYTES: Final = 4


def kept_replies(frames: tuple[Frame, ...]) -> list[PlatformReply | MediaReply]:
    """Return what tells a terminal that its message, all parts of it, is kept.

    The standard leaves open which part's serial a general reply cites; every part has its own.
    """
    first = frames[0]
    if first.message_id == MEDIA_DATA and len(first.body) >= _MEDIA_ID_BYTES:
        return [MediaReply(media=_media_id(first))]
    return general_replies(frames, OK)


def general_replies(frames: tuple[Frame, ...], result: int) -> list[PlatformReply | MediaReply]:
    """Return a general reply to every frame; none to a vendor message, whose form is another."""
    return [
        PlatformReply(to_serial=frame.serial, to_id=frame.message_id, result=result)
        for frame in frames
        if frame.message_id >> 8 != _VENDOR_IDS
    ]


def vendor_reply(address: Address, frame: Frame) -> bytes:
    """Return the reply that a vendor message 0x55xx asks for (Traccar: 0x4401, 1-byte serial)."""
    if not frame.wants_reply:
        return b""
    body = frame.message_id.to_bytes(2, "big") + bytes((OK,))
    head = _VENDOR_REPLY.to_bytes(2, "big") + len(body).to_bytes(2, "big")
    return wrap(head + address.phone + frame.serial.to_bytes(1, "big") + body, address.flag)


def missing_request(assembly: Assembly) -> ResendRequest | MediaReply:
    """Return the request for what is missing of a message.

    A recording's is 0x8800, which every edition has; it needs the id in the first part.
    """
    missing = assembly.missing[:MAX_REQUESTED_PARTS]
    first = assembly.parts.get(1)
    if (
        first is not None
        and assembly.message_id == MEDIA_DATA
        and len(first.frame.body) >= _MEDIA_ID_BYTES
    ):
        return MediaReply(media=_media_id(first.frame), missing=missing)
    return ResendRequest(first_serial=assembly.first_serial, parts=missing)


def _media_id(first: Frame) -> int:
    return int.from_bytes(first.body[:_MEDIA_ID_BYTES], "big")

"""Every down-link by its message id, and down-links as frames."""

from collections.abc import Callable
from functools import partial
from typing import Final

from firmware_protocols.errors import CommandError, LengthError, UnsupportedError
from firmware_protocols.jt808.address import Address
from firmware_protocols.jt808.areas import (
    DeleteAreas,
    QueryAreas,
    SetCircles,
    SetPolygon,
    SetRectangles,
)
from firmware_protocols.jt808.body import BodyReader
from firmware_protocols.jt808.control import (
    CallBack,
    ConfirmAlarms,
    ControlTerminal,
    Locate,
    ProbeLink,
    QueryAllParameters,
    QueryAttributes,
    QueryParameters,
    SendTransparent,
    SetParameters,
    ShowText,
    Track,
)
from firmware_protocols.jt808.header import build_frames
from firmware_protocols.jt808.replies import (
    MediaReply,
    PlatformReply,
    RegisterReply,
    ResendRequest,
    ServerTime,
    VendorTime,
)
from firmware_protocols.jt808.route import SetRoute

Down = (
    PlatformReply
    | ResendRequest
    | ServerTime
    | VendorTime
    | RegisterReply
    | MediaReply
    | SetParameters
    | QueryAllParameters
    | QueryAttributes
    | QueryParameters
    | ControlTerminal
    | Locate
    | Track
    | ConfirmAlarms
    | ProbeLink
    | ShowText
    | CallBack
    | SendTransparent
    | SetCircles
    | SetRectangles
    | SetPolygon
    | SetRoute
    | DeleteAreas
    | QueryAreas
)

MAX_DOWN_BYTES: Final = 256 * 1024
"""Longest body: a polygon of 32,000 points; no terminal's memory asks for more."""


_READERS: Final[dict[int, Callable[..., Down]]] = {
    0x8001: PlatformReply.read,
    0x8003: ResendRequest.read,
    0x8004: ServerTime.read,
    0x8100: RegisterReply.read,
    0x8103: SetParameters.read,
    0x8104: QueryAllParameters.read,
    0x8105: ControlTerminal.read,
    0x8106: QueryParameters.read,
    0x8107: QueryAttributes.read,
    0x8109: VendorTime.read,
    0x8201: Locate.read,
    0x8202: Track.read,
    0x8203: ConfirmAlarms.read,
    0x8204: ProbeLink.read,
    0x8300: ShowText.read,
    0x8400: CallBack.read,
    0x8600: SetCircles.read,
    0x8601: partial(DeleteAreas.read, shape="circle"),
    0x8602: SetRectangles.read,
    0x8603: partial(DeleteAreas.read, shape="rectangle"),
    0x8604: SetPolygon.read,
    0x8605: partial(DeleteAreas.read, shape="polygon"),
    0x8606: SetRoute.read,
    0x8607: partial(DeleteAreas.read, shape="route"),
    0x8608: QueryAreas.read,
    0x8800: MediaReply.read,
    0x8900: SendTransparent.read,
}

DOWN_IDS: Final = frozenset(_READERS)
"""Message ids of the down-links."""


def read_down(message_id: int, body: bytes, *, is_2019: bool) -> Down:
    """Return what the whole body of a down-link says.

    Args:
        message_id: Its id.
        body: Its body, parts joined.
        is_2019: The header is of 2019.

    Raises:
        UnsupportedError: No such down-link.
        LengthError: The body is shorter or longer than its fields.
        FieldError: A field is out of range.
    """
    read = _READERS.get(message_id)
    if read is None:
        raise UnsupportedError(f"no down-link {message_id:#06x} is known", frame=body)
    reader = BodyReader(body)
    message = read(reader, is_2019=is_2019)
    if reader.left:
        raise LengthError(
            f"{reader.left} bytes after the last field", frame=body, offset=reader.offset
        )
    return message


def down_frames(address: Address, serial: int, message: Down) -> list[bytes]:
    """Return the frames of a down-link: one, or parts with serials that follow each other.

    Args:
        address: The terminal; its header's edition is that of the body.
        serial: Serial of the first frame.
        message: What to send.

    Raises:
        CommandError: A value does not fit its field, or the body is over MAX_DOWN_BYTES.
        ApprovalError: It is dangerous and two persons have not approved it.
    """
    body = message.write(is_2019=address.version is not None)
    if len(body) > MAX_DOWN_BYTES:
        raise CommandError(f"body of {len(body)} bytes, at most {MAX_DOWN_BYTES} are sent")
    return build_frames(address, message.message_id, serial, body)

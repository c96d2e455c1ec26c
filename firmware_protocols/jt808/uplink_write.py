"""What a terminal sends, from records: the other way round than `uplink`. For simulators."""

from collections.abc import Iterable, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812  # an exception's name
from typing import Any, Final

from firmware_protocols.errors import CommandError
from firmware_protocols.jt808.address import Address
from firmware_protocols.jt808.header import MAX_SERIAL, build_frame, build_frames
from firmware_protocols.jt808.location import LOCATION_BYTES
from firmware_protocols.jt808.location_write import encode_location
from firmware_protocols.jt808.media import write_media
from firmware_protocols.jt808.parameters import (
    PARAMETERS,
    Parameter,
    ParameterAnswer,
    write_answer,
)
from firmware_protocols.jt808.profiles import STANDARD, Profile
from firmware_protocols.jt808.registration import (
    ATTRIBUTE_WIDTHS_2019,
    WIDTHS_2013,
    WIDTHS_2019,
    write_attributes,
    write_authenticate,
    write_register,
)
from firmware_protocols.jt808.replies import ResendRequest
from firmware_protocols.jt808.uplink import (
    ATTRIBUTES,
    AUTHENTICATE,
    BLIND_AREA,
    GENERAL_REPLY,
    HEARTBEAT,
    LOCATION,
    LOCATION_ANSWER,
    LOCATION_BATCH,
    LOGOUT,
    MEDIA_DATA,
    MEDIA_EVENT,
    PARAMETER_ANSWER,
    REGISTER,
    RESEND_REQUEST,
    TIME_REQUEST,
)
from firmware_protocols.message import (
    Heartbeat,
    Login,
    Logout,
    Media,
    Message,
    Reply,
    Report,
    Request,
    Unknown,
)

_U16: Final = Struct(">H")
_REPLY: Final = Struct(">HHB")
_BATCH_HEAD: Final = Struct(">HB")
_QUERY_ALL: Final = 0x8104
_QUERY_ATTRIBUTES: Final = "8107"
_PARAMETER_IDS: Final = {name: (key, kind) for key, (name, kind) in PARAMETERS.items()}


def encode_message(
    message: Message,
    address: Address,
    serial: int,
    *,
    profile: Profile = STANDARD,
    utc_offset_min: int | None = None,
) -> list[bytes]:
    """Return the frames of a record: one, or parts with serials that follow each other.

    A Report goes out as 0x0200, a Login as 0x0100 or 0x0102, a Reply as what answers its key
    (0x0001, 0x0104, 0x0107), a Media with payload as 0x0801, an Unknown as what it names.

    Args:
        message: The record.
        address: The terminal; its header's edition is that of the body.
        serial: Serial of the first frame.
        profile: The model that the terminal plays.
        utc_offset_min: Offset of its clock where it is not the profile's.

    Raises:
        ValueError: The protocol has no message for the record, or a value does not fit its field.
    """
    if isinstance(message, Report):
        body = encode_location(message, profile, utc_offset_min=utc_offset_min)
        return build_frames(address, LOCATION, serial, body)
    if isinstance(message, Unknown):
        message_id = int(message.message, 16)
        if message.extra.get("parts"):
            parts, part = message.extra["parts"], message.extra["part"]
            return [
                build_frame(address, message_id, serial, message.payload, parts=parts, part=part)
            ]
        return build_frames(address, message_id, serial, message.payload)
    try:
        message_id, body = _body_of(message, is_2019=address.version is not None)
    except (StructError, CommandError) as error:
        raise ValueError(f"a value does not fit its field: {error}") from error
    return build_frames(address, message_id, serial, body)


def encode_batch(
    reports: Sequence[Report],
    address: Address,
    serial: int,
    *,
    is_blind_area: bool,
    profile: Profile = STANDARD,
) -> list[bytes]:
    """Return the frames of an 0x0704: positions that were held back.

    Args:
        reports: One or more.
        address: The terminal.
        serial: Serial of the first frame.
        is_blind_area: Of where there was no network, as `Report.backlog` says.
        profile: The model that the terminal plays.

    Raises:
        ValueError: A value does not fit its field.
    """
    bodies = [encode_location(report, profile) for report in reports]
    kind = BLIND_AREA if is_blind_area else 0
    body = _BATCH_HEAD.pack(len(bodies), kind) + b"".join(
        _U16.pack(len(one)) + one for one in bodies
    )
    return build_frames(address, LOCATION_BATCH, serial, body)


def encode_location_answer(
    report: Report,
    to_serial: int,
    address: Address,
    serial: int,
    *,
    profile: Profile = STANDARD,
) -> list[bytes]:
    """Return the frames of an 0x0201, which answers the 0x8201 of a serial.

    Raises:
        ValueError: A value does not fit its field.
    """
    if not 0 <= to_serial <= MAX_SERIAL:
        raise ValueError(f"serial {to_serial} is outside 0 to {MAX_SERIAL}")
    body = _U16.pack(to_serial) + encode_location(report, profile)
    return build_frames(address, LOCATION_ANSWER, serial, body)


def encode_media(
    media: Media,
    report: Report,
    address: Address,
    serial: int,
    *,
    profile: Profile = STANDARD,
) -> list[bytes]:
    """Return the frames of an 0x0801 with the position where the recording was made.

    Raises:
        ValueError: A value does not fit its field, or the report has items: there is no room.
    """
    location = encode_location(report, profile)
    if len(location) != LOCATION_BYTES:
        raise ValueError("the position of a recording has no room for items")
    return build_frames(address, MEDIA_DATA, serial, write_media(media, location))


def _body_of(message: Message, *, is_2019: bool) -> tuple[int, bytes]:
    match message:
        case Login(step="register"):
            found = REGISTER, write_register(message, WIDTHS_2019 if is_2019 else WIDTHS_2013)
        case Login(step="authenticate"):
            found = AUTHENTICATE, write_authenticate(message, is_2019=is_2019)
        case Heartbeat():
            found = HEARTBEAT, _heartbeat(message)
        case Logout():
            found = LOGOUT, b""
        case Request(request="time"):
            found = TIME_REQUEST, b""
        case Request(request="resend"):
            wanted = ResendRequest(
                first_serial=message.extra["serial"], parts=tuple(message.extra["parts"])
            )
            found = RESEND_REQUEST, wanted.write(is_2019=is_2019)
        case Reply():
            found = _reply(message, is_2019=is_2019)
        case Media():
            event = MEDIA_EVENT if message.payload is None else MEDIA_DATA
            found = event, write_media(message)
        case _:
            raise ValueError(f"JT/T 808 has no message for {type(message).__name__}")
    return found


def _heartbeat(message: Heartbeat) -> bytes:
    if message.battery_pct is None:
        return b""
    extra = message.extra
    return bytes((message.battery_pct, extra.get("network_signal", 0), extra.get("status_bits", 0)))


def _reply(message: Reply, *, is_2019: bool) -> tuple[int, bytes]:
    if message.to == _QUERY_ATTRIBUTES:
        widths = ATTRIBUTE_WIDTHS_2019 if is_2019 else WIDTHS_2013
        return ATTRIBUTES, write_attributes(message, widths)
    answered, _, number = message.to.partition(":")
    message_id, serial = int(answered, 16), int(number)
    if message_id == _QUERY_ALL and "parameters" in message.extra:
        parameters = tuple(_parameters(message.extra["parameters"].items()))
        answer = ParameterAnswer(to_serial=serial, count=len(parameters), parameters=parameters)
        return PARAMETER_ANSWER, write_answer(answer)
    result = message.extra.get("result", 0 if message.ok else 1)
    return GENERAL_REPLY, _REPLY.pack(serial, message_id, result)


def _parameters(named: Iterable[tuple[str, Any]]) -> Iterable[Parameter]:
    for name, value in named:
        key, kind = _PARAMETER_IDS.get(name, (0, "bytes"))
        is_hex = kind == "bytes" and isinstance(value, str)
        yield Parameter(key or int(name, 16), bytes.fromhex(value) if is_hex else value)

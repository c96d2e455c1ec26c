"""Messages of a terminal, by id: a whole body to records (JT/T 808-2019 clause 8)."""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import msgspec

from firmware_protocols.errors import DecodeError, LengthError
from firmware_protocols.jt808.body import BodyReader
from firmware_protocols.jt808.header import Frame
from firmware_protocols.jt808.location import decode_location
from firmware_protocols.jt808.media import read_data, read_event
from firmware_protocols.jt808.parameters import parameters_extra, read_answer
from firmware_protocols.jt808.profiles import Profile
from firmware_protocols.jt808.registration import (
    read_attributes,
    read_authenticate,
    read_register,
)
from firmware_protocols.jt808.replies import ResendRequest
from firmware_protocols.jt808.vendor_location import (
    LOCATION_5501,
    LOCATION_5502,
    read_charge_status,
    read_short_batch,
    read_vendor_location,
)
from firmware_protocols.message import Heartbeat, Logout, Message, Reply, Request, Unknown


class Station(msgspec.Struct, frozen=True):
    """What the frames of one stream do not say themselves.

    Attributes:
        profile: The device-model profile.
        device: Device id for the records; empty takes the terminal's number.
        utc_offset_min: Offset of its clock where the registry knows better than the profile.
    """

    profile: Profile
    device: str = ""
    utc_offset_min: int | None = None

    def name(self, frame: Frame) -> str:
        """Return the device id for the records of a frame."""
        return self.device or frame.address.terminal

    @property
    def offset_min(self) -> int:
        """Offset of the terminal's clock from UTC, minutes."""
        known = self.utc_offset_min
        return self.profile.utc_offset_min if known is None else known

    def location(self, body: bytes, frame: Frame, *, backlog: bool = False) -> Message:
        """Return what a position's body says."""
        return decode_location(
            body,
            self.device or frame.address.terminal,
            self.profile,
            utc_offset_min=self.utc_offset_min,
            backlog=backlog,
        )


Read = Callable[[Frame, Station], list[Message]]

GENERAL_REPLY: Final = 0x0001
HEARTBEAT: Final = 0x0002
LOGOUT: Final = 0x0003
TIME_REQUEST: Final = 0x0004
RESEND_REQUEST: Final = 0x0005
REGISTER: Final = 0x0100
AUTHENTICATE: Final = 0x0102
PARAMETER_ANSWER: Final = 0x0104
ATTRIBUTES: Final = 0x0107
LOCATION: Final = 0x0200
LOCATION_ANSWER: Final = 0x0201
LOCATION_SHORT_BATCH: Final = 0x0210
LOCATION_BATCH: Final = 0x0704
MEDIA_EVENT: Final = 0x0800
MEDIA_DATA: Final = 0x0801
TRANSPARENT: Final = 0x0900

BLIND_AREA: Final = 1
"""Type of an 0x0704: positions of where there was no network; 0 is a usual batch."""

_GREATEST_PCT: Final = 100
_REPLY: Final = Struct(">HHB")
_BATCH_HEAD: Final = Struct(">HB")
_U16: Final = Struct(">H")
_OK: Final = 0
_MS_PER_MIN: Final = 60_000


def reply_key(message_id: int, serial: int) -> str:
    """Return what `Reply.to` is for a down-link: its id in hex and our serial, `8103:17`."""
    return f"{message_id:04x}:{serial}"


def decode_whole(frame: Frame, station: Station) -> list[Message]:
    """Return what a frame says that is a message of its own; unknown ids keep their bytes.

    Raises:
        DecodeError: Its body does not hold to its id.
    """
    if frame.message_id == LOCATION and not frame.tolerated:
        return [station.location(frame.body, frame)]
    read = _READERS.get(frame.message_id, _unknown)
    messages = read(frame, station)
    if frame.tolerated:
        messages = [
            msgspec.structs.replace(message, extra={**message.extra, "tolerated": frame.tolerated})
            for message in messages
        ]
    return messages


def _unknown(frame: Frame, station: Station) -> list[Message]:
    return [
        Unknown(
            device=station.name(frame),
            message=f"{frame.message_id:#06x}",
            payload=frame.body,
        )
    ]


def unknown_part(frame: Frame, station: Station) -> Unknown:
    """Return a part whose message is not whole."""
    return Unknown(
        device=station.name(frame),
        message=f"{frame.message_id:#06x}",
        payload=frame.body,
        extra={"part": frame.part, "parts": frame.parts, "serial": frame.serial},
    )


def _general_reply(frame: Frame, station: Station) -> list[Message]:
    if len(frame.body) < _REPLY.size:
        raise LengthError(
            f"a reply of {len(frame.body)} bytes, it has {_REPLY.size}", frame=frame.body
        )
    serial, message_id, result = _REPLY.unpack_from(frame.body)
    extra: dict[str, Any] = {"result": result}
    if len(frame.body) > _REPLY.size:
        extra["unknown"] = frame.body[_REPLY.size :].hex()
    key = reply_key(message_id, serial)
    return [Reply(device=station.name(frame), to=key, ok=result == _OK, extra=extra)]


def _heartbeat(frame: Frame, station: Station) -> list[Message]:
    """Empty in the standard; some terminals add charge, signal and state, a byte each."""
    body, device = frame.body, station.name(frame)
    if not body:
        return [Heartbeat(device=device)]
    if len(body) == 3 and body[0] <= _GREATEST_PCT:  # noqa: PLR2004  # the three bytes above
        extra = {"network_signal": body[1], "status_bits": body[2]}
        return [Heartbeat(device=device, battery_pct=body[0], extra=extra)]
    return [Heartbeat(device=device, extra={"unknown": body.hex()})]


def _logout(frame: Frame, station: Station) -> list[Message]:
    extra = {"unknown": frame.body.hex()} if frame.body else {}
    return [Logout(device=station.name(frame), extra=extra)]


def _time_request(frame: Frame, station: Station) -> list[Message]:
    return [Request(device=station.name(frame), request="time")]


def _resend_request(frame: Frame, station: Station) -> list[Message]:
    wanted = ResendRequest.read(BodyReader(frame.body), is_2019=frame.address.version is not None)
    extra = {"serial": wanted.first_serial, "parts": wanted.parts}
    return [Request(device=station.name(frame), request="resend", extra=extra)]


def _register(frame: Frame, station: Station) -> list[Message]:
    return [read_register(frame.body, frame.address, station.name(frame))]


def _authenticate(frame: Frame, station: Station) -> list[Message]:
    return [read_authenticate(frame.body, frame.address, station.name(frame))]


def _parameters(frame: Frame, station: Station) -> list[Message]:
    """0x0104 answers 0x8104 and 0x8106 alike; the key says 8104."""
    answer = read_answer(frame.body)
    extra = {"parameters": parameters_extra(answer.parameters)}
    key = reply_key(0x8104, answer.to_serial)
    return [Reply(device=station.name(frame), to=key, ok=True, extra=extra)]


def _attributes(frame: Frame, station: Station) -> list[Message]:
    return [read_attributes(frame.body, frame.address, station.name(frame))]


def _location(frame: Frame, station: Station) -> list[Message]:
    return [station.location(frame.body, frame)]


def _location_answer(frame: Frame, station: Station) -> list[Message]:
    if len(frame.body) < _U16.size:
        raise LengthError("the answer's serial is cut short", frame=frame.body)
    key = reply_key(0x8201, _U16.unpack_from(frame.body)[0])
    report = station.location(frame.body[_U16.size :], frame)
    return [Reply(device=station.name(frame), to=key, ok=True), report]


def _location_batch(frame: Frame, station: Station) -> list[Message]:
    body = frame.body
    if len(body) < _BATCH_HEAD.size:
        raise LengthError("the head of a batch is cut short", frame=body)
    count, kind = _BATCH_HEAD.unpack_from(body)
    bodies: list[bytes] = []
    at = _BATCH_HEAD.size
    while at < len(body):
        start = at + _U16.size
        end = start + int.from_bytes(body[at:start], "big")
        if end > len(body):
            raise LengthError("a position of a batch is cut short", frame=body, offset=at)
        bodies.append(body[start:end])
        at = end
    if len(bodies) != count and "length" not in station.profile.tolerate:
        raise LengthError(f"{len(bodies)} positions, the batch says {count}", frame=body)
    return _positions(bodies, frame, station, backlog=kind == BLIND_AREA)


def _positions(
    bodies: list[bytes], frame: Frame, station: Station, *, backlog: bool = False
) -> list[Message]:
    """Return what the positions of a batch say; one that does not decode costs not the others."""
    messages: list[Message] = []
    faults: list[DecodeError] = []
    for body in bodies:
        try:
            messages.append(station.location(body, frame, backlog=backlog))
        except DecodeError as error:
            faults.append(error)
            name, extra = station.name(frame), {"fault": str(error)}
            messages.append(Unknown(device=name, message="0x0200", payload=body, extra=extra))
    if faults and len(faults) == len(bodies):
        raise faults[0]
    return messages


def _short_batch(frame: Frame, station: Station) -> list[Message]:
    offset_ms = station.offset_min * _MS_PER_MIN
    status = read_charge_status(frame.body, station.name(frame), offset_ms)
    if status is not None:
        return [status]
    bodies = read_short_batch(frame.body)
    if bodies is None:
        return _unknown(frame, station)
    return _positions(bodies, frame, station)


def _media_event(frame: Frame, station: Station) -> list[Message]:
    return [read_event(frame.body, station.name(frame))]


def _media_data(frame: Frame, station: Station) -> list[Message]:
    media, location = read_data(frame.body, station.name(frame))
    if not location:
        return [media]
    try:
        return [media, station.location(location, frame)]
    except DecodeError:  # not 28 bytes of a position: they are the recording's own
        payload = location + (media.payload or b"")
        return [msgspec.structs.replace(media, payload=payload, size_bytes=len(payload))]


def _vendor_location(frame: Frame, station: Station) -> list[Message]:
    return [read_vendor_location(frame.message_id, frame.body, station.name(frame))]


_READERS: Final[dict[int, Read]] = {
    GENERAL_REPLY: _general_reply,
    HEARTBEAT: _heartbeat,
    LOGOUT: _logout,
    TIME_REQUEST: _time_request,
    RESEND_REQUEST: _resend_request,
    REGISTER: _register,
    AUTHENTICATE: _authenticate,
    PARAMETER_ANSWER: _parameters,
    ATTRIBUTES: _attributes,
    LOCATION: _location,
    LOCATION_ANSWER: _location_answer,
    LOCATION_SHORT_BATCH: _short_batch,
    LOCATION_BATCH: _location_batch,
    MEDIA_EVENT: _media_event,
    MEDIA_DATA: _media_data,
    LOCATION_5501: _vendor_location,
    LOCATION_5502: _vendor_location,
}

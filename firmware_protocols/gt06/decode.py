"""GT06 frames to records."""

import re
from datetime import UTC, datetime
from typing import Final

from firmware_protocols.errors import LengthError, OversizedError, SyntaxDecodeError
from firmware_protocols.gt06.book import BOOK
from firmware_protocols.gt06.cutter import MAX_FRAME_BYTES, Cutter
from firmware_protocols.gt06.fields import Cursor, Values, keep_unknown
from firmware_protocols.gt06.frame import LONG, SHORT, TAIL, Frame, declared_size, parse_frame
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.meaning import to_login, to_media, to_record
from firmware_protocols.gt06.profiles import Profile
from firmware_protocols.identity import content_seq
from firmware_protocols.message import Heartbeat, Login, Message, Reply, Report, Request, Unknown

MAX_PAYLOAD_BYTES: Final = 65_536
"""Several frames may be glued together; more than this no journal entry has."""

_GOOD_WORDS: Final = ("success", "ok")
_BAD_WORDS: Final = ("error", "fail", "not running", "unsuccess", "invalid", "wrong")
_KPH_PER_MPS: Final = 3.6

_PLACE: Final = re.compile(
    r"Current position!Lat:(?P<south>[NS])(?P<lat>\d{1,2}\.\d+),"
    r"Lon:(?P<west>[EW])(?P<lon>\d{1,3}\.\d+),Course:(?P<course>\d{1,3}\.\d+),"
    r"Speed:(?P<kph>\d{1,4}\.\d+),DateTime:"
    r"(?P<date>\d{4}-\d\d-\d\d) +(?P<time>\d\d:\d\d:\d\d)",
    re.ASCII,
)
"""The answer to WHERE#."""


class StreamDecoder:
    """Decodes one stream: a login names the frames after it and tells their time zone.

    Once it has held the logins of two terminals, none does.

    Attributes:
        utc_offset_min: Offset of the device's clock from UTC that now holds.
    """

    def __init__(
        self, profile: Profile, *, device: str = "", utc_offset_min: int | None = None
    ) -> None:
        """Take what the frames do not say.

        Args:
            profile: Device model.
            device: Device id; empty takes the IMEI of the login.
            utc_offset_min: Offset that is known better than the profile and the login know it.
        """
        self._profile = profile
        self._device = device
        self._terminal = ""
        self._is_collection = False
        self._fixed_offset = profile.utc_offset_min if utc_offset_min is None else utc_offset_min
        self.utc_offset_min = self._fixed_offset or 0

    @property
    def believes_login(self) -> bool:
        """Whether the time zone comes from the login."""
        return self._fixed_offset is None

    def decode(self, payload: bytes) -> list[Message]:
        """Return the messages of one or more whole frames; raises DecodeError."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise OversizedError(
                f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}",
                frame=payload[:MAX_FRAME_BYTES],
            )
        cutter = Cutter()
        messages: list[Message] = []
        for cut in cutter.feed(payload):
            if not cut.is_frame:
                raise SyntaxDecodeError("no frame begins here", frame=payload, offset=cut.offset)
            messages += self.decode_frame(parse_frame(cut.data, self._profile))
        held = cutter.held
        if held[:2] in (SHORT, LONG) and held.endswith(TAIL) and self._profile.tolerate_length:
            # A stream showed by what came after it that the frame ends before its length says.
            return messages + self.decode_frame(parse_frame(held, self._profile))
        if held or not payload:
            raise _unfinished(payload, len(payload) - len(held))
        return messages

    def decode_frame(self, frame: Frame) -> list[Message]:
        """Return the messages of one frame; raises DecodeError."""
        device = self._device or ("" if self._is_collection else self._terminal)
        layout = BOOK.of_frame(frame, self._profile)
        if layout is None:
            return [_unknown(frame, device)]
        values: Values = {}
        try:
            _read(frame, layout, self.utc_offset_min, values)
        except LengthError:
            # The checksum is right, so the bytes are as they were sent: a form nobody knows.
            return [_unknown(frame, device)]
        messages = self._meaning(frame, layout, values, device)
        if isinstance(messages[0], Login):
            self._log_in(messages[0])
        return messages

    def _log_in(self, login: Login) -> None:
        """Let a login name the frames after it and tell their zone, as on a connection.

        A connection has one terminal. Frames among the logins of several were collected from many
        connections: whose each is nobody knows, and a wrong name or hour is worse than none.
        """
        self._is_collection |= self._terminal not in ("", login.terminal)
        self._terminal = login.terminal
        if self.believes_login:
            self.utc_offset_min = 0 if self._is_collection else login.utc_offset_min or 0

    def _meaning(self, frame: Frame, layout: Layout, values: Values, device: str) -> list[Message]:
        extra = _form(frame, layout)
        if layout.sort == "login":
            return [to_login(values, device=self._device, body=frame.body)]
        if layout.sort == "time_request":
            return [Request(device=device, request="time", extra=values)]
        if layout.sort == "media":
            return [to_media(values | extra, device=device)]
        seq = content_seq(bytes((frame.type,)) + frame.body)
        if layout.sort == "reply":
            return _answer(values | extra, device=device, seq=seq, offset_min=self.utc_offset_min)
        record: Report | Heartbeat = to_record(
            values | extra, layout, self._profile, device=device, seq=seq
        )
        return [record]


def _read(frame: Frame, layout: Layout, utc_offset_min: int, values: Values) -> None:
    body = frame.body if layout.has_serial else bytes((frame.length,)) + frame.body
    cursor = Cursor(body, utc_offset_min)
    for field in layout.fields:
        field.read(cursor, values)
    if cursor.left:
        keep_unknown(values, "tail", cursor.take(cursor.left))


def _form(frame: Frame, layout: Layout | None) -> Values:
    extra: Values = {"message": f"0x{frame.type:02x}"}
    if layout is not None and layout.variant:
        extra["variant"] = layout.variant
    if frame.is_long:
        extra["long_form"] = True
    if frame.tolerated:
        extra["tolerated"] = list(frame.tolerated)
    return extra


def _unknown(frame: Frame, device: str) -> Unknown:
    extra = _form(frame, None)
    return Unknown(device=device, message=extra.pop("message"), payload=frame.body, extra=extra)


def _answer(values: Values, *, device: str, seq: int, offset_min: int) -> list[Message]:
    to, text = f"{values.pop('flag'):08x}", values.pop("text", "")
    reply = Reply(device=device, to=to, ok=_said_yes(text), text=text, extra=values)
    found = _PLACE.match(text)
    if found is None:
        return [reply]
    try:
        at = datetime.fromisoformat(f"{found['date']} {found['time']}").replace(tzinfo=UTC)
    except ValueError:
        return [reply]
    latitude, longitude = float(found["lat"]), float(found["lon"])
    if latitude > 90 or longitude > 180:  # noqa: PLR2004  # degrees of a globe
        return [reply]
    place = Report(
        device=device,
        kind="fix",
        fix_time_ms=round(at.timestamp()) * 1_000 - offset_min * 60_000,
        boot=0,
        seq=seq,
        longitude_deg=-longitude if found["west"] == "W" else longitude,
        latitude_deg=-latitude if found["south"] == "S" else latitude,
        datum="WGS84",
        speed_mps=float(found["kph"]) / _KPH_PER_MPS,
        heading_deg=float(found["course"]) % 360,
        extra=values,
    )
    return [reply, place]


def _said_yes(text: str) -> bool | None:
    lower = text.lower()
    if any(word in lower for word in _BAD_WORDS):
        return False
    return True if any(word in lower for word in _GOOD_WORDS) else None


def _unfinished(payload: bytes, at: int) -> SyntaxDecodeError | LengthError:
    rest = payload[at:]
    if rest[:2] in (SHORT, LONG) and len(rest) >= len(SHORT) + 2:
        size = declared_size(rest)
        if size <= MAX_FRAME_BYTES:
            return LengthError(
                f"the frame says {size} bytes, {len(rest)} are there", frame=payload, offset=at
            )
    return SyntaxDecodeError(
        "a frame begins with 7878 or 7979 and ends with 0d0a", frame=payload, offset=at
    )

"""The platform's side of a GT06 connection."""

from collections import deque
from typing import Final

import msgspec

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission, Admit, Cut, Sent, Turn, is_urgent
from firmware_protocols.errors import ProfileError
from firmware_protocols.gt06.book import BOOK
from firmware_protocols.gt06.commands import command_words
from firmware_protocols.gt06.cutter import Cutter
from firmware_protocols.gt06.decode import StreamDecoder
from firmware_protocols.gt06.encode import (
    encode_ack,
    encode_address,
    encode_command,
    encode_time,
    encode_wifi_ack,
)
from firmware_protocols.gt06.frame import TYPE_LOGIN, Frame, parse_frame
from firmware_protocols.gt06.profiles import STANDARD, Profile, find_profile
from firmware_protocols.message import Heartbeat, Login, Message, Reply, Request

_COMMAND_TYPES: Final = frozenset({0x80, 0x81, 0x82})
_SERIALS: Final = 1 << 16
_FLAGS: Final = 1 << 32
_NO_FLAG: Final = f"{0:08x}"
_OPEN_COMMANDS_MAX: Final = 16
"""Commands whose answers are waited for; the oldest is forgotten first."""


class Gt06Dialogue:
    """One connection; see `firmware_protocols.dialogue.Dialogue`."""

    def __init__(self) -> None:
        """Begin before the login."""
        self.admission: Admission | None = None
        self._profile: Profile = STANDARD
        self._decoder = StreamDecoder(STANDARD)
        self._terminal = ""
        self._login_frame = b""
        self._cutter = Cutter()
        self._serial = 0
        self._flag = 0
        self._open: deque[str] = deque(maxlen=_OPEN_COMMANDS_MAX)

    @property
    def buffered(self) -> int:
        """Bytes held back."""
        return self._cutter.buffered

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order."""
        return self._cutter.feed(data)

    def take(self, frame: bytes, now_ms: int, admit: Admit) -> Turn:
        """Return what a frame asks for; raises DecodeError."""
        parsed = parse_frame(frame, self._profile)
        if parsed.type == TYPE_LOGIN:
            return self._login(frame, parsed, admit)
        if self.admission is None:
            return Turn(refused="not_logged_in")
        messages = tuple(self._named(message) for message in self._decoder.decode_frame(parsed))
        if isinstance(messages[0], Request):
            time = encode_time(now_ms, serial=parsed.serial or 0)
            return Turn(messages=messages, at_once=time)
        answer = self._answer(parsed)
        if isinstance(messages[0], Reply):
            payload = self._payload(frame) if len(messages) > 1 else b""
            return Turn(messages=messages, payload=payload, after_commit=answer)
        is_beat = isinstance(messages[0], Heartbeat) and not messages[0].alarms
        return Turn(
            messages=messages,
            at_once=answer if is_beat else b"",
            payload=self._payload(frame),
            after_commit=b"" if is_beat else answer,
            is_urgent=is_urgent(messages),
        )

    def due(self, now_ms: int) -> bytes:  # noqa: ARG002  # GT06 asks for nothing again
        """Return nothing: GT06 has no parts to ask for."""
        return b""

    def command(self, command: Command) -> Sent:
        """Return a command; raises CommandError."""
        words = command_words(command, self._profile)
        # Zero is what terminals answer that do not repeat the flag.
        self._flag = self._flag % (_FLAGS - 1) + 1
        key = f"{self._flag:08x}"
        self._serial = (self._serial + 1) % _SERIALS
        data = encode_command(words, flag=self._flag, serial=self._serial)
        self._open.append(key)
        return Sent(data=data, key=key)

    def _login(self, frame: bytes, parsed: Frame, admit: Admit) -> Turn:
        login = StreamDecoder(self._profile).decode_frame(parsed)[0]
        if not isinstance(login, Login):
            return Turn(refused="login_unknown")
        if self._terminal not in ("", login.terminal):
            return Turn(refused="identity_changed", close=True)
        admission = admit(login)
        if admission is None:
            return Turn(refused="unknown_terminal", close=True)
        if self.admission is not None and admission.device != self.admission.device:
            return Turn(refused="identity_changed", close=True)
        try:
            self._profile = find_profile(admission.profile)
        except ProfileError:
            return Turn(refused="unknown_profile", close=True)
        self.admission, self._terminal = admission, login.terminal
        self._decoder = StreamDecoder(
            self._profile, device=admission.device, utc_offset_min=admission.utc_offset_min
        )
        self._decoder.decode_frame(parsed)
        is_zone_told = self._decoder.believes_login and self._decoder.utc_offset_min != 0
        self._login_frame = frame if is_zone_told else b""
        named = msgspec.structs.replace(login, device=admission.device)
        return Turn(messages=(named,), at_once=encode_ack(TYPE_LOGIN, serial=parsed.serial or 0))

    def _payload(self, frame: bytes) -> bytes:
        """Return what to journal: the login goes before the frame when it alone tells the zone."""
        return self._login_frame + frame

    def _named(self, message: Message) -> Message:
        if not isinstance(message, Reply):
            return message
        # Some terminals answer with a zero flag; commands are then answered in their order.
        if message.to == _NO_FLAG and self._open:
            return msgspec.structs.replace(message, to=self._open.popleft())
        if message.to in self._open:
            self._open.remove(message.to)
        return message

    def _answer(self, parsed: Frame) -> bytes:
        layout = BOOK.of_frame(parsed, self._profile)
        # A type that nobody knows is answered like most are, or the terminal sends it for ever.
        form = "short" if layout is None else layout.ack
        if layout is None and (parsed.is_long or parsed.type in _COMMAND_TYPES):
            return b""
        serial = parsed.serial or 0
        if form == "wifi":
            return encode_wifi_ack(parsed.type, parsed.body)
        if form == "address":
            return encode_address(serial=serial)
        if form:
            return encode_ack(parsed.type, serial=serial, is_long=form == "long")
        return b""

"""The platform's side of a JT/T 808 connection; see docs/protocols/jt808.md, "Replies"."""

import hmac

from firmware_protocols.codec import Context
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Admission, Admit, Cut, Sent, Turn, is_urgent
from firmware_protocols.errors import CommandError, DecodeError, UnsupportedError
from firmware_protocols.jt808 import answers
from firmware_protocols.jt808.answers import (
    AUTHENTICATE,
    CARRIES_NO_DATA,
    LOG_OUT,
    REGISTER,
    general_replies,
    kept_replies,
    missing_request,
    vendor_reply,
)
from firmware_protocols.jt808.body import BodyReader
from firmware_protocols.jt808.commands import down_link
from firmware_protocols.jt808.down import Down
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.jt808.header import Frame, parse_frame
from firmware_protocols.jt808.opening import open_decoder
from firmware_protocols.jt808.profiles import profile_of
from firmware_protocols.jt808.reassembly import Assembler
from firmware_protocols.jt808.replies import (
    BAD_MESSAGE,
    FAILED,
    NO_TERMINAL,
    OK,
    REGISTERED,
    TERMINAL_TAKEN,
    RegisterReply,
    ResendRequest,
    ServerTime,
    VendorTime,
)
from firmware_protocols.jt808.sender import Sender
from firmware_protocols.jt808.uplink import reply_key
from firmware_protocols.message import Login, Message


class Jt808Dialogue:
    """One connection.

    Attributes:
        admission: The terminal that speaks; None before its login and after its 0x0003.
    """

    def __init__(self) -> None:
        """Begin before the first byte."""
        self.admission: Admission | None = None
        self._device = ""
        self._cutter = FrameCutter()
        self._assembler = Assembler()
        self._sender = Sender()
        self._decode = open_decoder(Context())

    @property
    def buffered(self) -> int:
        """Bytes held back: of a frame that is not whole, of parts that wait for others."""
        return self._cutter.buffered + self._assembler.held_bytes

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order; the rest is kept, bounded."""
        return self._cutter.feed(data)

    def take(self, frame: bytes, now_ms: int, admit: Admit) -> Turn:
        """Return what a frame asks for.

        Raises:
            DecodeError: It is not a message of the protocol. The conversation goes on.
        """
        tolerate = profile_of(self.admission.profile).tolerate if self.admission else ()
        parsed = parse_frame(frame, tolerate)
        if self._sender.terminal not in {"", parsed.address.terminal}:
            return Turn(refused="identity_changed", close=True)
        self._sender.mirror(parsed.address)
        if parsed.message_id in {REGISTER, AUTHENTICATE}:
            if parsed.parts:
                raise UnsupportedError("a login in parts", frame=frame)
            log_in = self._register if parsed.message_id == REGISTER else self._authenticate
            return log_in(parsed, frame, admit)
        refusal = None if self.admission else self._walk_in(parsed, admit)
        return refusal or self._gather(parsed, frame, now_ms)

    def due(self, now_ms: int) -> bytes:
        """Return requests for parts that are missing too long; drops messages that expired."""
        overdue = self._assembler.overdue(now_ms)
        return self._sender.write(*(missing_request(assembly) for assembly in overdue))

    def command(self, command: Command) -> Sent:
        """Return a command in the protocol's form.

        Raises:
            CommandError: It lacks its argument or the approvals, or nobody has come in.
        """
        if self.admission is None:
            raise CommandError("no terminal has come in on this connection")
        return self.send(down_link(command, is_2019=self._sender.is_2019))

    def send(self, message: Down) -> Sent:
        """Return any down-link; the terminal may ask for parts of a long one again.

        Raises:
            CommandError: A value does not fit its field, or no frame has come yet.
        """
        key = reply_key(message.message_id, self._sender.serial)
        return Sent(data=self._sender.write(message), key=key)

    def _register(self, parsed: Frame, frame: bytes, admit: Admit) -> Turn:
        login = _login_of(self._decode(frame))
        admission = admit(login)
        if admission is None:
            # A number that may come in by itself is refused for the rest: its place is taken.
            number = Login(device=login.device, step="login", terminal=login.terminal)
            if admit(number) is None:
                return self._register_refused(parsed, NO_TERMINAL, "unknown_terminal")
            return self._register_refused(parsed, TERMINAL_TAKEN, "identity_taken")
        if _requires_auth(admission) and not admission.auth_code:
            return self._register_refused(parsed, NO_TERMINAL, "no_auth_code")
        if not _requires_auth(admission) and not self._enter(admission):
            return Turn(refused="identity_changed", close=True)
        reply = RegisterReply(
            to_serial=parsed.serial, result=REGISTERED, auth_code=admission.auth_code
        )
        messages = tuple(self._decode(frame)) if self.admission else ()
        return Turn(messages=messages, at_once=self._sender.write(reply))

    def _register_refused(self, parsed: Frame, result: int, reason: str) -> Turn:
        reply = RegisterReply(to_serial=parsed.serial, result=result)
        return Turn(at_once=self._sender.write(reply), refused=reason)

    def _authenticate(self, parsed: Frame, frame: bytes, admit: Admit) -> Turn:
        login = _login_of(self._decode(frame))
        admission = admit(login)
        if admission is None or not _shows_code(login, admission):
            return Turn(
                at_once=self._sender.write(*general_replies((parsed,), FAILED)),
                refused="unknown_terminal" if admission is None else "wrong_code",
                close=self.admission is not None,
            )
        if not self._enter(admission):
            return Turn(refused="identity_changed", close=True)
        return Turn(
            messages=tuple(self._decode(frame)),
            at_once=self._sender.write(*general_replies((parsed,), OK)),
        )

    def _walk_in(self, parsed: Frame, admit: Admit) -> Turn | None:
        """Let in a model that does not log in; else return the refusal."""
        terminal = parsed.address.terminal
        admission = admit(Login(device=terminal, step="login", terminal=terminal))
        if admission is None:
            return Turn(refused="unknown_terminal")
        if _requires_auth(admission):
            return Turn(
                at_once=self._sender.write(*general_replies((parsed,), FAILED)),
                refused="not_authenticated",
            )
        if not self._enter(admission):
            return Turn(refused="identity_changed", close=True)
        return None

    def _enter(self, admission: Admission) -> bool:
        """Take an admission; False if the connection is another device's."""
        if self._device not in {"", admission.device}:
            return False
        self.admission, self._device = admission, admission.device
        self._decode = open_decoder(
            Context(
                device=admission.device,
                profile=admission.profile,
                utc_offset_min=admission.utc_offset_min,
            )
        )
        return True

    def _gather(self, parsed: Frame, frame: bytes, now_ms: int) -> Turn:
        """Return what the message asks for that a frame is or completes."""
        if not parsed.parts:
            return self._whole((parsed,), frame, now_ms)
        parts = self._assembler.add(parsed, frame, now_ms)
        if not parts:
            return Turn()
        frames = tuple(part.frame for part in parts)
        return self._whole(frames, b"".join(part.raw for part in parts), now_ms)

    def _whole(self, frames: tuple[Frame, ...], payload: bytes, now_ms: int) -> Turn:
        """Return what a message asks for, in one frame or all of its parts."""
        try:
            messages = tuple(self._decode(payload))
        except DecodeError:
            # It goes to the quarantine by way of the journal; without a reply the terminal would
            # send it for ever, and nothing after it.
            replies = general_replies(frames, BAD_MESSAGE)
            return Turn(payload=payload, after_commit=self._sender.write(*replies))
        if frames[0].message_id in CARRIES_NO_DATA:
            turn = Turn(messages=messages, at_once=self._at_once(frames, now_ms))
            if frames[0].message_id == LOG_OUT:
                self.admission = None
            return turn
        return Turn(
            messages=messages,
            payload=payload,
            after_commit=self._after_commit(frames),
            is_urgent=is_urgent(messages),
        )

    def _after_commit(self, frames: tuple[Frame, ...]) -> bytes:
        return self._sender.write(*kept_replies(frames)) + vendor_reply(
            frames[0].address, frames[0]
        )

    def _at_once(self, frames: tuple[Frame, ...], now_ms: int) -> bytes:
        match frames[0].message_id:
            case answers.TERMINAL_REPLY:
                return b""
            case answers.ASK_TIME:
                return self._sender.write(ServerTime(time_ms=now_ms))
            case answers.ASK_TIME_VENDOR:
                return self._sender.write(VendorTime(time_ms=now_ms))
            case answers.ASK_RESEND:
                return self._resend(frames)
        return self._sender.write(*general_replies(frames, OK))

    def _resend(self, asked: tuple[Frame, ...]) -> bytes:
        reader = BodyReader(b"".join(frame.body for frame in asked))
        request = ResendRequest.read(reader, is_2019=self._sender.is_2019)
        parts = b"".join(self._sender.resend(request))
        return parts or self._sender.write(*general_replies(asked, FAILED))


def _requires_auth(admission: Admission) -> bool:
    return profile_of(admission.profile).requires_auth


def _shows_code(login: Login, admission: Admission) -> bool:
    if not _requires_auth(admission):
        return True
    shown, wanted = (login.auth_code or "").encode(), admission.auth_code.encode()
    return bool(wanted) and hmac.compare_digest(shown, wanted)


def _login_of(messages: list[Message]) -> Login:
    return next(message for message in messages if isinstance(message, Login))

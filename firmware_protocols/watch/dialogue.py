"""The platform's side of a watch's connection.

The protocol has no login: every frame says the watch's number, and the first one is the login.
"""

from typing import Final

from firmware_protocols.codec import Context
from firmware_protocols.command import Command, require_approval
from firmware_protocols.dialogue import Admission, Admit, Cut, Sent, Turn, is_urgent
from firmware_protocols.errors import CommandError, UnsupportedCommandError
from firmware_protocols.message import Heartbeat, Login, Media, Message, Report, Unknown
from firmware_protocols.watch.frame import Frame, build_frame, parse_frame
from firmware_protocols.watch.framing import Framer
from firmware_protocols.watch.opening import open_decoder
from firmware_protocols.watch.profiles import profile_named
from firmware_protocols.watch.words import ALARM_WORD

# Part I: what a watch waits for before it says anything else.
_REPLIES_AT_ONCE: Final = {
    "INIT": "INIT,1",
    "LK": "LK",
    "TKQ": "TKQ",
    "TKQ2": "TKQ2",
    "CONFIG": "CONFIG,1",
}
# What tells the watch that its data are kept. UD, UD2 and WT have no reply in the protocol.
_REPLIES_AFTER_COMMIT: Final = {
    "bphrt": "bphrt",
    "oxygen": "oxygen,1",
    "btemp2": "btemp2",
    "TK": "TK,1",
    "TK2": "TK2,1",
    "JXTK": "JXTKR,1",
}
_INDEX_MODULUS: Final = 1 << 16


class WatchDialogue:
    """One connection.

    Attributes:
        admission: The watch that speaks; None before its first frame was let in.
    """

    def __init__(self) -> None:
        """Begin before the first byte."""
        self.admission: Admission | None = None
        self._framer = Framer()
        self._terminal = ""
        self._maker = ""
        self._has_index = False
        self._commands_sent = 0

    @property
    def buffered(self) -> int:
        """Bytes held back of a frame that is not whole, and of garbage."""
        return self._framer.buffered

    def feed(self, data: bytes) -> list[Cut]:
        """Return what `data` completes, in order."""
        return self._framer.feed(data)

    def take(self, frame: bytes, now_ms: int, admit: Admit) -> Turn:  # noqa: ARG002  # no reply tells the time
        """Return what a frame asks for.

        Raises:
            DecodeError: It is not of the protocol. The conversation goes on.
        """
        parsed = parse_frame(frame, tolerate_length=True)
        if self.admission is None:
            login = Login(device=parsed.terminal, step="login", terminal=parsed.terminal)
            self.admission = admit(login)
            if self.admission is None:
                return Turn(refused="unknown_terminal")
            self._terminal = parsed.terminal
        elif parsed.terminal != self._terminal:
            return Turn(refused="identity_changed", close=True)
        self._maker, self._has_index = parsed.maker, bool(parsed.index)
        admission = self.admission
        decode = open_decoder(
            Context(
                device=admission.device,
                profile=admission.profile,
                utc_offset_min=admission.utc_offset_min,
            )
        )
        messages = tuple(decode(frame))
        is_kept = any(_is_kept(message) for message in messages)
        return Turn(
            messages=messages,
            at_once=_reply(parsed, _REPLIES_AT_ONCE.get(parsed.word)),
            payload=frame if is_kept else b"",
            after_commit=_reply(parsed, _reply_after_commit(parsed)) if is_kept else b"",
            is_urgent=is_urgent(messages),
        )

    def due(self, now_ms: int) -> bytes:  # noqa: ARG002  # nothing of this protocol has a time-out
        """Return nothing: the watch repeats what it needs."""
        return b""

    def command(self, command: Command) -> Sent:
        """Return a command in the protocol's form; a watch answers with the command's word.

        Raises:
            CommandError: It has no such command, or the approvals are missing.
        """
        require_approval(command.name, command.approved_by)
        if self.admission is None:
            raise CommandError("no watch has come in on this connection yet")
        word, content = self._content(command, self.admission.profile)
        index = ""
        if self._has_index:
            self._commands_sent = (self._commands_sent + 1) % _INDEX_MODULUS
            index = f"{self._commands_sent:04X}"
        data = build_frame(self._maker, self._terminal, index, content.encode())
        return Sent(data=data, key=word)

    def _content(self, command: Command, profile: str) -> tuple[str, str]:
        match command.name:
            case "set_interval":
                least_s = profile_named(profile).interval_s_min
                if command.interval_s is None or command.interval_s < least_s:
                    raise CommandError(f"interval_s {command.interval_s}: at least {least_s}")
                return "UPLOAD", f"UPLOAD,{command.interval_s}"
            case "text" | "task":
                # Part II item 27: UTF-16, big end first, in hexadecimal.
                text = (command.text or "").encode("utf-16-be", "surrogatepass")
                return "MESSAGE", f"MESSAGE,{text.hex().upper()}"
            case "close_link" | "close_radio":
                raise UnsupportedCommandError(f"a watch has no command for {command.name!r}")
        word = _PLAIN_COMMANDS[command.name]
        return word, word


_PLAIN_COMMANDS: Final = {
    "locate": "CR",
    "restart": "RESET",
    "power_off": "POWEROFF",
    "factory_reset": "FACTORY",
}


def _reply(frame: Frame, content: str | None) -> bytes:
    """Return a reply under the maker's letters and the index of what it answers."""
    if content is None:
        return b""
    return build_frame(frame.maker, frame.terminal, frame.index, content.encode())


def _reply_after_commit(frame: Frame) -> str | None:
    if frame.word.startswith(ALARM_WORD):
        return ALARM_WORD
    return _REPLIES_AFTER_COMMIT.get(frame.word)


def _is_kept(message: Message) -> bool:
    if isinstance(message, Heartbeat):
        # A bare LK says no more than that the link is there.
        return message.extra.get("message") != "LK" or message.steps is not None
    return isinstance(message, Report | Media | Unknown)

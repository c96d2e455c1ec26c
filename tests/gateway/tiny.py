"""A line protocol with a dialogue: every turn that a listener must handle can be asked for."""

from firmware_protocols.alarm import URGENT_ALARMS, alarms_to_mask
from firmware_protocols.codec import Codec, Context
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Cut, Sent, Turn
from firmware_protocols.errors import FieldError, UnsupportedCommandError
from firmware_protocols.message import Heartbeat, Login, Reply, Report, Unknown

# What a terminal may say, and what it hears:
#   login NUMBER [SERIAL]        -> welcome | who?
#   beat                         -> beat
#   alive BATTERY                -> alive (at once; a heartbeat with a state)
#   fix SEQ TIME_MS LON LAT [ALARM]  -> kept SEQ (after the commit)
#   as NUMBER                    -> refused: another terminal's name
#   big N                        -> N bytes at once
#   odd                          -> kept odd (a message that nobody knows)
#   done KEY                     -> an answer to a command
#   crash                        -> a fault of ours
#   bye                          -> the connection ends

MAX_LINE_BYTES = 256


def _messages(line: bytes, device: str) -> list:
    words = line.decode("ascii", "replace").split()
    match words:
        case ["login", number, *serial]:
            said = serial[0] if serial else None
            return [Login(device=device, step="register", terminal=number, serial=said)]
        case ["beat" | "bye" | "crash"] | ["big", _]:
            return [Heartbeat(device=device)]
        case ["alive", battery]:
            return [Heartbeat(device=device, battery_pct=int(battery))]
        case ["fix", seq, time_ms, lon, lat, *alarms]:
            return [
                Report(
                    device=device,
                    kind="fix",
                    fix_time_ms=int(time_ms),
                    boot=0,
                    seq=int(seq),
                    longitude_deg=float(lon),
                    latitude_deg=float(lat),
                    datum="WGS84",
                    accuracy_m=8.0,
                    alarms=tuple(alarms),
                )
            ]
        case ["odd"]:
            return [Unknown(device=device, message="odd", payload=line)]
        case ["done", key]:
            return [Reply(device=device, to=key, ok=True)]
    raise FieldError(f"{line!r} is no line of this protocol", frame=line)


def open_decoder(context: Context):
    return lambda payload: [
        said for line in payload.splitlines() for said in _messages(line, context.device)
    ]


class TinyDialogue:
    def __init__(self) -> None:
        self.admission = None
        self._buffer = b""
        self._offset = 0

    @property
    def buffered(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Cut]:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        cuts = [self._cut(line + b"\n", is_frame=len(line) <= MAX_LINE_BYTES) for line in lines]
        if len(self._buffer) > MAX_LINE_BYTES:
            cuts.append(self._cut(self._buffer, is_frame=False))
            self._buffer = b""
        return cuts

    def _cut(self, data: bytes, *, is_frame: bool) -> Cut:
        cut = Cut(offset=self._offset, data=data[:1024], size=len(data), is_frame=is_frame)
        self._offset += len(data)
        return cut

    def take(self, frame: bytes, _now_ms: int, admit) -> Turn:
        words = frame.split()
        if words[:1] == [b"login"]:
            return self._log_in(frame, admit)
        if self.admission is None:
            raise FieldError("log in first", frame=frame)
        if words[:1] == [b"as"]:
            return Turn(refused="identity_changed", close=True)
        return self._say(frame, words, tuple(_messages(frame, self.admission.device)))

    def _log_in(self, frame: bytes, admit) -> Turn:
        (login,) = _messages(frame, "")
        self.admission = admit(login) or self.admission
        if self.admission is None:
            return Turn(at_once=b"who?\n", refused="unknown_terminal")
        return Turn(at_once=b"welcome\n", messages=(login,))

    def _say(self, frame: bytes, words: list[bytes], messages: tuple) -> Turn:
        match words:
            case [b"big", count]:
                return Turn(messages=messages, at_once=b"x" * int(count))
            case [b"crash"]:
                raise KeyError("as a bug would")
            case [b"bye"]:
                return Turn(messages=messages, at_once=b"bye\n", close=True)
            case [b"beat"] | [b"alive", _]:
                return Turn(messages=messages, at_once=words[0] + b"\n")
            case [b"done", _]:
                return Turn(messages=messages)
        alarms = {alarm for said in messages for alarm in getattr(said, "alarms", ())}
        after = b"kept " + (words[1] if len(words) > 1 else words[0]) + b"\n"
        return Turn(
            messages=messages,
            payload=frame,
            after_commit=after,
            is_urgent=bool(alarms_to_mask(alarms) & URGENT_ALARMS),
        )

    def due(self, _now_ms: int) -> bytes:
        return b""

    def command(self, command: Command) -> Sent:
        if command.name == "text":
            raise UnsupportedCommandError("no display")
        return Sent(data=f"do {command.id} {command.name}\n".encode(), key=command.id)


TINY = Codec(name="watch", form="text", open=open_decoder, dialogue=TinyDialogue)

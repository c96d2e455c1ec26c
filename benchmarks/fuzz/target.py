"""What is fuzzed, and what must hold whatever the bytes are.

A target takes bytes and returns; anything that it raises is a finding. The first two bytes choose
profile and manner, the rest is frames with SEPARATOR between them.
"""

import json
import math
from collections.abc import Callable, Iterable
from typing import Final

from benchmarks.fuzz.sealing import AUTH_CODE, LOGINS, SEALS
from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.dialogue import Admission, Cut, Dialogue
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Login, Message, Report
from guitu.message_json import message_object

Target = Callable[[bytes], None]

SEPARATOR: Final = b"\xf0\x9fGT"
HEAD_BYTES: Final = 2
MAX_BUFFERED_BYTES: Final = 4 << 20
"""What a dialogue may hold back: well above every codec's own bound, well below a memory leak."""

_NOW_MS: Final = 1_795_312_923_000
_STEP_MS: Final = 120_000
_DEVICE: Final = "d-1"
_SEALED: Final = 1
_IN_PIECES: Final = 2
_WITH_KEYS: Final = 0x80
LOGGED_IN: Final = 0x40


def target_names() -> list[str]:
    """Return the targets: a decoder per codec, a conversation per codec that has one."""
    talking = [f"{name}-dialogue" for name, codec in CODECS.items() if codec.dialogue is not None]
    return [*CODECS, *talking]


def target_of(name: str) -> Target:
    """Return a target by its name; an unknown name raises KeyError."""
    if name in CODECS:
        return _decoder_target(CODECS[name])
    return _dialogue_target(CODECS[name.removesuffix("-dialogue")])


def _decoder_target(codec: Codec) -> Target:
    def run(data: bytes) -> None:
        head, frames = _split(codec, data)
        keys = {1: bytes(32)} if head[1] & _WITH_KEYS else {}
        decode = codec.open(Context(device=_DEVICE, profile=_profile(codec, head), keys=keys))
        for frame in frames:
            require_sound(_decoded(decode, frame))

    return run


def _dialogue_target(codec: Codec) -> Target:
    make = codec.dialogue
    if make is None:
        raise KeyError(codec.name)

    def run(data: bytes) -> None:
        head, frames = _split(codec, data)
        login = LOGINS.get(codec.name, b"") if head[1] & LOGGED_IN else b""
        stream = login + b"".join(frames)
        whole = make()
        cuts = whole.feed(stream)
        _require_in_order(cuts, len(stream))
        if head[0] & _IN_PIECES:
            size = 1 + head[1] % 16
            pieces = make()
            parts = [stream[at : at + size] for at in range(0, len(stream), size)]
            again = [cut for part in parts for cut in pieces.feed(part)]
            if _frames(cuts) != _frames(again):
                raise AssertionError(f"cut in pieces of {size}: {_frames(again)}")
        _converse(codec, whole, head, cuts)

    return run


def _converse(codec: Codec, dialogue: Dialogue, head: bytes, cuts: list[Cut]) -> None:
    profile = _profile(codec, head)
    admission = Admission(device=_DEVICE, profile=profile, auth_code=AUTH_CODE)

    def admit(login: Login) -> Admission | None:
        return None if login.terminal.endswith("9") else admission

    now_ms = _NOW_MS
    for cut in cuts:
        if not cut.is_frame:
            continue
        try:
            turn = dialogue.take(cut.data, now_ms, admit)
        except DecodeError:
            continue
        require_sound(turn.messages)
        if turn.payload:
            # What is journaled must say what was said: recovery decodes it again.
            decode = codec.open(Context(device=_DEVICE, profile=profile))
            # A sound frame with a bad body is journaled too, for quarantine: it has no reports.
            again = [said for said in _decoded(decode, turn.payload) if isinstance(said, Report)]
            if again != [said for said in turn.messages if isinstance(said, Report)]:
                raise AssertionError(f"{turn.messages} is journaled as {again}")
        now_ms += _STEP_MS
        dialogue.due(now_ms)
        if dialogue.buffered > MAX_BUFFERED_BYTES:
            raise AssertionError(f"{dialogue.buffered} bytes are held back")


def _split(codec: Codec, data: bytes) -> tuple[bytes, list[bytes]]:
    head = data[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0")
    frames = data[HEAD_BYTES:].split(SEPARATOR)
    if head[0] & _SEALED and codec.name in SEALS:
        seal, _ = SEALS[codec.name]
        frames = [seal(frame) for frame in frames]
    return head, frames


def _profile(codec: Codec, head: bytes) -> str:
    allowed = ("", *codec.profiles)
    return allowed[(head[0] >> 2) % len(allowed)]


def _decoded(decode: Decoder, frame: bytes) -> list[Message]:
    try:
        return decode(frame)
    except DecodeError as error:
        if not str(error) or (error.offset is not None and error.offset < 0):
            raise AssertionError(f"an error without place or words: {error!r}") from error
        return []


def require_sound(messages: Iterable[Message]) -> None:
    """Return if every record holds to firmware_protocols.message.

    Raises:
        AssertionError: One does not; the text shows it.
    """
    for message in messages:
        json.dumps(message_object(message, is_numbered=True), allow_nan=False)
        if not set(getattr(message, "alarms", ())) <= ALARM_BITS.keys():
            raise AssertionError(f"alarms of no name: {message}")
        if isinstance(message, Report) and not _is_sound(message):
            raise AssertionError(f"not a report: {message}")


def _is_sound(report: Report) -> bool:
    numbers = (getattr(report, name) for name in report.__struct_fields__)
    if not all(math.isfinite(value) for value in numbers if isinstance(value, float)):
        return False
    has_position = report.longitude_deg is not None
    if (report.kind == "fix") is not has_position or (report.datum is None) is has_position:
        return False
    return (
        (report.latitude_deg is None) is not has_position
        and -180 <= (report.longitude_deg or 0) <= 180
        and -90 <= (report.latitude_deg or 0) <= 90
        and 0 <= (report.heading_deg or 0) < 360
        and 0 <= (report.battery_pct or 0) <= 100
        and 0 <= report.seq < 1 << 53
        and 0 <= report.boot < 1 << 32
        and abs(report.fix_time_ms) < 1 << 53
        and len(set(report.alarms)) == len(report.alarms)
    )


def _frames(cuts: Iterable[Cut]) -> list[tuple[int, bytes]]:
    return [(cut.offset, cut.data) for cut in cuts if cut.is_frame]


def _require_in_order(cuts: Iterable[Cut], size: int) -> None:
    at = 0
    for cut in cuts:
        # What lies between two cuts (line ends) is nobody's; nothing is counted in two of them.
        if cut.offset < at or cut.size <= 0:
            raise AssertionError(f"cut before byte {at}: {cut}")
        at = cut.offset + cut.size
    if at > size:
        raise AssertionError(f"{at} bytes were cut out of {size}")

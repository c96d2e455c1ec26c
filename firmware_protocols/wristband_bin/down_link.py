"""Down-link frames, both ways: what is safely kept, and commands."""

from collections.abc import Iterable, Mapping
from itertools import islice
from struct import Struct
from typing import Final

from firmware_protocols.codec import AckRange
from firmware_protocols.command import Command, missing_argument, require_approval
from firmware_protocols.errors import CommandError, FieldError, LengthError, UnsupportedError
from firmware_protocols.wristband_bin.decode import NO_KEYS
from firmware_protocols.wristband_bin.frame import Frame, Signer, open_frames, seal
from firmware_protocols.wristband_bin.layout import ACK, COMMAND, HEADER, MAX_RECORDS
from firmware_protocols.wristband_bin.words import COMMAND_HEAD, COMMANDS, read_words, words

_RANGE: Final = Struct("<III")
_CODES: Final = {name: code for code, name in COMMANDS.items()}


def encode_ack(ranges: Iterable[AckRange], signer: Signer | None = None) -> bytes:
    """Return the frames that say which reports are safely kept, a thousand ranges to each."""
    left = iter(ranges)
    frames = b""
    while True:
        portion = list(islice(left, MAX_RECORDS))
        if frames and not portion:
            return frames
        body = b"".join(_RANGE.pack(*each) for each in portion)
        frames += seal(ACK, body, count=len(portion), signer=signer)


def encode_command(command: Command, signer: Signer | None = None) -> bytes:
    """Return the frame of a command; who approved it stays at the platform.

    Raises:
        ApprovalError: It is dangerous and two persons have not approved it.
        CommandError: It lacks its argument, or its text does not hold to the codec.
    """
    require_approval(command.name, command.approved_by)
    needed = missing_argument(command)
    if needed:
        raise CommandError(f"command {command.id!r}: {command.name!r} needs `{needed}`")
    # A task is shown as a text: the layout has no place for where to go.
    shown = "text" if command.name == "task" else command.name
    values = (_CODES[shown], command.interval_s or 0, 0)
    try:
        body = words(COMMAND_HEAD, *values, name=command.id, text=command.text or "")
    except FieldError as error:
        raise CommandError(f"command {command.id!r}: {error}") from error
    return seal(COMMAND, body, signer=signer)


def decode_down(
    payload: bytes, device: str = "", keys: Mapping[int, bytes] = NO_KEYS
) -> list[AckRange] | Command:
    """Return what a down-link payload says: ranges that are safely kept, or a command.

    Raises:
        DecodeError: The payload is oversized, or neither of the two.
    """
    frames = open_frames(payload, device, keys)
    if len(frames) == 1 and frames[0].type == COMMAND:
        return _command(frames[0], payload)
    return [each for frame in frames for each in _ranges(frame, payload)]


def _ranges(frame: Frame, payload: bytes) -> list[AckRange]:
    if frame.type != ACK:
        detail = f"frame type {frame.type:#04x}, {ACK:#04x} or a single {COMMAND:#04x} is allowed"
        raise UnsupportedError(detail, frame=payload, offset=frame.offset + 5)
    if frame.count > MAX_RECORDS:
        detail = f"{frame.count} ranges, at most {MAX_RECORDS} go into one frame"
        raise FieldError(detail, frame=payload, offset=frame.offset + 8)
    if len(frame.body) != frame.count * _RANGE.size:
        detail = f"{frame.count} ranges of {_RANGE.size} bytes in a body of {len(frame.body)}"
        raise LengthError(detail, frame=payload, offset=frame.offset + 10)
    return list(_RANGE.iter_unpack(frame.body))


def _command(frame: Frame, payload: bytes) -> Command:
    code, name, text = read_words(COMMAND_HEAD, frame, payload)
    _, _, _, interval_s, unused = COMMAND_HEAD.unpack_from(frame.body)
    begin = frame.offset + HEADER.size
    if code not in COMMANDS:
        detail = f"command {code}, {', '.join(map(str, COMMANDS))} have a meaning"
        raise FieldError(detail, frame=payload, offset=begin)
    if unused:
        raise FieldError(f"{unused} where 0 stands", frame=payload, offset=begin + 6)
    command = Command(
        id=name, name=COMMANDS[code], interval_s=interval_s or None, text=text or None
    )
    needed = missing_argument(command)
    if needed:
        raise FieldError(f"{command.name!r} needs `{needed}`", frame=payload, offset=begin)
    return command

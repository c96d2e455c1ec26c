"""`guitu decode`: frames in, one JSON object per frame out."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.errors import DecodeError, ProfileError
from firmware_protocols.wristband_bin.frame import MIN_KEY_BYTES
from guitu.frame_lines import frame_lines, frame_of
from guitu.message_json import message_object

_MAX_KEY_ID: Final = 0xFFFF_FFFF
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.option("--protocol", required=True, type=click.Choice(tuple(CODECS)), help="Codec.")
@click.option("--model", default="", metavar="PROFILE", help="Device-model profile.")
@click.option("--device", default="", metavar="ID", help="Device id, where the topic names it.")
@click.option(
    "--utc-offset-min",
    type=click.IntRange(-720, 840),
    metavar="MINUTES",
    help="Offset of the device's clock from UTC, before what login and profile say.",
)
@click.option("--keys", type=_FILE, help='Signature keys: JSON, key id to hex ({"1": "0f..."}).')
@click.argument("file", type=click.File("rb"), default="-")
def command(
    *,
    protocol: str,
    model: str,
    device: str,
    utc_offset_min: int | None,
    keys: Path | None,
    file: BinaryIO,
) -> None:
    """Decode frames, one in each line of FILE (hex, or text for text protocols; `-`: stdin).

    Each line gives one JSON object in the same order: {"ok": true, "messages": [...]}, or
    {"ok": false, "error": "ChecksumError", "detail": "..."}. The lines are one stream: a login
    names the frames after it, and parts of a message are put together. Blank lines are skipped.
    """
    codec = CODECS[protocol]
    if model and model not in codec.profiles:
        allowed = ", ".join(codec.profiles) or "none: the protocol has no profiles"
        raise ProfileError(f"--model {model!r} is not a profile of {protocol}; allowed: {allowed}")
    signing_keys = {} if keys is None else _read_keys(keys)
    context = Context(
        device=device, profile=model, keys=signing_keys, utc_offset_min=utc_offset_min
    )
    decode = codec.open(context)
    out = sys.stdout.buffer
    for line in _lines(file):
        text = json.dumps(_answer(line, codec, decode), ensure_ascii=False, allow_nan=False)
        # A lone surrogate that slipped through a device's text becomes JSON's own escape.
        out.write(text.encode("utf-8", "backslashreplace") + b"\n")
        out.flush()


def _answer(line: bytes, codec: Codec, decode: Decoder) -> dict[str, Any]:
    try:
        messages = decode(frame_of(line, codec.form))
    except DecodeError as error:
        return {"ok": False, "error": type(error).__name__, "detail": str(error)}
    is_numbered = codec.encode_ack is not None
    rows = [message_object(message, is_numbered=is_numbered) for message in messages]
    return {"ok": True, "messages": rows}


def _lines(file: BinaryIO) -> Iterator[bytes]:
    lines = frame_lines(file)
    while True:
        try:
            line = next(lines, None)
        except OSError as error:
            raise click.ClickException(f"{file.name} cannot be read: {error}") from error
        if line is None:
            return
        yield line


def _read_keys(path: Path) -> Mapping[int, bytes]:
    try:
        listed = json.loads(path.read_bytes())
        keys = {int(name): bytes.fromhex(value) for name, value in listed.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # The fault is told without the line that it is in: it may hold a key.
        raise click.ClickException(
            f"{path} is no JSON object of key ids and keys in hex ({type(error).__name__})"
        ) from error
    if any(len(key) < MIN_KEY_BYTES for key in keys.values()):
        raise click.ClickException(f"{path}: a key has under {MIN_KEY_BYTES} bytes")
    if not all(0 <= name <= _MAX_KEY_ID for name in keys):
        raise click.ClickException(f"{path}: a key id is outside 0 to {_MAX_KEY_ID}")
    return keys

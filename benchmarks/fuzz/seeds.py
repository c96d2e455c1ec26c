"""Where fuzzing begins: the project's own vectors, found in whatever form a codec keeps them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.fuzz.sealing import SEALS
from benchmarks.fuzz.target import HEAD_BYTES, LOGGED_IN, SEPARATOR
from firmware_protocols.catalog import CODECS

VECTORS: Final = Path(__file__).parents[2] / "tests" / "vectors"
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}\Z")
_TEXT_BEGINS: Final = ("[", "{", "(", "?", "id=", "GET ", "POST ")
_STREAM_FRAMES: Final = 12
_RAW: Final = bytes(HEAD_BYTES)
_SEALED: Final = bytes([1, LOGGED_IN])


def frames_of(name: str) -> list[bytes]:
    """Return the frames in the vectors of a codec, each once."""
    folders = {VECTORS / name, VECTORS / name.replace("-", "_")}
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.iterdir())
    is_text = CODECS[name].form != "hex"
    found: dict[bytes, None] = {}
    for path in files:
        if path.suffix not in (".json", ".txt"):
            continue
        text = path.read_text(encoding="utf-8")
        value = json.loads(text) if path.suffix == ".json" else text.splitlines()
        for string in _strings(value):
            if _HEX.match(string):
                found[bytes.fromhex(string)] = None
            elif is_text and string.startswith(_TEXT_BEGINS):
                found[string.encode()] = None
    return list(found)


def seeds(target: str) -> list[bytes]:
    """Return the inputs that a target begins with: each vector, a stream of several, contents."""
    name = target.removesuffix("-dialogue")
    frames = frames_of(name)
    out = [_RAW + frame for frame in frames]
    streams = [frames[at : at + _STREAM_FRAMES] for at in range(0, len(frames), _STREAM_FRAMES)]
    out += [_RAW + SEPARATOR.join(stream) for stream in streams]
    if name in SEALS:
        _, unseal = SEALS[name]
        out += [_SEALED + unseal(frame) for frame in frames]
        out += [_SEALED + SEPARATOR.join(unseal(frame) for frame in some) for some in streams]
    return out


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)

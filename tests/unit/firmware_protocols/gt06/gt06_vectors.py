"""The golden frames of GT06, and what its tests share to read them."""

import json
from pathlib import Path

import msgspec
import pytest

from firmware_protocols.gt06.decode import StreamDecoder
from firmware_protocols.gt06.profiles import find_profile

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "gt06" / "frames.json").read_text())
BY_NAME = {vector["name"]: vector for vector in VECTORS}
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])

FIX_BLOCK = bytes.fromhex("1a0b16010203" + "c9033f80c40ce4288c" + "24145a")
"""2026-11-22 01:02:03, 9 satellites, 30.27 N, 120.16 E, 36 km/h, course 90, valid."""

FIX_TIME_MS = 1_795_309_323_000


def frame_of(name):
    return bytes.fromhex(BY_NAME[name]["hex"])


def decode(payload, *, profile="", **known):
    return StreamDecoder(find_profile(profile), **known).decode(payload)


def plain(messages):
    return json.loads(msgspec.json.encode(messages))

"""Entries that say whom the gateway itself told of an alert, and who has seen it.

The engine does not know of them: a replay passes them over.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

Told = Literal["told", "seen"]


class Telling(msgspec.Struct, frozen=True, array_like=True):
    """One terminal was told of one episode, or answered that it was seen.

    Attributes:
        episode: The episode's id; the alert's at the server.
        org: Organisation of the terminal.
        device: The terminal.
        change: The broker has taken it for the terminal, or the terminal's answer came.
        at_ms: When, our clock, milliseconds since 1970 UTC.
    """

    episode: str
    org: str
    device: str
    change: Told
    at_ms: int


def encode_tellings(tellings: Sequence[Telling]) -> bytes:
    """Return the body of an entry of kind `local`."""
    return msgspec.msgpack.encode(tellings)


def decode_tellings(body: bytes) -> list[Telling]:
    """Return what an entry of kind `local` says."""
    return msgspec.msgpack.decode(body, type=list[Telling])

"""What a codec is: its name, how its frames are written down, how they are decoded and spoken."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from firmware_protocols.columns import ColumnBatch
from firmware_protocols.command import Command
from firmware_protocols.dialogue import Dialogue
from firmware_protocols.message import Message

Decoder = Callable[[bytes], list[Message]]
"""Frames to messages, in their order; raises only DecodeError.

A decoder may remember what earlier frames said (a login, the parts of a message): it is one
stream's, and a new one is opened for each.
"""


AckRange = tuple[int, int, int]
"""Boot, first and last sequence number of reports that are safely kept, both included."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a frame does not say itself.

    Attributes:
        device: Device id to put into the messages; empty takes what the frames say.
        profile: Device-model profile; empty is the codec's default one.
        keys: Signature keys by key id, for codecs that sign.
        utc_offset_min: Offset of the device's clock from UTC, as the registry says; None leaves
            it to the frames and the profile.
    """

    device: str = ""
    profile: str = ""
    keys: Mapping[int, bytes] = {}
    utc_offset_min: int | None = None


@dataclass(frozen=True, kw_only=True)
class Codec:
    """One protocol.

    Attributes:
        name: As in topics, `guitu decode --protocol` and the directory.
        form: How `guitu decode` reads a line: as hex, as text, or as hex when it is hex and as
            text when it is not.
        open: Makes a decoder for one stream; raises ProfileError.
        columns: Takes the reports of many payloads, each with its own context, as `open` would one
            by one, through arrays; raises nothing. None for codecs that go one by one only.
        profiles: Names of the device-model profiles; empty for a codec without.
        dialogue: Makes the platform's side of one TCP connection; None for codecs that are not
            spoken over TCP.
        encode_ack: Makes the down-link message that says which reports are safely kept; None for
            codecs whose reports have no boot counter and sequence number of their own.
        encode_command: Makes the down-link message of a command over MQTT, whose Reply carries the
            command's id in `to`; raises CommandError. None for codecs that take none that way.
    """

    name: str
    form: Literal["hex", "text", "either"]
    open: Callable[[Context], Decoder]
    columns: Callable[[Sequence[bytes], Sequence[Context]], ColumnBatch] | None = None
    profiles: tuple[str, ...] = ()
    dialogue: Callable[[], Dialogue] | None = None
    encode_ack: Callable[[Iterable[AckRange]], bytes] | None = None
    encode_command: Callable[[Command], bytes] | None = None

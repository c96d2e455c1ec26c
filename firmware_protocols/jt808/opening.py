"""The decoder of one stream: frames to messages, parts put together."""

from collections.abc import Iterator
from typing import Final

import msgspec

from firmware_protocols.codec import Context, Decoder
from firmware_protocols.errors import DecodeError
from firmware_protocols.jt808.framing import FrameCutter, is_sound
from firmware_protocols.jt808.header import Frame, parse_frame
from firmware_protocols.jt808.profiles import profile_of
from firmware_protocols.jt808.reassembly import Assembler
from firmware_protocols.jt808.uplink import Station, decode_whole, unknown_part
from firmware_protocols.message import Message, Unknown

MAX_TERMINALS: Final = 64
"""Terminals of one stream whose parts are held; a connection has one, a file of frames several."""

_NEVER_MS: Final = 0
"""A decoder has no clock: parts wait until others take their room."""


def open_decoder(context: Context) -> Decoder:
    """Return a decoder for one stream.

    It gives the messages of one frame, or of several that follow each other. Parts of a message
    that is not whole at the end of the bytes are Unknown with `part` and `parts` in `extra`; the
    last part of a message gives the whole of it. Bytes between and after frames give an Unknown
    named "garbage". It raises DecodeError when there is no frame, or one that does not decode.

    Raises:
        ProfileError: No such profile.
    """
    station = Station(profile_of(context.profile), context.device, context.utc_offset_min)
    return _StreamDecoder(station)


class _StreamDecoder:
    def __init__(self, station: Station) -> None:
        self._station = station
        self._assemblers: dict[bytes, Assembler] = {}

    def __call__(self, payload: bytes) -> list[Message]:
        frames, garbage = self._frames(payload)
        if len(frames) == 1 and not frames[0].parts and not garbage:
            return decode_whole(frames[0], self._station)
        messages: list[Message] = []
        waiting: list[Frame] = []
        for frame in _whole_runs_joined(frames):
            if frame.parts:
                waiting = self._take_part(frame, waiting, messages)
            else:
                messages += decode_whole(frame, self._station)
        messages += [unknown_part(frame, self._station) for frame in waiting]
        return messages + garbage

    def _take_part(
        self, frame: Frame, waiting: list[Frame], messages: list[Message]
    ) -> list[Frame]:
        """Take a part; return those of this payload that still wait for others."""
        phone = frame.address.phone
        assembler = self._assemblers.setdefault(phone, Assembler())
        parts = tuple(part.frame for part in assembler.add(frame, frame.body, _NEVER_MS))
        if not assembler.held_bytes:
            del self._assemblers[phone]
        if len(self._assemblers) > MAX_TERMINALS:
            del self._assemblers[next(iter(self._assemblers))]
        if not parts:
            return [*waiting, frame]
        messages += decode_whole(_join(parts), self._station)
        return [held for held in waiting if not any(held is part for part in parts)]

    def _frames(self, payload: bytes) -> tuple[list[Frame], list[Message]]:
        """Return the frames of a payload, and what stands between and after them."""
        tolerate = self._station.profile.tolerate
        if payload[:1] == payload[-1:] and payload.find(payload[:1], 1, len(payload) - 1) < 0:
            return [parse_frame(payload, tolerate)], []
        cutter = FrameCutter()
        cuts = cutter.feed(payload)
        found = [cut.data for cut in cuts if cut.is_frame]
        sound = [is_sound(data[1:-1], data[0]) for data in found]
        if not found or not all(sound):
            try:  # a log without escapes has delimiters within its frame
                return [parse_frame(payload)], []
            except DecodeError:
                if not found or not (tolerate or any(sound)):
                    raise
        frames = [parse_frame(data, tolerate) for data in found]
        rest = b"".join(cut.data for cut in cuts if not cut.is_frame)
        rest += payload[len(payload) - cutter.buffered :]
        if not rest:
            return frames, []
        device = self._station.name(frames[0])
        return frames, [Unknown(device=device, message="garbage", payload=rest)]


def _whole_runs_joined(frames: list[Frame]) -> Iterator[Frame]:
    """Yield frames; all parts of a message that stand one after the other as one.

    A dialogue put them together and journaled them so, by what it knew of requests and of time;
    their serials alone do not tell it again.
    """
    at = 0
    while at < len(frames):
        run = tuple(frames[at : at + max(1, frames[at].parts)])
        is_whole = _is_whole_run(run)
        yield _join(run) if is_whole else run[0]
        at += len(run) if is_whole else 1


def _is_whole_run(run: tuple[Frame, ...]) -> bool:
    first = run[0]
    return len(run) == first.parts and all(
        part.part == number
        and (part.message_id, part.parts) == (first.message_id, first.parts)
        and part.address.phone == first.address.phone
        for number, part in enumerate(run, 1)
    )


def _join(parts: tuple[Frame, ...]) -> Frame:
    """Return the message of all its parts as one frame, with the serial of the first."""
    tolerated = tuple(dict.fromkeys(name for part in parts for name in part.tolerated))
    body = b"".join(part.body for part in parts)
    return msgspec.structs.replace(parts[0], body=body, parts=0, part=0, tolerated=tolerated)

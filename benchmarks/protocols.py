"""Fixes per second and core through the codecs.

Claim: wristband binary batches at least 3,000,000 fixes/s to columns, JSON arrays at least 700,000
fixes/s, JT/T 808 0x0200 frames at least 60,000/s with escapes and checksum. Each beside a plain
Python loop and a reference by `struct` alone (of JSON: by the standard library) over the same
bytes, and beside the limit: what the same work costs when only its unavoidable part is done.
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from benchmarks import plain_decoders
from benchmarks.plain_decoders import Place
from benchmarks.protocol_inputs import MESSAGES, REPORTS, batches, jt808_frames
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.columns import Rows
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.message import Message, Report
from firmware_protocols.wristband_bin import decode as wristband_bin
from firmware_protocols.wristband_bin.encode import encode as encode_bin
from firmware_protocols.wristband_json import decode as wristband_json
from firmware_protocols.wristband_json.encode import encode as encode_json
from firmware_protocols.wristband_json.wire import Several

FIXES: Final = MESSAGES * REPORTS
_ROUNDS: Final = 7
_READ_BYTES: Final = 4_096
"""What a listener reads from a socket at once: some fifty frames."""


@dataclass(frozen=True)
class _Contest:
    """Ways to do the same work, by the row's title; the first is the baseline.

    Attributes:
        wire_bytes: Bytes of the messages.
        ways: How, by title.
        limit: Title of the way that does only what cannot be left out.
    """

    wire_bytes: int
    ways: dict[str, Callable[[], object]]
    limit: str


def run(seed: int) -> list[dict[str, Any]]:
    """Return the rows of the three protocols."""
    reports = batches(seed)
    contests = (
        _wristband_bin([encode_bin(each) for each in reports]),
        _wristband_json([encode_json(each) for each in reports]),
        _jt808(jt808_frames(seed)),
    )
    return [row for contest in contests for row in _rows(contest)]


def _wristband_bin(frames: list[bytes]) -> _Contest:
    rows = wristband_bin.decode_batch(frames).rows
    wire = b"".join(frames)
    raw = np.frombuffer(wire, np.uint8)
    _check_same(_places(rows), plain_decoders.bin_loop(frames), plain_decoders.bin_struct(frames))
    return _Contest(
        len(wire),
        {
            "wristband-bin: plain Python loop (baseline)": lambda: plain_decoders.bin_loop(frames),
            "wristband-bin: struct only, no checksum": lambda: plain_decoders.bin_struct(frames),
            "wristband-bin: to records": lambda: [wristband_bin.decode(f, "d") for f in frames],
            "wristband-bin: to columns, message by message": lambda: [
                wristband_bin.decode_columns(f) for f in frames
            ],
            "wristband-bin: to columns, one batch": lambda: wristband_bin.decode_batch(frames),
            "wristband-bin: np.copy of bytes and columns (limit)": lambda: (
                raw.copy(),
                rows.copy(),
            ),
        },
        "wristband-bin: np.copy of bytes and columns (limit)",
    )


def _wristband_json(messages: list[bytes]) -> _Contest:
    parse = msgspec.json.Decoder(Several).decode
    rows = np.concatenate([wristband_json.decode_columns(m) for m in messages])
    _check_same(_places(rows), plain_decoders.json_loop(messages))
    return _Contest(
        sum(map(len, messages)),
        {
            "wristband-json: json.loads and a loop (baseline)": lambda: plain_decoders.json_loop(
                messages
            ),
            "wristband-json: to records": lambda: [wristband_json.decode(m, "d") for m in messages],
            "wristband-json: to columns, message by message": lambda: [
                wristband_json.decode_columns(m) for m in messages
            ],
            "wristband-json: msgspec to structs alone (limit)": lambda: [
                parse(m) for m in messages
            ],
        },
        "wristband-json: msgspec to structs alone (limit)",
    )


def _jt808(frames: list[bytes]) -> _Contest:
    found = _decode_jt808(frames)
    places = [(r.fix_time_ms, r.longitude_deg, r.latitude_deg) for r in found]
    _check_same(places, plain_decoders.jt808_loop(frames), plain_decoders.jt808_struct(frames))
    stream = b"".join(frames)
    if [cut.data for cut in _cut(stream)] != frames:
        raise RuntimeError("the stream was cut into other frames")
    said = [msgspec.structs.asdict(report) for report in found]
    return _Contest(
        len(stream),
        {
            "jt808: plain Python loop (baseline)": lambda: plain_decoders.jt808_loop(frames),
            "jt808: struct and bytes.replace": lambda: plain_decoders.jt808_struct(frames),
            "jt808: frame to record": lambda: _decode_jt808(frames),
            "jt808: stream cut, frame to record": lambda: _decode_jt808(
                [cut.data for cut in _cut(stream)]
            ),
            "jt808: the records alone, of ready values (limit)": lambda: [
                Report(**each) for each in said
            ],
        },
        "jt808: the records alone, of ready values (limit)",
    )


def _decode_jt808(frames: Sequence[bytes]) -> list[Report]:
    decode = CODECS["jt808"].open(Context())
    found: list[Message] = []
    for frame in frames:
        found += decode(frame)
    return [message for message in found if isinstance(message, Report)]


def _cut(stream: bytes) -> list[Any]:
    cutter = FrameCutter()
    return [
        cut
        for at in range(0, len(stream), _READ_BYTES)
        for cut in cutter.feed(stream[at : at + _READ_BYTES])
    ]


def _places(rows: Rows) -> list[Place]:
    names = ("fix_time_ms", "longitude_deg", "latitude_deg")
    return list(zip(*(rows[name].tolist() for name in names), strict=True))


def _check_same(ours: Sequence[tuple[Any, ...]], *others: list[Place]) -> None:
    """A fast answer that is another one would be no answer."""
    for other in others:
        if list(ours) != other:
            raise RuntimeError("the codec and its baseline read other positions")


def _rows(contest: _Contest) -> list[dict[str, Any]]:
    """Return the rows of a contest: the best of some rounds, the ways taking turns."""
    best = dict.fromkeys(contest.ways, float("inf"))
    for _ in range(_ROUNDS):
        for title, way in contest.ways.items():
            gc.collect()
            began_s = time.process_time()
            way()
            best[title] = min(best[title], time.process_time() - began_s)
    baseline_s, limit_s = next(iter(best.values())), best[contest.limit]
    return [
        {
            "row": title,
            "fixes_per_second": round(FIXES / taken_s),
            "ns_per_fix": round(taken_s / FIXES * 1e9),
            "wire_mb_per_second": round(contest.wire_bytes / taken_s / 1e6, 1),
            "ratio_to_baseline": round(baseline_s / taken_s, 2),
            "share_of_limit": round(limit_s / taken_s, 3),
        }
        for title, taken_s in best.items()
    ]

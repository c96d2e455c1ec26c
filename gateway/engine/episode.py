"""What the engine keeps of one question: its identity, its observations, its episodes."""

from dataclasses import dataclass

import msgspec

from gateway.engine.outcome import Change, EndedBy
from geofence.arrays import Int8Array, IntArray


class SlotKey(msgspec.Struct, frozen=True, array_like=True):
    """Identity of a slot."""

    rule: str
    subject: str
    target: str


class Episode(msgspec.Struct, array_like=True):
    """A standing episode. `anchor_ms` is where it began when it was first raised."""

    anchor_ms: int
    begin_ms: int
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """A change of one episode.

    Attributes:
        slot: Whose.
        change: What happened.
        anchor_ms: Where it began when it was first raised.
        begin_ms: Where it begins.
        end_ms: Where it ended.
        confirmed_ms: Where a raised one became certain.
        late: Found by late data.
        ended_by: What ended it: what the device reported, or that its ground fell away.
    """

    slot: int
    change: Change
    anchor_ms: int
    begin_ms: int
    end_ms: int | None
    confirmed_ms: int
    late: bool
    ended_by: EndedBy = "reports"


@dataclass(frozen=True, slots=True)
class Observations:
    """Decisions of slots, shape (n,) each, sorted by slot, then fix time, boot and seq."""

    slot: IntArray
    time_ms: IntArray
    decision: Int8Array

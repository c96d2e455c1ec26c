"""What the engine keeps of one question: its identity, its observations, its episodes."""

from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.engine.outcome import Change, EndedBy
from geofence.arrays import Int8Array, IntArray
from geofence.transition import Persistence

NO_ROW: Final = -1
"""Of a change that no report decided."""


class SlotKey(msgspec.Struct, frozen=True, array_like=True):
    """Identity of a slot: one rule, one subject, one device, and what it is about.

    Attributes:
        rule: Name of the rule.
        subject: Pseudonym.
        device: Whose reports decide.
        target: The fence, pair or site; empty for rules about the device or person alone.
    """

    rule: str
    subject: str
    device: str
    target: str


class Episode(msgspec.Struct, array_like=True):
    """A standing episode; all times are fix times.

    Attributes:
        anchor_ms: Where it began when it was first raised.
        begin_ms: Where it begins.
        end_ms: Where it ended; None while it is open.
        confirmed_ms: Where it became certain.
        closed_ms: Where its end became certain.
    """

    anchor_ms: int
    begin_ms: int
    end_ms: int | None
    confirmed_ms: int
    closed_ms: int | None


class Stretched(msgspec.Struct):
    """An episode as a fold over history finds it; `row` is the observation that decided it."""

    begin_ms: int
    confirmed_ms: int
    row: int = NO_ROW
    end_ms: int | None = None
    closed_ms: int | None = None


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
        row: Observation that decided it, or NO_ROW.
    """

    slot: int
    change: Change
    anchor_ms: int
    begin_ms: int
    end_ms: int | None
    confirmed_ms: int
    late: bool
    ended_by: EndedBy = "reports"
    row: int = NO_ROW


@dataclass(frozen=True, slots=True)
class Observations:
    """Decisions of slots, shape (n,) each, sorted by slot, then fix time, boot and seq."""

    slot: IntArray
    time_ms: IntArray
    decision: Int8Array
    need: Persistence

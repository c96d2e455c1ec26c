"""Unusual for this person: a long stay far from where the person usually is at this time of day."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.engine.account import Account, clock, duration, metres
from gateway.engine.habits import (
    CARRY,
    FAR_MM,
    SLOTS,
    begin_day,
    days_like,
    distances_mm,
    is_usual,
    is_weekend,
)
from gateway.engine.rule import WORN, Carried, Judged, Memory, Rule
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from gateway.parameters.habit import HABIT
from geofence.arrays import BoolArray, Int8Array, IntArray

_MM_PER_M: Final = 1_000
_MS_PER_H: Final = 3_600_000
_MS_PER_DAY: Final = 24 * _MS_PER_H
_SLOT_H: Final = 24 // SLOTS
_BEIJING_MS: Final = 8 * _MS_PER_H
_PERCENT: Final = 100
_SURELY: Final = (100, 1_584)
"""A square with this share of a radius in mm as half a side, in 1e-7 degrees, lies within the
circle: 1e-7 degrees are at most 11.2 mm, a diagonal is 1.4143 sides."""

_NOTHING, _UNKNOWN, _USUAL, _AWAY = range(4)
"""What a report says: no good fix; not known what is usual; a usual place; far from all."""


class _Finding:
    """What the reports of a stretch say, row by row."""

    def __init__(self, stretch: Stretch) -> None:
        local_ms = stretch.time_ms + _BEIJING_MS
        self.stretch = stretch
        self.day: IntArray = local_ms // _MS_PER_DAY
        self.slot: IntArray = local_ms % _MS_PER_DAY // (_SLOT_H * _MS_PER_H)
        self.accuracy_mm = _accuracy_mm(stretch)
        limit_mm = stretch.limits["usual_accuracy_m"] * _MM_PER_M
        self.usable: BoolArray = stretch.has_fix & (self.accuracy_mm <= limit_mm)
        self.on_leave = np.zeros(len(stretch), np.bool_)
        if stretch.on_leave is not None:
            # Where somebody may be by approval is neither usual nor unusual.
            self.on_leave = stretch.on_leave
            self.usable &= ~self.on_leave
        self.says: Int8Array = np.zeros(len(stretch), np.int8)
        names = ("distance_mm", "like_days", "usual_days")
        self.facts = {name: np.zeros(len(stretch), np.int64) for name in names}

    def days(self) -> list[IntArray]:
        """Return the rows of every wearer's first day in the stretch, second day, ..."""
        if self.stretch.has_one_row_each:
            return [np.arange(len(self.day))]
        begins = self.stretch.opens.copy()
        begins[1:] |= self.day[1:] != self.day[:-1]
        number = np.cumsum(begins)
        rank: IntArray = number - number[np.flatnonzero(self.stretch.opens)][self.stretch.group]
        return [np.flatnonzero(rank == each) for each in range(int(rank.max(initial=-1)) + 1)]


def _accuracy_mm(stretch: Stretch) -> IntArray:
    claimed_mm = stretch.rows["accuracy_mm"]
    default_mm = np.rint(stretch.limits["accuracy_default_m"] * _MM_PER_M).astype(np.int64)
    return np.where(claimed_mm != ABSENT, claimed_mm, default_mm)


def _look(finding: _Finding, memory: Memory, rows: IntArray) -> None:
    """Judge the rows of one day of each wearer; the day before has joined the memory."""
    stretch = finding.stretch
    wearer = stretch.group[rows]
    good = finding.usable[rows]
    is_ready = memory["known_days"][wearer] >= stretch.limits["unusual_history_days"][rows]
    finding.says[rows[good]] = _UNKNOWN
    asked = np.flatnonzero(good & is_ready)
    if not len(asked):
        return
    rows, wearer = rows[asked], wearer[asked]
    reach_mm = finding.accuracy_mm[rows]
    reach_mm = reach_mm + stretch.limits["unusual_distance_m"][rows] * _MM_PER_M
    near = _is_at_main_place(finding, memory, rows, reach_mm)
    finding.says[rows[near]] = _USUAL
    if not near.all():
        _look_closely(finding, memory, rows[~near], reach_mm[~near])


def _is_at_main_place(
    finding: _Finding, memory: Memory, rows: IntArray, reach_mm: IntArray
) -> BoolArray:
    """Return which rows are surely near the main place of their hour, if that is a usual one."""
    stretch, slot = finding.stretch, finding.slot[rows]
    wearer = stretch.group[rows]
    place = memory["main"][wearer, slot]
    half_e7 = reach_mm * _SURELY[0] // _SURELY[1]
    near: BoolArray = (memory["usual"][wearer, place] >> slot.astype(np.uint8)) & 1 != 0
    for axis in ("lon_e7", "lat_e7"):
        off_e7 = stretch.rows[axis][rows] - memory[f"place_{axis}"][wearer, place]
        near &= np.abs(off_e7) <= half_e7
    return near


def _look_closely(finding: _Finding, memory: Memory, rows: IntArray, reach_mm: IntArray) -> None:
    stretch, slot, day = finding.stretch, finding.slot[rows], finding.day[rows]
    limits = stretch.limits.of(rows)
    part = {name: memory[name][stretch.group[rows]] for name in CARRY}
    away_mm = distances_mm(part, stretch.rows["lon_e7"][rows], stretch.rows["lat_e7"][rows])
    nearest_mm = np.where(is_usual(part, slot), away_mm, FAR_MM).min(axis=1)
    like, usual = days_like(part, day, slot)
    is_regular = like >= limits["unusual_regular_days"]
    is_regular &= usual * _PERCENT >= like * limits["unusual_regular_pct"]
    far = is_regular & (nearest_mm > reach_mm) & (nearest_mm != FAR_MM)
    says = np.where(far, _AWAY, np.where(nearest_mm <= reach_mm, _USUAL, _UNKNOWN))
    finding.says[rows] = says
    for name, values in (("distance_mm", nearest_mm), ("like_days", like), ("usual_days", usual)):
        finding.facts[name][rows] = values


def _sample(finding: _Finding, memory: Memory, rows: IntArray) -> None:
    """Take the first good fix of every slot of the day."""
    stretch, slot = finding.stretch, finding.slot
    good = rows[finding.usable[rows]]
    wearer = stretch.group[good]
    free = memory["today_lat_e7"][wearer, slot[good]] == ABSENT
    good, wearer = good[free], wearer[free]
    first = np.ones(len(good), np.bool_)
    first[1:] = (wearer[1:] != wearer[:-1]) | (slot[good[1:]] != slot[good[:-1]])
    good, wearer = good[first], wearer[first]
    if not len(good):
        return
    for axis in ("lon_e7", "lat_e7"):
        samples = memory[f"today_{axis}"].copy()
        samples[wearer, slot[good]] = stretch.rows[axis][good]
        memory[f"today_{axis}"] = samples


def _spell_ms(finding: _Finding, memory: Memory) -> NDArray[Any]:
    """Return since when the person has been away at each row, NEVER_MS: is not."""
    stretch, carried_ms = finding.stretch, memory["away_ms"]
    away, said = finding.says == _AWAY, (finding.says != _NOTHING) | finding.on_leave
    gap_ms = stretch.limits.ms("unusual_gap_s")
    was = stretch.newest(said, away, carried_ms != NEVER_MS)
    was = stretch.previous(was, carried_ms != NEVER_MS)
    begins = away & (~was | (stretch.time_ms - stretch.prior_fix.time_ms > gap_ms))
    begin_ms = np.where(away, stretch.time_ms, NEVER_MS)
    spell_ms = stretch.newest(begins | (said & ~away), begin_ms, carried_ms)
    memory["away_ms"] = stretch.at_end(spell_ms)
    return spell_ms


def _told(finding: _Finding, memory: Memory, spell_ms: IntArray) -> BoolArray:
    """Return the rows of spells that have lasted long enough: of each day only the first."""
    stretch = finding.stretch
    long_ms = stretch.limits.ms("unusual_s")
    lasting = (finding.says == _AWAY) & (stretch.time_ms - spell_ms >= long_ms)
    day = stretch.newest(lasting, finding.day, memory["told_day"])
    first = lasting & (stretch.previous(day, memory["told_day"]) != finding.day)
    told_ms = stretch.newest(first, spell_ms, memory["told_ms"])
    memory["told_day"] = stretch.at_end(day).astype(np.int32)
    memory["told_ms"] = stretch.at_end(told_ms)
    told: BoolArray = lasting & (told_ms == spell_ms)
    return told


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    finding = _Finding(stretch)
    for rows in finding.days():
        _begin(finding, memory, rows)
        _look(finding, memory, rows)
        _sample(finding, memory, rows)
    decision = np.where(finding.says == _USUAL, -1, 0).astype(np.int8)
    away = finding.says == _AWAY
    if not away.any() and (memory["away_ms"] == NEVER_MS).all():
        return Judged(decision)
    spell_ms = _spell_ms(finding, memory)
    decision[_told(finding, memory, spell_ms)] = 1
    lasted_ms = np.where(away, stretch.time_ms - spell_ms, 0)
    facts = {
        "away_since_ms": spell_ms,
        "away_s": lasted_ms // 1_000,
        "from_h": finding.slot * _SLOT_H,
        "is_weekend": is_weekend(finding.day).astype(np.int64),
    }
    return Judged(decision, facts | finding.facts)


def _begin(finding: _Finding, memory: Memory, rows: IntArray) -> None:
    wearer = finding.stretch.group[rows]
    later = np.flatnonzero(finding.day[rows] > memory["today"][wearer])
    if not len(later):
        return
    wearer, first = np.unique(wearer[later], return_index=True)
    opening = rows[later[first]]
    part = {name: memory[name][wearer] for name in CARRY}
    begin_day(part, finding.day[opening], finding.stretch.limits.of(opening))
    for name, values in part.items():
        memory[name] = memory[name].copy()
        memory[name][wearer] = values


def _explain(account: Account) -> Words:
    facts = account.facts
    away, stayed = metres(facts["distance_mm"] / _MM_PER_M), duration(facts["away_s"])
    from_h, like, usual = facts["from_h"], facts["like_days"], facts["usual_days"]
    hours = f"{from_h}–{from_h + _SLOT_H}"
    limit = metres(float(account.parameter("unusual_distance_m")))
    kind = Words("周末", "weekend days") if facts["is_weekend"] else Words("工作日", "workdays")
    begun = clock(facts["away_since_ms"])
    return Words(
        f"自{begun}起{stayed.zh}，距其此时段最近的常在地点{away.zh}，超过{limit.zh}；此前四周有记录的"
        f"{like}个{kind.zh}的{hours}时，{usual}天在常在地点附近，{like - usual}天在别处",
        f"for {stayed.en} since {begun}, {away.en} from the nearest place where the person usually "
        f"is at this time of day, farther than {limit.en}; of {like} {kind.en} known in the four "
        f"weeks before, from {hours} h, {usual} near a usual place and {like - usual} elsewhere",
    )


UNUSUAL: Final = Rule(
    name="unusual",
    severity="minor",
    category="notice",
    title=Words("与本人日常不同", "unusual for this person"),
    explain=_explain,
    judge=_judge,
    carry=CARRY
    | {
        "away_ms": Carried(np.int64, NEVER_MS),
        "told_day": Carried(np.int32, ABSENT),
        "told_ms": Carried(np.int64, NEVER_MS),
    },
    parameters=(
        "accuracy_default_m",
        *(parameter.name for parameter in HABIT),
        "clear_reports",
    ),
    clear_reports="clear_reports",
    kinds=WORN,
)

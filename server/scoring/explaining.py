"""What a score is made of: every point named, and what it would be without each fact. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from server.scoring.kinds import PUBLIC_CREDIT
from server.scoring.policy import MILLI, Indicator, Policy
from server.scoring.schedule import Schedule
from server.scoring.score import OPENING, Cell, Score, fold, month_number, weighted
from server.scoring.targets import Standing, targets

_MOST_ADVICE: Final = 8

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """A ledger as of a moment, and what it comes to.

    Attributes:
        lines: With an effective time and a time of posting that the moment covers.
        month: The month that it is as of.
        left_out: Facts under an objection that are not counted while it waits.
    """

    lines: Sequence[Row]
    month: int
    policy: Policy
    schedule: Schedule
    left_out: frozenset[str] = frozenset()

    def cells(self) -> list[Cell]:
        """Return what the accounts hold by month, less what is left out."""
        return self._cells(self.left_out)

    def score(self) -> Score | None:
        """Return the score."""
        return fold(self.cells(), self.month, self.policy)

    def standing(self) -> list[Row]:
        """Return the lines of facts that stand, by the time of their fact."""
        reversed_ids = {one["reverses"] for one in self.lines if one["reverses"] is not None}
        found = [
            one
            for one in self.lines
            if one["fact_id"] is not None
            and one["reverses"] is None
            and one["id"] not in reversed_ids
        ]
        return sorted(found, key=lambda one: (one["effective_at"], one["fact_id"]))

    def counted(self, line: Row) -> int:
        """Return what is left of a line's points in this month, in thousandths."""
        points = line["points_milli"]
        if self.left_out:
            again = self._again(self._beside(self.left_out), self.left_out)
            points = again.get(line["fact_id"], points)
        if line["part"] == "public":
            return int(points)
        indicator = self.policy.indicators.get(line["account"])
        if indicator is None:
            # The policy in force reads no such account.
            return 0
        months = self.month - month_number(line["effective_at"])
        return weighted(points, indicator.weight(months))

    def without(self, line: Row) -> Score | None:
        """Return the score if a fact had not been: what a cap had kept out counts then."""
        return self.less(self.left_out | {line["fact_id"]})

    def less(self, facts: frozenset[str]) -> Score | None:
        """Return the score if these facts had not been, whatever else is left out."""
        return fold(self._cells(facts), self.month, self.policy)

    def _cells(self, facts: frozenset[str]) -> list[Cell]:
        beside = self._beside(facts)
        gone = {one["id"] for one in beside}
        reversing = {one["id"] for one in self.lines if one["reverses"] in gone}
        kept = [
            _cell(one, one["points_milli"])
            for one in self.lines
            if one["id"] not in gone | reversing
        ]
        again = self._again(beside, facts)
        return kept + [_cell(one, again[one["fact_id"]]) for one in beside]

    def _beside(self, facts: frozenset[str]) -> list[Row]:
        """Return the standing lines that are judged together with one of these facts."""
        if not facts:
            return []
        standing = self.standing()
        judged = {_judged_by(one) for one in standing if one["fact_id"] in facts}
        return [one for one in standing if _judged_by(one) in judged]

    def _again(self, lines: Sequence[Row], facts: frozenset[str]) -> dict[str, int]:
        """Return what each line would have been posted if these facts had not been."""
        groups: dict[tuple[str, str], list[Row]] = {}
        for one in lines:
            groups.setdefault(_judged_by(one), []).append(one)
        found: dict[str, int] = {}
        for group in groups.values():
            found |= self._judged(group, facts)
        return found

    def _judged(self, lines: Sequence[Row], facts: frozenset[str]) -> dict[str, int]:
        gone = {one["fact_id"]: 0 for one in lines if one["fact_id"] in facts}
        rest = [one for one in lines if one["fact_id"] not in facts]
        first = lines[0]
        if first["account"] == PUBLIC_CREDIT:
            return gone | _carried(lines, facts)
        indicators = self.schedule.of_version(first["policy_version"]).indicators
        judged = indicators.get(first["account"])
        if judged is None:
            return gone | {one["fact_id"]: one["points_milli"] for one in rest}
        opened = [month_number(one["effective_at"]) for one in self.lines if _opens(one)]
        standing = [Standing(one["fact_id"], one["effective_at"], one["quantity"]) for one in rest]
        return gone | targets(standing, judged, min(opened, default=None))


def _judged_by(line: Row) -> tuple[str, str]:
    is_public = line["account"] == PUBLIC_CREDIT
    return line["account"], "" if is_public else line["policy_version"]


def _carried(figures: Sequence[Row], facts: frozenset[str]) -> dict[str, int]:
    """Return the public lines: each figure's is its difference from the one before that stands."""
    found, carried = {}, 0
    for one in figures:
        if one["fact_id"] in facts:
            carried += one["points_milli"]
        else:
            found[one["fact_id"]] = one["points_milli"] + carried
            carried = 0
    return found


def _cell(line: Row, points: int) -> Cell:
    return Cell(line["part"], line["account"], month_number(line["effective_at"]), points)


def _opens(line: Row) -> bool:
    return bool(line["indicator"] == OPENING)


def as_of(
    lines: Sequence[Row],
    at: datetime,
    known_at: datetime,
    schedule: Schedule,
    appealed: frozenset[str] = frozenset(),
) -> Explained:
    """Return a ledger as of a moment, with what was known at another.

    Args:
        lines: Of one person, in the order of writing.
        at: Aware.
        known_at: Aware.
        schedule: The policies of the person's organisation.
        appealed: Facts whose objection waited at `known_at`. They are left out as far as the score
            is the higher for it, so that none counts against the person.
    """
    seen = [one for one in lines if one["effective_at"] <= at and one["recorded_at"] <= known_at]
    month = month_number(at)
    plain = Explained(seen, month, schedule.at(month), schedule)
    return replace(plain, left_out=_left_out(plain, appealed)) if appealed else plain


def _left_out(plain: Explained, appealed: frozenset[str]) -> frozenset[str]:
    """Return the objected facts to leave out: no other choice of one more or less is higher.

    Begun from all and from none: facts under one cap weigh only together.
    """
    here = sorted({one["fact_id"] for one in plain.standing()} & appealed)
    best = max((frozenset[str](), frozenset(here)), key=lambda facts: _total(plain, facts))
    for _ in here:
        tried = [best ^ {one} for one in here]
        higher = max(tried, key=lambda facts: _total(plain, facts))
        if _total(plain, higher) <= _total(plain, best):
            break
        best = higher
    return best


def _total(plain: Explained, facts: frozenset[str]) -> int:
    score = plain.less(facts)
    return 0 if score is None else score.total


def advice(explained: Explained, score: Score) -> list[dict[str, Any]]:
    """Return what would raise the score, the most first, within the caps of this month.

    A dimension that is full, and an indicator whose month or term is used up, brings nothing.
    """
    found: list[dict[str, Any]] = []
    for indicator in explained.policy.indicators.values():
        if indicator.inactive is not None or indicator.points < 0:
            continue
        brings = _headroom(explained, indicator, score)
        if brings > 0:
            found.append(
                {
                    "indicator": indicator.id,
                    "zh": indicator.text.zh,
                    "en": indicator.text.en,
                    "each": indicator.points / MILLI,
                    "unit": indicator.unit,
                    "this_month": brings / MILLI,
                }
            )
    found.sort(key=lambda one: (-one["this_month"], one["indicator"]))
    return found[:_MOST_ADVICE]


def _headroom(explained: Explained, indicator: Indicator, score: Score) -> int:
    dimension = next(d for d in explained.policy.dimensions if d.id == indicator.dimension)
    cells = [one for one in explained.cells() if one.account == indicator.id]
    month = sum(one.points for one in cells if one.month == explained.month)
    left = [dimension.most - score.dimensions[dimension.id]]
    left.append(indicator.points if indicator.month_cap is None else indicator.month_cap - month)
    if indicator.term_cap is not None:
        left.append(indicator.term_cap - sum(one.points for one in cells))
    return min(left)

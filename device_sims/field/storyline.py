"""What happens to one resident in a week: nothing overlaps, much of it is lawful."""

import bisect
from functools import lru_cache
from typing import Final

from device_sims.dice import Dice
from device_sims.field.absences import Absence, absences_of
from device_sims.field.apartness import hidden_at_work, left_at_home, unworn_at_night
from device_sims.field.body import is_walking
from device_sims.field.calendar_week import WEEK_DAYS, clock_s, monday_of, week_of
from device_sims.field.charge import Span
from device_sims.field.checkins import CheckIn, check_ins_of
from device_sims.field.deed import Deed, is_free
from device_sims.field.duties import gets_bad_firmware, takes_leave, under_curfew
from device_sims.field.journey import Stay, journey
from device_sims.field.misdeeds import Conduct, Misdeed
from device_sims.field.mishaps import BY_DAY, BY_NIGHT, Mishap
from device_sims.field.outings import Outings
from device_sims.field.population import Resident
from device_sims.field.society import Meeting, Society, goes_about
from device_sims.ground import polar

PER_DAY: Final = 0.6
PER_NIGHT: Final = 0.4
_OUTING_SHARE: Final = 0.6
_APART_SHARE: Final = 0.12
"""Chances of a deed by day and by night, shares of what it is; assumed, far above any county."""

_DAY_H: Final = (7.5, 17.6)
_NIGHT_H: Final = (22.3, 30.0)
_MARGIN_S: Final = 1_200.0
_SAMPLE_S: Final = 300.0
_WALK_S: Final = 360.0
_WALK_SAMPLE_S: Final = 60.0
_ATTEMPTS: Final = 6


class Storyline:
    """The deeds of one resident; a function of (seed, size, device, week)."""

    def __init__(self, society: Society, resident: Resident) -> None:
        """Take whose week it is."""
        self._society = society
        self._resident = resident
        self._routine = resident.wearer.routine
        self._outings = Outings(society, resident)
        self._dice = Dice(society.population.seed, resident.wearer.device, "storyline")
        self._last: tuple[float, float, Deed | None] = (0.0, 0.0, None)
        self.week = lru_cache(3)(self._week)
        self.absences = lru_cache(3)(self._absences)
        self.check_ins = lru_cache(3)(self._check_ins)

    def at(self, time_s: float) -> Deed | None:
        """Return what is played at a time, if anything."""
        from_s, until_s, deed = self._last
        if from_s <= time_s < until_s:
            return deed
        week = week_of(time_s)
        deeds, begins = self.week(week)
        index = bisect.bisect_right(begins, time_s) - 1
        if index >= 0 and time_s < deeds[index].span[1]:
            self._last = (*deeds[index].span, deeds[index])
        else:
            after_s = deeds[index].span[1] if index >= 0 else clock_s(monday_of(week), 0.0)
            ends_s = clock_s(monday_of(week + 1), 0.0)
            self._last = (after_s, begins[index + 1] if index + 1 < len(begins) else ends_s, None)
        return self._last[2]

    def _absences(self, week: int) -> list[Absence]:
        return absences_of(self._society, self._resident, week)

    def _check_ins(self, week: int) -> list[CheckIn]:
        return check_ins_of(self._society, self._resident, week)

    def _week(self, week: int) -> tuple[list[Deed], list[float]]:
        found: list[Deed] = []
        for deed in (
            *(absence.deed for absence in self.absences(week)),
            *self._firmware(week),
            *(check.deed for check in self.check_ins(week)),
            *(self._meeting(day) for day in self._days(week)),
        ):
            _add(found, deed)
        for nth, day in enumerate(self._days(week)):
            dice = Dice(self._dice.bits(day), "day")
            if dice.chance(0, PER_DAY):
                self._first_that_fits(found, dice, day, nth, is_night=False)
            if nth < WEEK_DAYS - 1 and dice.chance(1, PER_NIGHT):
                self._first_that_fits(found, dice, day, nth, is_night=True)
        found.sort(key=lambda deed: deed.span)
        return found, [deed.span[0] for deed in found]

    def _days(self, week: int) -> range:
        return range(monday_of(week), monday_of(week) + WEEK_DAYS)

    def _first_that_fits(
        self, found: list[Deed], dice: Dice, day: int, nth: int, *, is_night: bool
    ) -> None:
        for attempt in range(_ATTEMPTS):
            own = Dice(dice.bits(10 + 2 * attempt + is_night), "deed")
            deed = self._by_night(own, day, nth) if is_night else self._by_day(own, day)
            if deed is not None and _add(found, deed):
                return

    def _by_day(self, dice: Dice, day: int) -> Deed | None:
        menu = self._outings.by_day() if goes_about(self._resident) else []
        if menu and dice.chance(100, _OUTING_SHARE):
            return dice.choice(101, menu)(dice, day)
        if dice.chance(102, _APART_SHARE):
            return left_at_home(self._routine, dice, day)
        return self._mishap(dice, dice.choice(103, BY_DAY), day, _DAY_H)

    def _by_night(self, dice: Dice, day: int, nth: int) -> Deed | None:
        menu = self._outings.by_night(nth) if goes_about(self._resident) else []
        if menu and dice.chance(100, _OUTING_SHARE):
            return dice.choice(101, menu)(dice, day)
        if dice.chance(102, _APART_SHARE):
            may_hide = goes_about(self._resident) and not under_curfew(self._resident)
            if may_hide and dice.chance(104, 0.6):
                return hidden_at_work(self._routine, dice, day)
            return unworn_at_night(self._routine, dice, day)
        return self._mishap(dice, dice.choice(103, BY_NIGHT), day, _NIGHT_H)

    def _mishap(
        self, dice: Dice, mishap: Mishap, day: int, hours: tuple[float, float]
    ) -> Deed | None:
        lasts_s = dice.uniform(1, *mishap.lasts_s)
        from_s, until_s = (clock_s(day, hour) for hour in hours)
        if until_s - lasts_s <= from_s:
            return None
        begin_s = dice.uniform(2, from_s, until_s - lasts_s)
        if mishap.is_still and not self._stays(begin_s, begin_s + lasts_s):
            return None
        if mishap.is_walking and not self._walks(begin_s, begin_s + lasts_s):
            return None
        end_s = begin_s + lasts_s
        return Deed(mishap.kind, mishap.rule, begin_s, end_s, mishap.note, dice)

    def _stays(self, begin_s: float, end_s: float) -> bool:
        start, time_s = self._routine.at(begin_s).xy, begin_s
        while time_s <= end_s:
            if self._routine.at(time_s).xy != start:
                return False
            time_s += _SAMPLE_S
        return True

    def _walks(self, begin_s: float, end_s: float) -> bool:
        """Return whether the routine goes on foot for `_WALK_S` in all meanwhile."""
        walked_s, time_s = 0.0, begin_s
        while time_s <= end_s and walked_s < _WALK_S:
            if is_walking(self._routine.at(time_s)):
                walked_s += _WALK_SAMPLE_S
            time_s += _WALK_SAMPLE_S
        return walked_s >= _WALK_S

    def _firmware(self, week: int) -> list[Deed]:
        if not gets_bad_firmware(self._resident) or takes_leave(self._resident):
            return []
        dice = Dice(self._dice.bits(-week), "firmware")
        begin_s = clock_s(monday_of(week) + dice.integer(0, 1, 3), 3.0 + dice.uniform(1))
        note = "new firmware sends GCJ-02 as WGS-84, until it is taken back"
        end_s = begin_s + dice.uniform(2, 1.0, 2.0) * 86_400
        return [Deed("datum", "datum_mistake", begin_s, end_s, note, dice)]

    def _meeting(self, day: int) -> Deed | None:
        index = self._resident.wearer.subject.index
        for meeting in self._society.meetings(day):
            if index in meeting.members:
                return self._visit(meeting, Dice(self._dice.bits(day), "meeting"))
        return None

    def _visit(self, meeting: Meeting, dice: Dice) -> Deed:
        seat = polar(meeting.place, dice.uniform(0, 0.0, 12.0), dice.uniform(1, 0.0, 6.28))
        stay = [Stay(seat, meeting.end_s + dice.uniform(2, 0.0, 300.0))]
        roads = self._society.roads
        draft = journey(self._routine, roads, meeting.begin_s - 1_800.0, stay)
        early_s = meeting.begin_s + dice.uniform(3, 0.0, 420.0) - draft.legs[0].end_s
        tour = journey(self._routine, roads, draft.begin_s + early_s, stay)
        note = _MEETING_NOTES[meeting.kind]
        return Deed("meeting", None, tour.begin_s, tour.end_s, note, dice, tour)


_MEETING_NOTES: Final = {
    "private": "meets others under supervision in a private place",
    "official": "meets others at the justice office: a near miss",
    "two": "meets one other: a near miss",
}


class WeekConduct(Conduct):
    """The misdeeds of a resident that leave the deeds of the storyline alone."""

    def __init__(self, society: Society, resident: Resident, storyline: Storyline) -> None:
        """Take whose they are, and what has precedence."""
        super().__init__(society.population, resident)
        self._storyline = storyline
        self.of_day = lru_cache(8)(self._left_of_day)

    def busy(self, time_s: float) -> list[Span]:
        """Return when something is played, about a time: nobody goes underground meanwhile."""
        deeds = self._storyline.week(week_of(time_s))[0]
        return [*super().busy(time_s), *(deed.span for deed in deeds)]

    def _left_of_day(self, day: int) -> tuple[Misdeed, ...]:
        weeks = {week_of(clock_s(day, hour)) for hour in (0.0, 30.0)}
        busy = [deed.span for week in weeks for deed in self._storyline.week(week)[0]]
        return tuple(
            misdeed
            for misdeed in self._of_day(day)
            if is_free((misdeed.act.begin_s, misdeed.act.end_s), busy, margin_s=_MARGIN_S)
        )


def _add(found: list[Deed], deed: Deed | None) -> bool:
    if deed is None:
        return False
    is_added = is_free(deed.span, (other.span for other in found), margin_s=_MARGIN_S)
    if is_added:
        found.append(deed)
    return is_added

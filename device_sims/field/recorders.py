"""Officers' recorders of the field (执法记录仪): tasks, and how they are kept to.

A recorder reports on workdays from 8:30 to 18:00, once a minute and at an SOS, and is to record
from 9:00 to 11:30 and from 14:00 to 16:30. Every figure is assumed: each rule is to be met often
enough for its recall to be measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from device_sims.acts import Label
from device_sims.dice import Dice
from device_sims.field.calendar_week import WEEK_DAYS, clock_s, day_of, monday_of, week_of
from device_sims.field.charge import Span
from device_sims.field.delivery import LATENCY_S, Delivery
from device_sims.recording import STORAGE_BYTES
from device_sims.script import timestamp
from device_sims.territory import OFFICES, office_id
from firmware_protocols.message import Report

Outcome = Literal["kept", "pause", "gap", "off", "held"]

TASKS_H: Final = ((9.0, 11.5), (14.0, 16.5))
INTERVAL_S: Final = 60

_DUTY_H: Final = (8.5, 18.0)
_WORKDAYS: Final = WEEK_DAYS - 2
_OUTCOMES: Final[tuple[tuple[float, Outcome], ...]] = (
    (0.40, "kept"),
    (0.55, "pause"),
    (0.72, "gap"),
    (0.87, "off"),
    (1.0, "held"),
)
_PAUSE_S: Final = (180.0, 420.0)
_GAP_S: Final = (1_200.0, 4_800.0)
_MARGIN_S: Final = 300.0
_HELD_S: Final = (300.0, 2_400.0)
"""How long after a task the link is back."""

_FULL_SHARE, _NEARLY_SHARE = 0.25, 0.25
_FULL_PCT: Final = (4.0, 9.0)
_NEARLY_PCT: Final = (12.0, 16.0)
_USUAL_PCT: Final = (35.0, 80.0)
_SOS_SHARE: Final = 0.15
_SOS_S: Final = 60.0
_PERCENT: Final = 100.0
_CHARGE_PCT: Final = (95, 3)
"""In the morning, and what an hour takes."""

_NOTES: Final[dict[Outcome, str]] = {
    "kept": "records all the time",
    "pause": "pauses for minutes: a near miss",
    "gap": "does not record for a good part of a task",
    "off": "is switched off for a whole task",
    "held": "has no link for a whole task and delivers later: a near miss",
}


@dataclass(frozen=True)
class RecorderTask:
    """A task, and what becomes of it; `idle` is when nothing is recorded."""

    span: Span
    outcome: Outcome
    idle: Span | None
    back_s: float


@dataclass(frozen=True)
class _Day:
    tasks: tuple[RecorderTask, ...]
    low: Span | None
    free_pct: float
    from_pct: float
    sos_s: float | None


class FieldRecorder:
    """The recorder of one officer; a function of (seed, number)."""

    def __init__(self, seed: int, number: int) -> None:
        """Take which of them it is; two belong to each office."""
        self.device = f"fr-{number + 1:04d}"
        self.officer = f"officer-f{number + 1}"
        self.org = office_id(number % len(OFFICES))
        self._dice = Dice(seed, self.device, "recorder")
        self._day = lru_cache(14)(self._make_day)

    def tasks(self, from_s: float, until_s: float) -> list[RecorderTask]:
        """Return the tasks that begin in [from_s, until_s)."""
        found = [task for day in _workdays(from_s, until_s) for task in self._day(day).tasks]
        return [task for task in found if from_s <= task.span[0] < until_s]

    def labels(self, from_s: float, until_s: float) -> list[Label]:
        """Return what truly happened and began in [from_s, until_s)."""
        found: list[tuple[str, Span, str]] = []
        for day in _workdays(from_s, until_s):
            plan = self._day(day)
            for task in plan.tasks:
                if task.outcome == "off":
                    found.append(("recorder_off", task.span, _NOTES["off"]))
                elif task.outcome == "gap" and task.idle is not None:
                    found.append(("recording_gap", task.idle, _NOTES["gap"]))
            if plan.low is not None:
                found.append(("storage_low", plan.low, "its storage is nearly full"))
            if plan.sos_s is not None:
                found.append(
                    ("sos", (plan.sos_s, plan.sos_s + _SOS_S), "the officer asks for help")
                )
        return [
            Label(
                rule=rule,
                subject="",
                device=self.device,
                fence=None,
                begin_time=timestamp(span[0]),
                end_time=timestamp(span[1]),
                note=note,
            )
            for rule, span, note in found
            if from_s <= span[0] < until_s
        ]

    def deliveries(self, from_s: float, until_s: float) -> list[Delivery]:
        """Return what it reports in [from_s, until_s), by arrival."""
        found = list(self._deliveries(from_s, until_s))
        return sorted(found, key=lambda one: one.arrival_ms)

    def _deliveries(self, from_s: float, until_s: float) -> Iterator[Delivery]:
        number = 0
        for day in _workdays(from_s, until_s):
            plan = self._day(day)
            calls = [] if plan.sos_s is None else [plan.sos_s]
            for time_s in sorted([*_moments(day), *calls]):
                task = next((task for task in plan.tasks if _near(task, time_s)), None)
                if not from_s <= time_s < until_s or (task and task.outcome == "off"):
                    continue
                number += 1
                latency_s = self._dice.uniform(round(time_s), *LATENCY_S)
                report = self._report(plan, time_s, number)
                one = Delivery(
                    round((time_s + latency_s) * 1_000), report, is_urgent="sos" in report.alarms
                )
                if task and task.outcome == "held":
                    back_ms = round((task.back_s + latency_s) * 1_000) + number
                    one = replace(one, arrival_ms=back_ms)
                yield one

    def _report(self, plan: _Day, time_s: float, number: int) -> Report:
        task = next((t for t in plan.tasks if t.span[0] <= time_s < t.span[1]), None)
        is_idle = task is None or (task.idle is not None and task.idle[0] <= time_s < task.idle[1])
        is_low = plan.low is not None and plan.low[0] <= time_s
        free_pct = plan.free_pct if is_low or plan.low is None else plan.from_pct
        is_sos = plan.sos_s is not None and plan.sos_s <= time_s < plan.sos_s + _SOS_S
        hours = (time_s - clock_s(day_of(time_s), _DUTY_H[0])) / 3_600.0
        return Report(
            device=self.device,
            kind="status",
            fix_time_ms=round(time_s * 1_000),
            boot=1,
            seq=number,
            battery_pct=round(_CHARGE_PCT[0] - _CHARGE_PCT[1] * hours),
            alarms=("sos",) if is_sos else (),
            extra={
                "recording": "idle" if is_idle else "video",
                "storage_free_bytes": round(STORAGE_BYTES * free_pct / _PERCENT),
                "storage_size_bytes": STORAGE_BYTES,
            },
        )

    def _make_day(self, day: int) -> _Day:
        dice = Dice(self._dice.bits(day), "day")
        tasks = tuple(
            self._task(Dice(dice.bits(nth), "task"), (clock_s(day, a), clock_s(day, b)))
            for nth, (a, b) in enumerate(TASKS_H)
        )
        from_pct = dice.uniform(10, *_USUAL_PCT)
        share, low, free_pct = dice.uniform(11), None, from_pct
        if share < _FULL_SHARE:
            # From a task that is reported on: what nobody hears of cannot be found.
            heard = [task for task in tasks if task.outcome in ("kept", "pause", "gap")]
            if heard:
                begin_s = dice.uniform(12, heard[0].span[0], heard[0].span[1] - _MARGIN_S)
                low, free_pct = (begin_s, clock_s(day, _DUTY_H[1])), dice.uniform(13, *_FULL_PCT)
        elif share < _FULL_SHARE + _NEARLY_SHARE:
            free_pct = dice.uniform(13, *_NEARLY_PCT)
        sos_s = None
        if dice.chance(14, _SOS_SHARE):
            sos_s = round(clock_s(day, dice.uniform(15, 12.0, 13.5)))
        return _Day(tasks, low, free_pct, from_pct, sos_s)

    def _task(self, dice: Dice, span: Span) -> RecorderTask:
        share = dice.uniform(0)
        outcome = next(name for limit, name in _OUTCOMES if share < limit)
        idle = None
        if outcome in ("pause", "gap"):
            lasts_s = dice.uniform(1, *(_PAUSE_S if outcome == "pause" else _GAP_S))
            begin_s = dice.uniform(2, span[0], span[1] - lasts_s)
            idle = begin_s, begin_s + lasts_s
        return RecorderTask(span, outcome, idle, span[1] + dice.uniform(3, *_HELD_S))


def _workdays(from_s: float, until_s: float) -> range | list[int]:
    days = range(day_of(from_s), day_of(until_s) + 1)
    return [day for day in days if day - monday_of(week_of(clock_s(day, 12.0))) < _WORKDAYS]


def _moments(day: int) -> range:
    return range(round(clock_s(day, _DUTY_H[0])) + 7, round(clock_s(day, _DUTY_H[1])), INTERVAL_S)


def _near(task: RecorderTask, time_s: float) -> bool:
    return task.span[0] - _MARGIN_S <= time_s < task.span[1] + _MARGIN_S

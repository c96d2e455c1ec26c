"""Check-ins at kiosks (信息化核查): the duties, what is done about them, and the attempts."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from device_sims.dice import Dice
from device_sims.field.calendar_week import clock_s, monday_of
from device_sims.field.charge import Span
from device_sims.field.deed import Deed
from device_sims.field.duties import (
    CHECK_IN_GRACE_S,
    CHECK_IN_H,
    CHECK_IN_WEEKDAYS,
    must_check_in,
)
from device_sims.field.journey import Journey, Stay, journey
from device_sims.field.population import Resident
from device_sims.field.society import Society
from device_sims.territory import OFFICES

Verdict = Literal["match", "no_match", "inconclusive"]

_OUTCOMES: Final = (
    (0.42, "on_time"),
    (0.52, "just_in_time"),
    (0.60, "missed"),
    (0.68, "late"),
    (0.76, "place"),
    (0.84, "no_match"),
    (0.92, "inconclusive"),
    (1.0, "replay"),
)
"""Cumulated shares; assumed, every kind is to be met."""

_TRIES: Final = (3, 4)
_TRY_S: Final = 60.0
"""A kiosk that cannot tell is asked again, a minute later; assumed."""


_NOTES: Final = {
    "on_time": "checks in",
    "just_in_time": "checks in minutes before the end: a near miss",
    "missed": "does not check in",
    "late": "checks in after the end",
    "place": "checks in at another office's kiosk",
    "no_match": "somebody else stands before the kiosk",
    "inconclusive": "the kiosk cannot tell, three or four times in a row",
    "replay": "the picture of the duty before is shown to the kiosk, the wearer is elsewhere",
}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a kiosk.

    Attributes:
        attempt: Its id.
        subject: Pseudonym that was claimed.
        kiosk: Device id of the kiosk.
        time_ms: When, milliseconds since 1970 UTC.
        arrival_ms: When it arrives.
        verdict: What the face check said.
        picture: SHA-256 of what the camera saw, hex; two of one picture are one replayed.
    """

    attempt: str
    subject: str
    kiosk: str
    time_ms: int
    arrival_ms: int
    verdict: Verdict
    picture: str


@dataclass(frozen=True)
class CheckIn:
    """One duty on one day, and what becomes of it."""

    duty: str
    window: Span
    outcome: str
    deed: Deed | None
    attempts: tuple[Attempt, ...] = ()

    def label_span(self) -> tuple[str, Span] | None:
        """Return the rule that is violated and when, or None."""
        if self.outcome in ("on_time", "just_in_time"):
            return None
        end_s = self.window[1]
        if self.outcome == "missed":
            return "checkin_missed", (end_s, end_s + CHECK_IN_GRACE_S + 3_600.0)
        if not self.attempts:
            return None
        first_s, last_s = (self.attempts[k].time_ms / 1_000 for k in (0, -1))
        if self.outcome == "late":
            return "checkin_late", (end_s, last_s + 60.0)
        return f"checkin_{self.outcome}", (first_s, last_s + 60.0)


def duty_id(resident: Resident) -> str:
    """Return the id of a resident's duty to check in."""
    return f"ci-{resident.wearer.subject.index + 1}"


def check_ins_of(society: Society, resident: Resident, week: int) -> list[CheckIn]:
    """Return a resident's check-ins of a week."""
    if not must_check_in(resident):
        return []
    dice = Dice(society.population.seed, resident.wearer.device, "check-ins", week)
    found: list[CheckIn] = []
    for nth in CHECK_IN_WEEKDAYS:
        own, day = Dice(dice.bits(nth), "day"), monday_of(week) + nth
        before = found[-1].attempts if found else ()
        found.append(_check_in(society, resident, own, day, before))
    return found


def _check_in(
    society: Society, resident: Resident, dice: Dice, day: int, before: tuple[Attempt, ...]
) -> CheckIn:
    share = dice.uniform(0)
    outcome = next(name for limit, name in _OUTCOMES if share < limit)
    if outcome == "replay" and not before:
        outcome = "on_time"  # there is no picture to show again
    window = clock_s(day, CHECK_IN_H[0]), clock_s(day, CHECK_IN_H[1])
    if outcome == "missed":
        return CheckIn(duty_id(resident), window, outcome, None)
    office = resident.wearer.subject.office
    if outcome == "place":
        office = (office + 1) % len(OFFICES)
    at_s = window[0] + dice.uniform(1, 0.25, 0.85) * (window[1] - window[0])
    if outcome == "just_in_time":
        at_s = window[1] - dice.uniform(1, 120.0, 300.0)
    elif outcome == "late":
        at_s = window[1] + dice.uniform(1, 300.0, CHECK_IN_GRACE_S - 60.0)
    deed = None
    if outcome not in ("no_match", "replay"):  # the wearer does not come
        tour = _visit(society, resident, office, at_s)
        note = _NOTES[outcome]
        deed = Deed("check_in", None, tour.begin_s, tour.end_s, note, dice, tour)
    verdict: Verdict = "match"
    if outcome == "no_match":
        verdict = "no_match"
    elif outcome == "inconclusive":
        verdict = "inconclusive"
    subject = resident.wearer.subject.subject
    tries = dice.integer(3, *_TRIES) if outcome == "inconclusive" else 1
    attempts = [
        Attempt(
            attempt=f"at-{resident.wearer.subject.index + 1}-{day}" + (f"-{nth}" if nth else ""),
            subject=subject,
            kiosk=society.office_site(office).kiosk or "",
            time_ms=round((at_s + nth * _TRY_S) * 1_000),
            arrival_ms=round((at_s + nth * _TRY_S + dice.uniform(2, 0.5, 4.0)) * 1_000),
            verdict=verdict,
            picture=before[0].picture if outcome == "replay" else _picture(subject, day, nth),
        )
        for nth in range(tries)
    ]
    return CheckIn(duty_id(resident), window, outcome, deed, tuple(attempts))


def _picture(subject: str, day: int, nth: int) -> str:
    seen = f"{subject}/{day}" + (f"/{nth}" if nth else "")
    return hashlib.sha256(seen.encode()).hexdigest()


def _visit(society: Society, resident: Resident, office: int, at_s: float) -> Journey:
    """Return a way to a kiosk that is reached a minute before a time."""
    place = society.office_site(office).circle.centre
    routine, begin_s = resident.wearer.routine, at_s - 1_800.0
    stay = Stay(place, at_s + 300.0)
    for _ in range(3):
        tour = journey(routine, society.roads, begin_s, [stay])
        begin_s += at_s - 60.0 - tour.legs[0].end_s
    return journey(routine, society.roads, begin_s, [stay])


def note_of(check_in: CheckIn) -> str:
    """Return what happens, in words."""
    return _NOTES[check_in.outcome]

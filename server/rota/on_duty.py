"""Who is on duty at an instant. Pure: rows in, people out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Post = Literal["officer", "lead"]
"""`officer`: 值班员; `lead`: 带班领导."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift that counts.

    Attributes:
        ends_at: Its end, or the instant at which it was cut short.
    """

    id: str
    org_id: str
    login: str
    post: Post
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which somebody is away.

    Attributes:
        ends_at: Its end, or the instant at which the person was back.
        substitute: Who stands in; None: nobody does.
    """

    login: str
    begins_at: datetime
    ends_at: datetime
    substitute: str | None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on duty.

    Attributes:
        until: Until when, by what is known now.
        stands_in_for: Whose shift it is, if not the own.
    """

    login: str
    org_id: str
    post: Post
    shift_id: str
    until: datetime
    stands_in_for: str | None


AbsencesOf = Mapping[str, Sequence[Absence]]
"""Absences by login."""


def by_login(absences: Iterable[Absence]) -> dict[str, list[Absence]]:
    """Return absences by the person who is away."""
    found: dict[str, list[Absence]] = {}
    for absence in absences:
        found.setdefault(absence.login, []).append(absence)
    return found


def on_duty(shifts: Iterable[Shift], absences: AbsencesOf, at: datetime) -> list[OnDuty]:
    """Return who is on duty, each once for an organisation and post, in the order of the shifts.

    Who is absent is replaced by the substitute, and a substitute who is absent by the own one; a
    chain that ends in nobody, or in itself, leaves the shift empty.
    """
    found: dict[tuple[str, str, Post], OnDuty] = {}
    holding = [shift for shift in shifts if shift.begins_at <= at < shift.ends_at]
    # The own shift first: who also stands in for somebody is on duty in the own right.
    standing = [stand for shift in holding if (stand := _standing(shift, absences, at))]
    for one in sorted(standing, key=lambda one: one.stands_in_for is not None):
        found.setdefault((one.login, one.org_id, one.post), one)
    return [one for one in standing if found[one.login, one.org_id, one.post] is one]


def present_until(login: str, absences: AbsencesOf, at: datetime) -> datetime | None:
    """Return when the person's next absence begins; `at` when one holds, None when none is known.

    `at` is never a future begin, so the three cases cannot be mistaken for each other.
    """
    begins = []
    for absence in absences.get(login, ()):
        if absence.begins_at <= at < absence.ends_at:
            return at
        if at < absence.begins_at < absence.ends_at:
            begins.append(absence.begins_at)
    return min(begins, default=None)


def _standing(shift: Shift, absences: AbsencesOf, at: datetime) -> OnDuty | None:
    login, until, seen = shift.login, shift.ends_at, {shift.login}
    while (away := _absence(login, absences, at)) is not None:
        if away.substitute is None or away.substitute in seen:
            return None
        login, until = away.substitute, min(until, away.ends_at)
        seen.add(login)
    next_absence = present_until(login, absences, at)
    until = until if next_absence is None else min(until, next_absence)
    stands_in_for = None if login == shift.login else shift.login
    return OnDuty(login, shift.org_id, shift.post, shift.id, until, stands_in_for)


def _absence(login: str, absences: AbsencesOf, at: datetime) -> Absence | None:
    holding = [one for one in absences.get(login, ()) if one.begins_at <= at < one.ends_at]
    # Two at once: the one that ends last says who stands in.
    return max(holding, key=lambda one: (one.ends_at, one.substitute or ""), default=None)

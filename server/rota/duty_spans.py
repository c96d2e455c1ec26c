"""When who is on duty, over a time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from server.rota.on_duty import AbsencesOf, Shift, on_duty


@dataclass(frozen=True, slots=True, order=True)
class DutySpan:
    """Somebody is on duty at an organisation, whatever the post, during [begins_at, ends_at)."""

    org_id: str
    login: str
    begins_at: datetime
    ends_at: datetime


def duty_spans(shifts: Sequence[Shift], absences: AbsencesOf) -> list[DutySpan]:
    """Return who is on duty when by these shifts, in order; what touches is one span."""
    begins = {shift.begins_at for shift in shifts}
    ends = {shift.ends_at for shift in shifts}
    away = [one for of_one in absences.values() for one in of_one]
    turns = sorted(begins | ends | {turn for one in away for turn in (one.begins_at, one.ends_at)})
    open_since: dict[tuple[str, str], datetime] = {}
    found = []
    for at, until in pairwise(turns):
        standing = {(one.org_id, one.login) for one in on_duty(shifts, absences, at)}
        for who in standing:
            open_since.setdefault(who, at)
        left = [who for who in open_since if who not in standing]
        found += [DutySpan(*who, open_since.pop(who), at) for who in left]
        if until == turns[-1]:
            found += [DutySpan(*who, since, until) for who, since in open_since.items()]
    return sorted(found)

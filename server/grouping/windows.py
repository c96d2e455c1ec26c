"""Which alerts of one fingerprint are one group. Pure.

A group is a run: each of its alerts within the window of the one before. It ends at the hour of the
day at which groups end, or a matter that never rests would be one group for ever. Where alerts come
in another order the runs are the same; what changes is which of two groups that grow into one gives
the name.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.law.days import ZONE
from server.law.policy import Policy


@dataclass(frozen=True, slots=True)
class WindowLaw:
    """An organisation's figures.

    Attributes:
        window: At most this lies between two alerts of a group that follow each other.
        cut_hour: Hour in Beijing at which every group ends.
    """

    window: timedelta
    cut_hour: int


def window_law(policy: Policy) -> WindowLaw:
    """Return the figures of a policy."""
    minutes = policy.number("alert_group_minutes")
    return WindowLaw(timedelta(minutes=minutes), policy.number("alert_group_cut_hour"))


@dataclass(frozen=True, slots=True)
class Member:
    """An alert among those of its fingerprint.

    Attributes:
        group: The group that it is in; None: it is new.
    """

    id: str
    at: datetime
    group: str | None


def groups_of(members: Iterable[Member], law: WindowLaw) -> dict[str, str]:
    """Return the group of each alert, by its id.

    A run keeps the group of its earliest member that has one; all members of any other group that
    runs into it go with it.

    Args:
        members: Of one fingerprint; at least all within the window of those that are new.
        law: The organisation's figures.
    """
    found: dict[str, str] = {}
    for run in _runs(members, law):
        named = next((one.group for one in run if one.group is not None), None)
        group = named or _new_group(run[0])
        found |= {one.id: group for one in run}
    return found


def _runs(members: Iterable[Member], law: WindowLaw) -> Iterator[list[Member]]:
    run: list[Member] = []
    for one in sorted(members, key=lambda member: (member.at, member.id)):
        if run and not _follows(run[-1].at, one.at, law):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _follows(before: datetime, after: datetime, law: WindowLaw) -> bool:
    return after - before <= law.window and _day(before, law) == _day(after, law)


def _day(at: datetime, law: WindowLaw) -> int:
    local = at.astimezone(ZONE) - timedelta(hours=law.cut_hour)
    return local.date().toordinal()


_ID_HEX_DIGITS: Final = 24


def _new_group(first: Member) -> str:
    return f"g-{hashlib.sha256(first.id.encode()).hexdigest()[:_ID_HEX_DIGITS]}"

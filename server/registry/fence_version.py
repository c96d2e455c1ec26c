"""Versions of a forbidden area, and what a permission makes of them (实施办法 39). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FenceVersion:
    """A version of a fence: whom it binds from when to when.

    Attributes:
        version: Its number; that of the version whose shape it has, where it is a new one.
        valid_to: None: open.
    """

    version: int
    valid_from: datetime
    valid_to: datetime | None
    subjects: frozenset[str]


def exempted(
    versions: Sequence[FenceVersion], subject: str, begin: datetime, end: datetime
) -> list[FenceVersion]:
    """Return what a fence's versions become from an instant on: one person exempt for a time.

    Args:
        versions: Versions that hold at `begin` or later, in order of time.
        subject: Whom it does not bind in [begin, end).
        begin: From when on they are replaced.
        end: From when on the person is bound again.
    """
    found = []
    for one in versions:
        start = max(one.valid_from, begin)
        stop = one.valid_to
        if start < end:
            until = end if stop is None else min(end, stop)
            others = one.subjects - {subject}
            found.append(replace(one, valid_from=start, valid_to=until, subjects=others))
        if stop is None or stop > end:
            found.append(replace(one, valid_from=max(start, end)))
    return found

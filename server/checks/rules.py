"""What a check may be: never a track (社区矫正法 Arts. 26, 29). Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from server.errors import Refusal, RefusedError
from server.law.articles import article

LAW: Final = article("law-26").key
POSITIONING: Final = article("law-29").key

MOST_PHONE_A_DAY: Final = 6
"""Positions on demand in any 24 hours; more would add up to a track, which needs an order."""
LEAST_APART: Final = timedelta(hours=1)
"""Between two of them, for the same reason. Neither is a figure of the law."""

_DAY: Final = timedelta(hours=24)


def is_track(instants: Iterable[datetime]) -> bool:
    """Return whether checks at these instants come so often that they would be a track."""
    known = sorted(instants)
    is_close = any(later - earlier < LEAST_APART for earlier, later in pairwise(known))
    ahead = known[MOST_PHONE_A_DAY:]
    is_many = any(later - earlier < _DAY for earlier, later in zip(known, ahead, strict=False))
    return is_close or is_many


def check_no_track(asked: Sequence[datetime], standing: Sequence[datetime]) -> None:
    """Refuse checks by phone that together would be a track.

    Args:
        asked: When the new ones begin.
        standing: When others of the person begin.

    Raises:
        RefusedError: Too many within a day, or too close.
    """
    if not is_track([*asked, *standing]):
        return
    raise RefusedError(
        Refusal(
            "/method",
            "no_track_by_phone",
            POSITIONING,
            "手机定位核查过于频繁，等同连续定位",
            "positions on demand so often would be continuous positioning",
            f"24小时内不超过{MOST_PHONE_A_DAY}次，间隔不少于1小时；连续定位须经电子定位审批",
            f"at most {MOST_PHONE_A_DAY} in 24 hours, an hour apart; a track needs an order",
        )
    )


def check_open(state: str, *allowed: str) -> None:
    """Refuse what is not for a check in this state.

    Raises:
        RefusedError: With the states in which it is allowed.
    """
    if state not in allowed:
        zh, en = "该核查已经办结或者过时", f"the check is {state}"
        said = " or ".join(allowed)
        raise RefusedError(Refusal("", "check_state", LAW, zh, en, "尚未办结的核查", said))


def check_answerable(method: str, state: str, due_from: datetime, now: datetime) -> None:
    """Refuse a position that nobody asked for now.

    Raises:
        RefusedError: Not by phone, answered already, not yet open, or over.
    """
    if method == "phone" and state == "planned" and due_from <= now:
        return
    raise RefusedError(
        Refusal(
            "",
            "one_position_on_demand",
            POSITIONING,
            "没有正在进行的手机核查，不接收位置",
            "no check by phone waits for a position",
            "核查期间内回复一次位置",
            "one position, while a check by phone is open",
        )
    )

"""What the rules allow of a leave (实施办法 26-28): who decides, and when what may happen. Pure.

applied -> verified -> approved | refused; the office decides short leave without a step between.
An approved leave ends with the return. Whoever applied may withdraw until it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from server.auth.powers import Power
from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.law.days import LegalCalendar
from server.law.policy import Policy
from server.movement.accumulator import Span, most_within, span_of
from server.movement.spans import span_faults

LAW: Final = article("law-27").key
REASONS: Final = article("measures-26").key
TIERS: Final = article("measures-27").key
AWAY: Final = article("measures-28").key

Tier = Literal["office", "county", "city"]
State = Literal["applied", "verified", "approved", "refused", "withdrawn", "returned"]

POWER: Final[dict[Tier, Power]] = {"office": "verify", "county": "decide", "city": "review"}
"""Who decides leave of a tier; the office under the county's delegation."""

_CALENDAR: Final = LegalCalendar()


@dataclass(frozen=True, slots=True)
class Asked:
    """A leave that is asked for; aware instants."""

    from_time: datetime
    to_time: datetime
    is_urgent: bool
    has_proof: bool


@dataclass(frozen=True, slots=True)
class Sized:
    """How long a leave is, and whose it is to decide.

    Attributes:
        days: Legal days that it touches.
        cumulated: Most days of leave within the months of the policy.
    """

    days: int
    cumulated: int
    tier: Tier


def sized(asked: Asked, others: Sequence[Span], policy: Policy) -> Sized:
    """Return the size of a leave, and whose it is to decide.

    Args:
        asked: The leave.
        others: Other leave of the person, approved.
        policy: Figures in force.
    """
    span = span_of(asked.from_time, asked.to_time)
    cumulated = most_within(span, others, policy.number("leave_cumulated_months"))
    return Sized(span.days, cumulated, _tier(span.days, cumulated, policy))


def check_application(
    asked: Asked, approved: Sequence[tuple[datetime, datetime]], *, now: datetime, policy: Policy
) -> None:
    """Refuse an application that nobody could approve.

    Args:
        asked: The leave.
        approved: Leave of the person that was approved, by instants.
        now: The instant of applying.
        policy: Figures in force.

    Raises:
        RefusedError: With each rule that it breaks.
    """
    faults = [*span_faults(asked.from_time, asked.to_time, TIERS)]
    if asked.from_time < now:
        faults.append(_in_the_past())
    ahead = policy.number("leave_apply_ahead_days")
    earliest = _CALENDAR.add_days(_CALENDAR.date_of(now), ahead)
    if not asked.is_urgent and _CALENDAR.date_of(asked.from_time) < earliest:
        faults.append(_too_late(ahead))
    if not asked.is_urgent and not asked.has_proof:
        faults.append(_unproven())
    faults += _overlap_faults(asked, approved)
    if faults:
        raise RefusedError(*faults)


def check_free(asked: Asked, approved: Sequence[tuple[datetime, datetime]]) -> None:
    """Refuse a leave in a time in which another one was approved meanwhile.

    Raises:
        RefusedError: With each that it overlaps.
    """
    if faults := _overlap_faults(asked, approved):
        raise RefusedError(*faults)


def check_state(state: State, *allowed: State) -> None:
    """Refuse what is not for a leave in this state.

    Raises:
        RefusedError: With the states in which it is allowed.
    """
    if state in allowed:
        return
    raise RefusedError(
        Refusal(
            "",
            "leave_state",
            LAW,
            f"该申请的状态为{STATE_ZH[state]}",
            f"the leave is {state}",
            "、".join(STATE_ZH[one] for one in allowed),
            " or ".join(allowed),
        )
    )


def check_decidable(state: State, tier: Tier) -> None:
    """Refuse a decision before the office has verified what is not its own to decide.

    Raises:
        RefusedError: It was decided, or not verified.
    """
    check_state(state, *(("applied", "verified") if tier == "office" else ("verified",)))


def approved_interval(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when an approval of now holds: never before the approval.

    What was before it stays what it was; the approval is an excuse there.

    Raises:
        RefusedError: The leave would be over.
    """
    if asked.to_time > now:
        return max(now, asked.from_time), asked.to_time
    raise RefusedError(
        Refusal(
            "",
            "not_back_dated",
            TIERS,
            "外出时间已过，不得事后补批",
            "the time of the leave is over: nothing is approved afterwards",
            "作为理由在相应报警中说明",
            "the reason as an excuse on the alerts of that time",
        )
    )


STATE_ZH: Final[dict[State, str]] = {
    "applied": "已申请",
    "verified": "已核实",
    "approved": "已批准",
    "refused": "不予批准",
    "withdrawn": "已撤回",
    "returned": "已销假",
}


def _tier(days: int, cumulated: int, policy: Policy) -> Tier:
    # Each "more than" excludes the number itself (measures-58).
    if days > policy.number("leave_county_most_days"):
        return "city"
    if cumulated > policy.number("leave_cumulated_days"):
        return "city"
    return "office" if days <= policy.number("leave_office_most_days") else "county"


def _overlap_faults(asked: Asked, approved: Sequence[tuple[datetime, datetime]]) -> list[Refusal]:
    return [
        _overlaps(begin, end)
        for begin, end in approved
        if begin < asked.to_time and asked.from_time < end
    ]


def _in_the_past() -> Refusal:
    return Refusal(
        "/from_time",
        "not_back_dated",
        TIERS,
        "外出开始时间已过",
        "the leave would begin in the past",
        "现在或者以后开始",
        "a begin from now on",
    )


def _too_late(ahead: int) -> Refusal:
    return Refusal(
        "/from_time",
        "apply_ahead",
        TIERS,
        f"一般应当提前{ahead}日申请",
        f"leave is applied for {ahead} days ahead",
        "情况紧急的，说明紧急理由",
        "urgent_reason, where it is urgent",
    )


def _unproven() -> Refusal:
    return Refusal(
        "/proof",
        "proof",
        TIERS,
        "应当附相关证明材料",
        "an application comes with proof",
        "至少一份证明材料；情况紧急的可以后补",
        "at least one proof; later where it is urgent",
    )


def _overlaps(begin: datetime, end: datetime) -> Refusal:
    return Refusal(
        "/from_time",
        "one_leave_at_a_time",
        TIERS,
        f"与已批准的外出（{begin.isoformat()}至{end.isoformat()}）重叠",
        f"overlaps the leave from {begin.isoformat()} to {end.isoformat()}",
        "与已批准的外出不重叠",
        "a time in which no leave was approved",
    )

"""What the law allows of a positioning order at an instant (社区矫正法 Art. 29). Pure.

applied -> refused | withdrawn | approved; an approved order is in force until it ends or is lifted.
An extension is an application of its own that begins where the order before it ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.law.days import ZONE, LegalCalendar
from server.law.policy import Policy
from server.orders.grounds import LAW, evidence_faults

State = Literal["applied", "approved", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Order:
    """An approved order.

    Attributes:
        lifted_at: When it was lifted before its end, if it was.
        notified_at: When the person was told of it, if that was done.
    """

    order_id: str
    valid_from: datetime
    valid_to: datetime
    lifted_at: datetime | None = None
    notified_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.valid_to if self.lifted_at is None else min(self.valid_to, self.lifted_at)

    def holds_at(self, instant: datetime) -> bool:
        """Return whether it is in force at an instant."""
        return self.valid_from <= instant < self.ends_at


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks for.

    Attributes:
        evidence: Kinds of what is referred to.
        extends: Id of the order that it would continue.
    """

    ground: int
    months: int
    evidence: tuple[str, ...]
    extends: str | None = None


def check_application(
    asked: Asked, standing: Sequence[Order], *, now: datetime, policy: Policy
) -> None:
    """Refuse an application that nobody could approve.

    Args:
        asked: What it asks for.
        standing: Every order of the person.
        now: The instant of applying.
        policy: Figures in force.

    Raises:
        RefusedError: With each rule that it breaks.
    """
    faults = [*evidence_faults(asked.ground, asked.evidence), *_term_faults(asked.months, policy)]
    if asked.extends is None:
        faults += _overlap_faults([one for one in standing if one.ends_at > now])
    else:
        faults += _extension_faults(asked.extends, standing, now)
    if faults:
        raise RefusedError(*faults)


def check_decidable(state: State) -> None:
    """Refuse another decision on what was decided.

    Raises:
        RefusedError: It does not wait for one.
    """
    if state != "applied":
        raise RefusedError(
            Refusal(
                "",
                "application_open",
                LAW,
                "该申请已经办结，不得再作决定",
                f"the application is {state}",
                "另行提出申请",
                "another application",
            )
        )


def granted_term(
    asked: Asked,
    months: int,
    standing: Sequence[Order],
    *,
    now: datetime,
    last: datetime,
    is_assessed: bool,
    policy: Policy,
) -> tuple[datetime, datetime]:
    """Return from when to when an order that is approved now holds.

    Args:
        asked: What was applied for.
        months: What is granted; at most what was asked for.
        standing: Every order of the person.
        now: The instant of the approval; nothing begins before it.
        last: The end of the person's term: nobody is tracked after it.
        is_assessed: The order to be extended was assessed, with that result, while it ran.
        policy: Figures in force.

    Raises:
        RefusedError: With each rule that is broken.
    """
    faults = _term_faults(months, policy)
    if months > asked.months:
        faults.append(_longer_than_asked(asked.months))
    if asked.extends is None:
        faults += _overlap_faults([one for one in standing if one.ends_at > now])
        begin = now
    else:
        faults += _extension_faults(asked.extends, standing, now)
        if not is_assessed:
            faults.append(_not_assessed())
        begin = next((o.valid_to for o in standing if o.order_id == asked.extends), now)
    if begin >= last:
        faults.append(_after_term())
    if faults:
        raise RefusedError(*faults)
    return begin, min(months_after(begin, months), last)


def check_running(order: Order, now: datetime) -> None:
    """Refuse what is for an order that is not over only.

    Raises:
        RefusedError: It is over.
    """
    if order.ends_at > now:
        return
    raise RefusedError(
        Refusal(
            "",
            "order_running",
            LAW,
            "该决定已经期满或者解除",
            "the order is over",
            "对有效的决定作出",
            "of an order that is not over",
        )
    )


def months_after(instant: datetime, months: int) -> datetime:
    """Return the same time of day so many calendar months later in Asia/Shanghai."""
    local = instant.astimezone(ZONE)
    day = LegalCalendar().add_months(local.date(), months)
    return datetime.combine(day, local.timetz())


def _term_faults(months: int, policy: Policy) -> list[Refusal]:
    most = policy.number("order_most_months")
    if 1 <= months <= most:
        return []
    return [
        Refusal(
            "/months",
            "term_most",
            LAW,
            f"{months}个月超过每次的最长期限",
            f"{months} months is more than an order may last",
            f"不超过{most}个月",
            f"at most {most} months",
        )
    ]


def _overlap_faults(running: Sequence[Order]) -> list[Refusal]:
    return [
        Refusal(
            "/subject",
            "one_order_at_a_time",
            LAW,
            f"决定{one.order_id}在{one.ends_at.astimezone(ZONE):%Y年%m月%d日%H时%M分}前有效",
            f"order {one.order_id} holds until {one.ends_at.isoformat()}",
            "期满前经评估申请延长该决定",
            f"an application that extends {one.order_id}, after its assessment",
        )
        for one in running
    ]


def _extension_faults(extends: str, standing: Sequence[Order], now: datetime) -> list[Refusal]:
    order = next((one for one in standing if one.order_id == extends), None)
    if order is None or not order.holds_at(now) or order.lifted_at is not None:
        return [
            Refusal(
                "/extends",
                "extends_running_order",
                LAW,
                "只能延长已经生效、尚未期满、未解除的决定",
                "only an order that is in force and was not lifted is extended",
                "另行提出新的申请",
                "an application for a new order",
            )
        ]
    return _overlap_faults([one for one in standing if one.valid_from >= order.valid_to])


def _longer_than_asked(months: int) -> Refusal:
    return Refusal(
        "/months",
        "not_more_than_asked",
        LAW,
        "批准的期限不得长于申请的期限",
        "more is granted than was asked for",
        f"不超过{months}个月",
        f"at most {months} months",
    )


def _not_assessed() -> Refusal:
    return Refusal(
        "/extends",
        "assessed_first",
        LAW,
        "该决定期满前未经评估，或者评估结论不支持延长",
        "the order was not assessed while it ran, or the last assessment does not ask to extend it",
        "先作期满前的评估并记录",
        "an assessment of that order first",
    )


def _after_term() -> Refusal:
    return Refusal(
        "",
        "within_correction",
        article("law-44").key,
        "矫正期限届满后不得使用电子定位",
        "the person's term is over by then",
        "矫正期限之内",
        "within the term of the correction",
    )

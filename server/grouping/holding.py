"""Whether an alert is routed on its own, or with another that tells the same. Pure.

Two reasons keep an alert that nobody has seen yet from being told: an outage that explains it and
lasts (inhibited), or one of its group that is with somebody already (folded). What holds it is with
a person or on a clock itself; when that ends, the alert is looked at again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from server.alerts.lifecycle import GUARDED, Condition, Severity
from server.grouping.windows import WindowLaw, window_law
from server.law.policy import Policy

HeldAs = Literal["inhibited", "folded"]

INHIBITED: Final[frozenset[str]] = frozenset({"silence", "position_lost"})
"""What an outage of the network, or a gateway that hears nothing, explains."""
BY_GATEWAY: Final[frozenset[str]] = INHIBITED | {"outage"}
"""What a trouble of the gateway that told it explains."""
INHIBITING: Final[tuple[str, ...]] = ("gateway_silent", "gateway_broker")
"""Troubles of a gateway in which it hears no device."""

_RANK: Final[Mapping[str, int]] = MappingProxyType({"minor": 0, "major": 1, "critical": 2})
_SOON: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HoldingLaw:
    """An organisation's figures.

    Attributes:
        windows: Of groups; the same window says what began with an outage.
        most: An outage holds an alert for so long at most.
    """

    windows: WindowLaw
    most: timedelta


def holding_law(policy: Policy) -> HoldingLaw:
    """Return the figures of a policy."""
    most = timedelta(minutes=policy.number("alert_inhibition_most_minutes"))
    return HoldingLaw(window_law(policy), most)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An alert that waits, as it stands.

    Attributes:
        is_new: Nobody has it or took it on, and routing told nobody of it.
        own_group: By its fingerprint.
        group: Where it is shown now.
        held_by: What holds it, or did last.
        held_as: Why it is held; None: it is not.
    """

    id: str
    rule: str
    severity: Severity
    condition: Condition
    late: bool
    begin_time: datetime
    raised_at: datetime
    is_new: bool
    own_group: str | None
    group: str | None
    held_by: str | None = None
    held_as: HeldAs | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """An alert that may hold others: it waits, and is not held by a group of its own.

    Attributes:
        begin_time: When what it tells began.
        until: When its clock ends.
    """

    id: str
    group: str | None
    severity: Severity
    begin_time: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What comes of a look: held, or routed on its own where `held_as` is None.

    Attributes:
        group: Where it is shown from now on.
        due_at: When a held one is looked at again, at the latest; after now.
    """

    group: str | None
    held_as: HeldAs | None = None
    held_by: str | None = None
    due_at: datetime | None = None


def look(
    alert: Candidate,
    inhibitors: Iterable[Holder],
    heads: Mapping[str, Holder],
    *,
    now: datetime,
    law: HoldingLaw,
) -> Look:
    """Return whether an alert is held now, and by what.

    Args:
        alert: Which.
        inhibitors: Outages that last and cover it, the first to be asked first.
        heads: The alert of each group that is with somebody.
        now: The instant, aware.
        law: The organisation's figures.
    """
    if not alert.is_new or alert.rule in GUARDED:
        return Look(alert.group)
    latest = alert.raised_at + law.most
    for one in inhibitors:
        if now < latest and _explains(one, alert, law):
            return Look(one.group or alert.own_group, "inhibited", one.id, latest)
    stands_again = alert.held_as == "inhibited" and alert.condition == "active"
    group = alert.own_group if stands_again else alert.group
    head = heads.get(group) if group is not None else None
    if head is not None and is_foldable(alert) and _covers(head, alert):
        return Look(group, "folded", head.id, max(head.until, now + _SOON))
    return Look(group)


def is_foldable(alert: Candidate) -> bool:
    """Return whether one of its group may stand for it: never for what is critical and goes on."""
    if alert.rule in GUARDED:
        return False
    return alert.severity != "critical" or (alert.late and alert.condition != "active")


def first_of(one: Holder | None, other: Holder) -> Holder:
    """Return which of two stands for their group: the graver, then the one that was there."""
    if one is None or _RANK[other.severity] > _RANK[one.severity]:
        return other
    return one


def _explains(outage: Holder, alert: Candidate, law: HoldingLaw) -> bool:
    """Whether it began with the outage; what was so before has another cause."""
    if outage.id == alert.id or alert.severity == "critical":
        return False
    return alert.begin_time >= outage.begin_time - law.windows.window


def _covers(head: Holder, alert: Candidate) -> bool:
    return head.id != alert.id and _RANK[head.severity] >= _RANK[alert.severity]

"""From deeds to points: a fold over what stands, whatever order it was recorded in. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from server.participants.policy import ParticipantKind, Schedule, StarRule
from server.scoring.score import BEIJING

MILLI: Final = 1000
_UNITS: Final = {"hour": ("小时", "h"), "time": ("次", "×")}


@dataclass(frozen=True, slots=True)
class Share:
    """What one deed comes to.

    Attributes:
        milli: Thousandths of a point that count.
        most_milli: What it would be worth without the month's most.
        policy: Id of the policy that it counts by.
    """

    deed: Mapping[str, Any]
    milli: int
    most_milli: int
    policy: str
    zh: str
    en: str


def month_of(deed: Mapping[str, Any]) -> int:
    """Return the calendar month of a deed in China: year * 12 + month - 1."""
    local = deed["occurred_at"].astimezone(BEIJING)
    return int(local.year * 12 + local.month - 1)


def shares(
    kind: ParticipantKind, deeds: Sequence[Mapping[str, Any]], schedule: Schedule
) -> list[Share]:
    """Return what each standing deed comes to, in the order of their times.

    Args:
        kind: Whose they are.
        deeds: `id`, `deed`, `quantity`, `occurred_at`, `recorded_by`; none that was taken back.
        schedule: What is in force in which month.
    """
    used: dict[tuple[int, str], int] = defaultdict(int)
    found = []
    for deed in sorted(deeds, key=lambda one: (one["occurred_at"], one["id"])):
        month = month_of(deed)
        policy, content = schedule.at(month)
        rule = content.groups[kind].deeds.get(deed["deed"])
        if rule is None:
            continue
        worth = int(Decimal(rule.points) * deed["quantity"] * MILLI)
        left = rule.month_most * MILLI - used[month, deed["deed"]]
        counts = min(worth, left)
        used[month, deed["deed"]] += counts
        zh_unit, en_unit = _UNITS[rule.unit]
        day, amount = deed["occurred_at"].astimezone(BEIJING).date(), _plain(deed["quantity"])
        points, by = _plain(Decimal(counts) / MILLI), deed["recorded_by"]
        capped = counts < worth
        found.append(
            Share(
                deed,
                counts,
                worth,
                policy,
                f"{day} {rule.text.zh}（{amount}{zh_unit}）：计{points}分"
                + (f"，当月此项至多{rule.month_most}分" if capped else "")
                + f"；由{by}登记，依据方案{policy}。",
                f"{day} {rule.text.en} ({amount} {en_unit}): {points} points"
                + (f", {rule.month_most} at most in a month" if capped else "")
                + f"; recorded by {by}, by policy {policy}.",
            )
        )
    return found


def total_milli(counted: Sequence[Share]) -> int:
    """Return the sum, thousandths of a point."""
    return sum(one.milli for one in counted)


def star_of(stars: Sequence[StarRule], milli: int) -> StarRule | None:
    """Return the highest star that so many thousandths of a point reach."""
    reached = [star for star in stars if star.points * MILLI <= milli]
    return reached[-1] if reached else None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"

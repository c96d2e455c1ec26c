"""An explanation of made-up facts, to read and to hold to what it says. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from server.scoring.explaining import as_of
from server.scoring.explanation import described
from server.scoring.kinds import PUBLIC_CREDIT
from server.scoring.policy import MILLI, Indicator, Policy
from server.scoring.policy_file import default
from server.scoring.schedule import Schedule
from server.scoring.score import BEIJING, OPENING, month_number, public_points
from server.scoring.targets import Standing, targets

_AT: Final = datetime(2026, 11, 22, 8, tzinfo=BEIJING)
_OPENED: Final = datetime(2026, 1, 5, 9, tzinfo=BEIJING)
_CREDIT: Final = Decimal(812)
_FACTS: Final = (
    ("report_kept", datetime(2026, 3, 2, 9, tzinfo=BEIJING), Decimal(1)),
    ("unapproved_outing", datetime(2026, 4, 18, 22, tzinfo=BEIJING), Decimal(1)),
    ("employment_kept", datetime(2026, 9, 1, 10, tzinfo=BEIJING), Decimal(1)),
    ("public_service_hour", datetime(2026, 11, 7, 9, tzinfo=BEIJING), Decimal(8)),
    ("public_service_hour", datetime(2026, 11, 14, 9, tzinfo=BEIJING), Decimal(6)),
    ("praise", datetime(2026, 11, 20, 15, tzinfo=BEIJING), Decimal(1)),
)

Given = tuple[str, datetime, Decimal]


def explanation(
    facts: Iterable[Given] = _FACTS, credit: Decimal | None = _CREDIT, at: datetime = _AT
) -> dict[str, Any]:
    """Return the explanation of somebody's facts under the policy that ships.

    Args:
        facts: Kind, time and quantity of each; kinds that the policy scores.
        credit: The public-credit figure; None: none is known.
        at: As of when.
    """
    policy, schedule = default(), Schedule(())
    lines = [*_opening(policy, credit), *_lines(policy, list(facts))]
    explained = as_of(lines, at, at, schedule)
    score = explained.score()
    if score is None:
        return {}
    return described(explained, "s-sample", score, at=at, known_at=at)


def _opening(policy: Policy, credit: Decimal | None) -> list[dict[str, Any]]:
    points = {"management": policy.start}
    if credit is not None:
        points["public"] = int(public_points(credit, policy) * MILLI)
    return [
        _line(policy, number, part, OPENING, (None, _OPENED, milli))
        for number, (part, milli) in enumerate(points.items())
    ]


def _lines(policy: Policy, facts: Sequence[Given]) -> list[dict[str, Any]]:
    standing: dict[str, tuple[Indicator, list[Standing]]] = {}
    kinds = {}
    for number, (kind, occurred_at, quantity) in enumerate(facts):
        fact = Standing(f"f-{number:03d}", occurred_at, quantity)
        indicator = policy.of_fact[kind]
        standing.setdefault(indicator.id, (indicator, []))[1].append(fact)
        kinds[fact.id] = kind
    lines: list[dict[str, Any]] = []
    for indicator, of in standing.values():
        wanted = targets(of, indicator, month_number(_OPENED))
        for fact in of:
            place = len(lines) + 2
            posted = (fact, fact.occurred_at, wanted[fact.id])
            line = _line(policy, place, "management", indicator.id, posted)
            lines.append(line | {"fact_kind": kinds[fact.id], "dimension": indicator.dimension})
    return lines


def _line(
    policy: Policy, number: int, part: str, account: str, of: tuple[Standing | None, datetime, int]
) -> dict[str, Any]:
    fact, effective_at, milli = of
    return {
        "id": number,
        "recorded_at": min(effective_at + timedelta(hours=1), _AT),
        "effective_at": effective_at,
        "part": part,
        "dimension": account,
        "indicator": account,
        "account": account,
        "points_milli": milli,
        "policy_version": policy.version,
        "fact_id": fact.id if fact else None,
        "reverses": None,
        "confirmed_by": "officer-1",
        "quantity": fact.quantity if fact else Decimal(0),
        "fact_kind": PUBLIC_CREDIT if fact is None else account,
    }

"""The nuisance budget."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from server.auth.person import ReaderDesk
from server.budget import store
from server.budget.schemas import Budget, BudgetReasons
from server.budget.spending import PARAMETER, Grain, by_period, spent
from server.policies.store import policy_of
from server.precision.asking import OfOrg, asked_org
from server.precision.period import Since, Until, asked_period

router = APIRouter(prefix="/api/v1/alert-budget", tags=["alert figures"])

_MOST_DAYS: Final = 92
_MOST_DAYS_OF_REASONS: Final = 31


@router.get("", response_model=Budget)
async def read_budget(
    *,
    desk: ReaderDesk,
    grain: Grain = "day",
    since: Since = None,
    until: Until = None,
    org: OfOrg = None,
) -> dict[str, Any]:
    """Say what was spent of the nuisance budget and what is left, by day or week.

    Without a period: last week and this.
    """
    of_org = await asked_org(desk, org)
    period = asked_period(since, until, now=desk.now, weeks=2, most_days=_MOST_DAYS)
    policy = await policy_of(desk.connection, of_org, desk.now)
    parameter = policy.parameter(PARAMETER)
    days = await store.days(desk.connection, of_org, period.since, period.until)
    return {
        "org": of_org,
        "since": period.since,
        "until": period.until,
        "budget_per_subject_day": parameter.value / 100,
        "source": parameter.source,
        "status": parameter.status,
        **spent(days.values(), parameter.value),
        "periods": by_period(
            days,
            since=period.since,
            until=period.until,
            grain=grain,
            budget_centi=parameter.value,
        ),
    }


@router.get("/reasons", response_model=BudgetReasons)
async def list_reasons(
    *,
    desk: ReaderDesk,
    by: store.Reason = "rule",
    since: Since = None,
    until: Until = None,
    org: OfOrg = None,
    most: Annotated[int, Query(alias="limit", ge=1, le=100)] = 10,
) -> dict[str, Any]:
    """Say what the budget was spent on, the most first: rules, devices, fences or people."""
    of_org = await asked_org(desk, org)
    period = asked_period(since, until, now=desk.now, weeks=2, most_days=_MOST_DAYS_OF_REASONS)
    rows = await store.reasons(
        desk.connection, by, org=of_org, since=period.since, until=period.until, most=most
    )
    return {"org": of_org, "by": by, "since": period.since, "until": period.until, "items": rows}

"""The figures of a month, gathered from where each is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from server.alert_reports import store
from server.alert_reports.schemas import MonthFigures
from server.attention import store as attention
from server.attention.stages import staged
from server.auth.person import Desk
from server.budget import store as budget
from server.budget.spending import PARAMETER, spent
from server.errors import NotFoundError
from server.policies.store import policy_of
from server.precision import store as precision
from server.precision.counting import COUNTS, with_precision

_MOST_KEYS: Final = 200
_MOST_MODELS: Final = 20
_MOST_REASONS: Final = 5
_MOST_SILENCES: Final = 200
_DECEMBER: Final = 12


def month_of(text: str) -> tuple[date, date]:
    """Return the first day of a month `2026-10`, and of the next."""
    year, month = map(int, text.split("-"))
    following = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    return date(year, month, 1), date(*following, 1)


async def month_figures(desk: Desk, org: str, since: date, until: date) -> MonthFigures:
    """Return what an organisation's month was, as it stands now.

    Raises:
        NotFoundError: No such organisation in the scope.
    """
    named = await store.org_names(desk.connection, org)
    if named is None:
        raise NotFoundError("no such organisation in your scope")
    other = await store.other_figures(desk.connection, org, since, until, _MOST_SILENCES)
    titles = {row["rule"]: row for row in other.pop("titles")}
    rules = await _counted(desk, "rule", org, since, until)
    models = await _counted(desk, "device_model", org, since, until)
    models.sort(key=lambda row: (-row["raised"], row["key"]))
    days = attention.Days(org, since, until)
    times = [staged(row) for row in await attention.times_by_severity(desk.connection, days)]
    return MonthFigures.model_validate(
        {
            "format": "guitu-alert-report/1",
            "org": org,
            "name_zh": named["name_zh"],
            "name_en": named["name_en"],
            "since": since,
            "until": until,
            "total": _titled(_sum(rules), {}),
            "rules": [_titled(row, titles) for row in rules],
            "device_models": [_titled(row, {}) for row in models[:_MOST_MODELS]],
            "times": times,
            "budget": await _budget(desk, org, since, until),
            **other,
        }
    )


async def _counted(
    desk: Desk, by: precision.By, org: str, since: date, until: date
) -> list[dict[str, Any]]:
    rows = await precision.page(
        desk.connection,
        by,
        weekly=False,
        since=since,
        until=until,
        rule=None,
        org=org,
        after=None,
        limit=_MOST_KEYS,
    )
    return [with_precision(row) for row in rows]


def _sum(rows: list[dict[str, Any]]) -> dict[str, Any]:
    total = {name: sum(row[name] for row in rows) for name in COUNTS}
    return with_precision({"key": "", **total})


def _titled(row: Mapping[str, Any], titles: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    title = titles.get(row["key"], {})
    return {**row, "zh": title.get("zh"), "en": title.get("en")}


async def _budget(desk: Desk, org: str, since: date, until: date) -> dict[str, Any]:
    policy = await policy_of(desk.connection, org, desk.now)
    parameter = policy.parameter(PARAMETER)
    days = await budget.days(desk.connection, org, since, until)
    reasons = {
        name: await budget.reasons(
            desk.connection, by, org=org, since=since, until=until, most=_MOST_REASONS
        )
        for name, by in _REASONS.items()
    }
    return {
        **spent(days.values(), parameter.value),
        "budget_per_subject_day": parameter.value / 100,
        "source": parameter.source,
        **reasons,
    }


_REASONS: Final[Mapping[str, budget.Reason]] = {"rules": "rule", "devices": "device"}

"""How often alerts were right."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query

from server.auth.person import ReaderDesk
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.precision import store
from server.precision.asking import OfOrg, asked_org
from server.precision.counting import with_precision
from server.precision.period import Since, Until, asked_period
from server.precision.schemas import PrecisionPage

router = APIRouter(prefix="/api/v1/alert-precision", tags=["alert figures"])

_WEEKS: Final = 12
_MOST_DAYS: Final = 371


@router.get("", response_model=PrecisionPage)
async def list_precision(
    *,
    desk: ReaderDesk,
    by: store.By = "rule",
    grain: Annotated[Literal["week", "whole"], Query(description="or the whole period")] = "week",
    since: Since = None,
    until: Until = None,
    rule: Annotated[str | None, Query(max_length=40)] = None,
    org: OfOrg = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Count alerts by verdict and week they were raised in: by rule, model, fence kind or office.

    Weeks begin on Monday. Without a period: the last twelve weeks. By organisation: `org` and those
    next below it, each with all that are below.
    """
    period = asked_period(since, until, now=desk.now, weeks=_WEEKS, most_days=_MOST_DAYS)
    after = decode_cursor(cursor, date, str)
    rows = await store.page(
        desk.connection,
        by,
        weekly=grain == "week",
        since=period.since,
        until=period.until,
        rule=rule,
        org=await asked_org(desk, org),
        after=None if after is None else (after[0], after[1]),
        limit=limit + 1,
    )
    page = page_of([with_precision(row) for row in rows], limit, "begins_on", "key")
    return page | {"since": period.since, "until": period.until}

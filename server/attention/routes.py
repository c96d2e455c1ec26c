"""What reached whom at the alert desk, and in what time."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from server.attention import store
from server.attention.record import as_file, whose
from server.attention.schemas import RecordPage, Seen, TimesPage
from server.attention.stages import staged
from server.auth.person import ReaderDesk
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.exchange.digests import new_number, note_file
from server.precision.asking import OfOrg, asked_org
from server.precision.period import Since, Until, asked_period

router = APIRouter(prefix="/api/v1", tags=["alert figures"])

_WEEKS: Final = 4
_MOST_DAYS: Final = 92
_MOST_DAYS_OF_TIMES: Final = 31
_OfLogin = Annotated[
    str | None, Query(max_length=40, description="whose; the own if none, or `me`")
]
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/alerts/seen", status_code=204)
async def note_seen(desk: ReaderDesk, body: Seen) -> None:
    """Note which alerts were on the person's screen and which were opened; the first time stands.

    It may be said again, and in any order; an alert of another scope is passed over.
    """
    await store.see(desk.connection, desk.person.login, body.shown, body.opened)


@router.get("/alert-record", response_model=RecordPage)
async def read_record(
    *,
    desk: ReaderDesk,
    login: _OfLogin = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Read what alerts reached a person and what the person did, newest first.

    An officer reads the own record; supervisors, heads and auditors those of their scope.
    """
    of_login = await whose(desk, login)
    period = asked_period(since, until, now=desk.now, weeks=_WEEKS, most_days=_MOST_DAYS)
    key = decode_cursor(cursor, datetime, str, str, int)
    rows = await store.record(
        desk.connection,
        of_login,
        since=period.since,
        until=period.until,
        before=None if key is None else (key[0], key[1], key[2], key[3]),
        limit=limit + 1,
    )
    page = page_of(rows, limit, "at", "alert", "what", "line")
    return page | {"login": of_login, "since": period.since, "until": period.until}


@router.get("/alert-record/file", response_class=Response, responses=_FILE)
async def download_record(
    *, desk: ReaderDesk, login: _OfLogin = None, since: Since = None, until: Until = None
) -> Response:
    """Download a person's record as CSV, as who may read it."""
    of_login = await whose(desk, login)
    period = asked_period(since, until, now=desk.now, weeks=_WEEKS, most_days=_MOST_DAYS)
    content = await as_file(desk, of_login, period)
    await note_file(desk, new_number(), "alert-record", content)
    name = f"alert-record-{of_login}-{period.since}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/alert-times", response_model=TimesPage)
async def list_times(
    *,
    desk: ReaderDesk,
    since: Since = None,
    until: Until = None,
    org: OfOrg = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Answer in what time alerts were shown, taken on, reached and decided, by office and severity.

    Of alerts raised in the period, at most 31 days; without one: the last four weeks.
    """
    of_org = await asked_org(desk, org)
    period = asked_period(since, until, now=desk.now, weeks=_WEEKS, most_days=_MOST_DAYS_OF_TIMES)
    key = decode_cursor(cursor, str, str)
    days = store.Days(of_org, period.since, period.until)
    after = None if key is None else (key[0], key[1])
    rows = await store.times(desk.connection, days, after=after, limit=limit + 1)
    page = page_of([staged(row) for row in rows], limit, "org", "severity")
    return page | {"since": period.since, "until": period.until}

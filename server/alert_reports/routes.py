"""Monthly reports of the alert desk."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from server.alert_reports import store
from server.alert_reports.figures import month_figures, month_of
from server.alert_reports.making import as_table, make
from server.alert_reports.schemas import (
    Month,
    MonthFigures,
    NewReport,
    Report,
    ReportInfo,
    ReportPage,
)
from server.auth.person import DeciderDesk, Desk, ReaderDesk
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.errors import NotFoundError
from server.exchange.digests import new_number, note_file
from server.exchange.giving import marks_of
from server.once import RequestKey, once
from server.precision.asking import OfOrg, asked_org

router = APIRouter(prefix="/api/v1/alert-reports", tags=["alert figures"])

_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", status_code=201)
async def make_report(
    desk: DeciderDesk, request: Request, body: NewReport, key: RequestKey
) -> ReportInfo:
    """Make the own organisation's report of a month that is over: frozen, numbered, printed, once.

    The print is `GET /api/v1/documents/{document_id}/content`.
    """

    async def work() -> ReportInfo:
        return ReportInfo.model_validate(await make(desk, body.month))

    return await once(desk, request, key, work, answers=ReportInfo)


@router.get("", response_model=ReportPage)
async def list_reports(
    *,
    desk: ReaderDesk,
    org: Annotated[str | None, Query(max_length=40, description="made by this one")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the reports of the scope, or of one organisation, the newest month first."""
    key = decode_cursor(cursor, date, str)
    after = None if key is None else (key[0], key[1])
    rows = await store.page(desk.connection, org=org, after=after, limit=limit + 1)
    return page_of(rows, limit, "month", "org")


@router.get("/figures")
async def read_figures(
    *, desk: ReaderDesk, month: Annotated[Month, Query()], org: OfOrg = None
) -> MonthFigures:
    """Answer a month's figures as they stand now, also of a month that is not over."""
    return await month_figures(desk, await asked_org(desk, org), *month_of(month))


@router.get("/{report_id}", response_model=Report)
async def read_report(desk: ReaderDesk, report_id: str) -> dict[str, Any]:
    """Read a report's figures as they were when it was made."""
    return await _report(desk, report_id)


@router.get("/{report_id}/file", response_class=Response, responses=_FILE)
async def read_table(desk: ReaderDesk, report_id: str) -> Response:
    """Download a report's figures as CSV, a line for each."""
    found = await _report(desk, report_id)
    month = f"{found['month']:%Y-%m}"
    figures: MonthFigures = found["figures"]
    marks = [f"报警处置月报 {figures.name_zh} {month}；文号 {found['number']}"]
    number = new_number()
    marks += [f"SHA-256 {found['sha256']}", *marks_of(desk, number, f"{found['number']}")]
    content = await as_table(figures, marks)
    await note_file(desk, number, "alert-report", content)
    name = f"alert-report-{found['org']}-{month}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def _report(desk: Desk, report_id: str) -> dict[str, Any]:
    found = await store.report(desk.connection, report_id)
    if found is None:
        raise NotFoundError("no such report in your scope")
    return found | {"figures": MonthFigures.model_validate_json(found.pop("content"))}

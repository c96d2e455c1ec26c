"""Makes the report of a month that is over: frozen, hashed, numbered and printed, once."""

import asyncio
import hashlib
import json
import secrets
from typing import Any, Final

from server.alert_reports import store
from server.alert_reports.figures import month_figures, month_of
from server.alert_reports.schemas import MonthFigures
from server.alert_reports.wording import values_of
from server.auth.person import Desk
from server.documents.issuing import issue
from server.errors import ConflictError, InvalidError
from server.exchange.columns import Column
from server.exchange.writing import table_file
from server.precision.period import local_day

KIND: Final = "alert_report"
_COLUMNS: Final = (
    Column("part", "部分", "part"),
    Column("key", "名称", "key"),
    Column("figure", "指标", "figure"),
    Column("value", "数值", "value", "number"),
)


async def make(desk: Desk, month: str) -> dict[str, Any]:
    """Make the own organisation's report of a month; return it without its figures.

    Raises:
        InvalidError: The month is not over.
        ConflictError: It was made before.
    """
    org = desk.person.org_id
    since, until = month_of(month)
    if until > local_day(desk.now):
        raise InvalidError([("/month", f"is not over before {until}: report it from then on")])
    await store.hold_month(desk.connection, org, since)
    if await store.of_month(desk.connection, org, since) is not None:
        raise ConflictError(f"the report of {month} was made: GET /api/v1/alert-reports")
    figures = await month_figures(desk, org, since, until)
    content = frozen(figures)
    digest = hashlib.sha256(content.encode()).hexdigest()
    report_id = f"ar-{secrets.token_hex(12)}"
    document = await issue(desk, KIND, None, values_of(figures, digest), KIND, report_id)
    row = {
        "id": report_id,
        "org": org,
        "month": since,
        "content": content,
        "sha256": digest,
        "document_id": document.id,
        "made_by": desk.person.login,
        "made_at": desk.now,
    }
    await store.insert(desk.connection, row)
    del row["content"]
    return row | {"number": document.number}


def frozen(figures: MonthFigures) -> str:
    """Return figures as they are kept: the same figures give the same text."""
    return json.dumps(
        figures.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


async def as_table(figures: MonthFigures, marks: list[str]) -> bytes:
    """Return figures as CSV: a line for each."""
    lines = list(_lines("", "", figures.model_dump(mode="json")))
    return await asyncio.to_thread(table_file, _COLUMNS, lines, marks, "csv")


def _lines(part: str, key: str, value: Any) -> list[list[Any]]:
    """Return every single figure with the part and the key that it belongs to."""
    if isinstance(value, list):
        return [line for one in value for line in _lines(part, _key(one), one)]
    found = []
    for name, one in value.items():
        if isinstance(one, dict | list):
            found += _lines(f"{part}.{name}" if part else name, key, one)
        else:
            found.append([part, key, name, one])
    return found


def _key(one: dict[str, Any]) -> str:
    names = ("key", "severity", "gateway", "channel", "level")
    return next((str(one[name]) for name in names if name in one), "")

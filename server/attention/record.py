"""A person's record at the alert desk: read by the person, and by who is above; as a file too."""

import asyncio
from typing import Any, Final

from server.attention import store
from server.auth.person import Desk
from server.errors import ForbiddenError, NotFoundError, TooLargeError
from server.exchange.columns import Column
from server.exchange.writing import table_file
from server.law.days import ZONE
from server.precision.period import Period

_MOST_ROWS: Final = 20_000
_COLUMNS: Final = (
    Column("at", "时间", "time", "instant"),
    Column("what", "事项", "what"),
    Column("alert", "报警编号", "alert"),
    Column("rule", "规则", "rule"),
    Column("severity", "级别", "severity"),
    Column("org", "机构", "organisation"),
    Column("raised_at", "报警时间", "raised at", "instant"),
    Column("after_s", "距报警秒数", "seconds after it was raised", "number"),
    Column("verdict", "结论", "verdict"),
)
_ABOVE: Final = frozenset({"supervisor", "head", "auditor"})


async def whose(desk: Desk, login: str | None) -> str:
    """Return whose record is asked for; an officer reads only the own.

    Raises:
        ForbiddenError: It is somebody else's, and the person is an officer.
        NotFoundError: No such account in the scope.
    """
    own = desk.person.login
    if login is None or login in ("me", own):
        return own
    if desk.person.role not in _ABOVE:
        raise ForbiddenError("an officer reads the own record: leave out login")
    if not await store.works_here(desk.connection, login):
        raise NotFoundError("nobody of this login works in your scope")
    return login


async def as_file(desk: Desk, login: str, period: Period) -> bytes:
    """Return a person's record as CSV, with who took it and when at its head.

    Raises:
        TooLargeError: More than 20,000 lines.
    """
    rows = await store.record(
        desk.connection,
        login,
        since=period.since,
        until=period.until,
        before=None,
        limit=_MOST_ROWS + 1,
    )
    if len(rows) > _MOST_ROWS:
        raise TooLargeError(f"more than {_MOST_ROWS} lines: ask for fewer days")
    values = [[_cell(row[column.name]) for column in _COLUMNS] for row in rows]
    marks = _marks(desk, login, period)
    return await asyncio.to_thread(table_file, _COLUMNS, values, marks, "csv")


def _cell(value: Any) -> Any:
    return round(value) if isinstance(value, float) else value


def _marks(desk: Desk, login: str, period: Period) -> list[str]:
    at = desk.now.astimezone(ZONE)
    days = f"{period.since.isoformat()} ... {period.until.isoformat()}"
    by = f"{desk.person.name}（{desk.person.login}）"
    return [
        f"报警值守履职记录 {login}；{days}（不含末日）；导出人 {by}；时间 {at:%Y-%m-%d %H:%M:%S}",
        f"record of {login} at the alert desk, {days} (last day left out), by {desk.person.login}",
    ]

"""One export: the file, marked with who took it and why, and the note of it."""

import asyncio
from typing import Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.looking import bound_exports
from server.auth.person import Desk
from server.auth.store import log_access
from server.errors import TooLargeError
from server.exchange import export_store
from server.exchange.digests import new_number, note_file
from server.exchange.reading import MOST_ROWS
from server.exchange.writing import Format, table_file
from server.law.articles import article
from server.law.codes import TABLES
from server.law.days import ZONE

_GROUNDS: Final = {one.number: one.name for one in TABLES["order_ground"].codes}
_ARTICLES: Final = (article("pipl-51").key, article("law-54").key)


async def give(
    desk: Desk, name: export_store.Name, form: Format, *, purpose: str, identities: bool
) -> tuple[str, bytes]:
    """Return an export's number and its bytes; who, when and why is logged and stands in it.

    Raises:
        TooLargeError: The scope holds more rows than a file may have.
    """
    rows = await export_store.rows(
        desk.connection, desk.parts.vault, name, identities=identities, limit=MOST_ROWS + 1
    )
    if len(rows) > MOST_ROWS:
        raise TooLargeError(f"more than {MOST_ROWS} rows: ask as a city or county")
    number = new_number()
    await note_export(
        desk, number, purpose, {"kind": name, "rows": len(rows), "identities": identities}
    )
    columns = export_store.COLUMNS[name]
    if name == "orders":
        rows = [row | {"ground": _GROUNDS[str(row["ground"])]} for row in rows]
    values = [[row[column.name] for column in columns] for row in rows]
    marks = marks_of(desk, number, purpose)
    content = await asyncio.to_thread(table_file, columns, values, marks, form)
    await note_file(desk, number, name, content)
    return number, content


async def note_export(
    desk: Desk,
    number: str,
    purpose: str,
    said: dict[str, object],
    *,
    subject_id: str | None = None,
) -> None:
    """Note an export in the access log and as an act: `said` has its kind, and what was taken.

    Raises:
        TooManyLooksError: More files than one login may take in 24 hours.
    """
    person = desk.person
    await log_access(
        desk.connection,
        org_id=person.org_id,
        by_login=person.login,
        act=f"export {said['kind']}",
        subject_id=subject_id,
        purpose=purpose,
    )
    await bound_exports(desk)
    act = Act(
        *("export.taken", person.org_id, None, "export", number, desk.now),
        articles=_ARTICLES,
        body=said | {"purpose": purpose},
    )
    await record(desk.connection, act, person)


def marks_of(desk: Desk, number: str, purpose: str) -> list[str]:
    """Return what a file says of who took it, when and why: Chinese, English."""
    person = desk.person
    at = desk.now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    line = " ".join(purpose.split())
    by = f"{person.org_name_zh} {person.name}（{person.login}）"
    kept = "不含未成年人和封存档案，不得外传"
    without = "without files of minors and sealed files; not to be passed on"
    return [
        f"导出人 {by}；时间 {at}；编号 {number}；用途 {line}；{kept}",
        f"taken by {person.login} at {at} Beijing time; number {number}; {without}",
    ]

"""A copy of the own data, as JSON: scoped to the person, and noted."""

from typing import Any, Final

from server.auth.person import Desk
from server.auth.store import log_access
from server.cases.noting import note
from server.cases.reading import whole_file
from server.cases.standing import standing
from server.data_rights import store
from server.documents import store as document_store
from server.law.articles import article
from server.own.reading import own_file

_ARTICLE: Final = article("pipl-45")
_MOST: Final = 200
_RECORD: Final = (
    *("subject", "name", "category", "stage", "sex", "birth_date", "identity_number", "phone"),
    *("residence", "crime"),
)
_PAPER: Final = ("id", "kind", "number", "issued_at", "sha256")


async def own_data(desk: Desk) -> dict[str, Any]:
    """Return a copy of what is recorded of the person, as `OwnData` has it: nobody else's words."""
    subject_id = desk.person.subject_id or ""
    connection = desk.connection
    file = await whole_file(desk, subject_id)
    papers = await document_store.page(
        *(connection,), subject=subject_id, kind=None, ref=None, before=None, limit=_MOST + 1
    )
    requests = await store.page(
        connection, subject=subject_id, state=None, before=None, limit=_MOST + 1
    )
    await _note(desk, subject_id)
    return {
        "taken_at": desk.now,
        "record": {name: file[name] for name in _RECORD},
        "file": await own_file(desk),
        "documents": [{name: one[name] for name in _PAPER} for one in papers[:_MOST]],
        "requests": requests[:_MOST],
        "truncated": max(len(papers), len(requests)) > _MOST,
    }


async def _note(desk: Desk, subject_id: str) -> None:
    await log_access(
        desk.connection,
        org_id=desk.person.org_id,
        by_login=desk.person.login,
        act="own data",
        subject_id=subject_id,
        purpose=_ARTICLE.cited.zh,
    )
    file = await standing(desk.connection, subject_id)
    await note(desk, file, "data.copied", _ARTICLE.key)

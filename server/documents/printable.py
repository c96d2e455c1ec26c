"""Papers that come with an act and never keep it back for a character that the font lacks."""

from collections.abc import Mapping
from typing import Any, Final

from server.auth.person import Desk
from server.documents.issuing import Document, issue
from server.errors import RefusedError

_GLYPH: Final = "document_glyph"


async def issue_printable(  # noqa: PLR0917 - as of `issue`
    desk: Desk,
    kind: str,
    subject_id: str | None,
    values: Mapping[str, Any],
    ref_kind: str,
    ref_id: str,
) -> Document | None:
    """Issue a document as `issue` does; None where the font lacks a character of it.

    Raises:
        NotFoundError: The person is not in the scope.
        RefusedError: The organisation does not issue this document, or a value is wrong or missing.
        KeyError: No such template.
    """
    try:
        # The number that was taken for it is given back with what is taken back.
        async with desk.connection.transaction():
            return await issue(desk, kind, subject_id, values, ref_kind, ref_id)
    except RefusedError as error:
        if any(fault["rule"] != _GLYPH for fault in error.members["errors"]):
            raise
        return None


def papers_said(papers: Mapping[str, Document | None]) -> dict[str, list[str]]:
    """Return what an act says of its papers: `documents` by id, and the kinds it is `without`.

    Args:
        papers: What was issued, by kind; None where it could not be printed.
    """
    missing = [kind for kind, paper in papers.items() if paper is None]
    issued = [paper.id for paper in papers.values() if paper is not None]
    return {"documents": issued} | ({"without": missing} if missing else {})

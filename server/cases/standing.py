"""Where a person stands: what every other feature asks before it acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from server.cases import standing_store
from server.db import Connection
from server.errors import NotFoundError, Refusal, RefusedError

Stage = Literal["received", "in_correction", "released", "terminated", "transferred_out"]
Category = Literal["control", "probation", "parole", "medical"]

STAGE_ZH: Final[dict[Stage, str]] = {
    "received": "入矫",
    "in_correction": "在矫",
    "released": "解矫",
    "terminated": "终止",
    "transferred_out": "转出",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's file as far as others must know it.

    Attributes:
        org_id: The organisation that has the file, an office or a county.
        county_id: Its county; None where none is above it.
        term_from: First day of the term.
        term_to: Last day of the term; on it the person is released.
        version: Of the file; its ETag.
    """

    subject_id: str
    org_id: str
    county_id: str | None
    category: Category
    stage: Stage
    is_minor: bool
    is_sealed: bool
    term_from: date
    term_to: date
    version: int


async def standing(connection: Connection, subject_id: str, *, lock: bool = False) -> Standing:
    """Return where a person stands.

    Args:
        connection: The transaction; it sees its scope, and closed files only when opened.
        subject_id: The person.
        lock: Hold the file until the transaction ends, so that two acts on it follow each other.

    Raises:
        NotFoundError: Not there, not in the scope, or closed to who asks.
    """
    if lock:
        await standing_store.lock_file(connection, subject_id)
    row = await standing_store.standing_row(connection, subject_id)
    if row is None:
        raise NotFoundError("no such subject in your scope")
    return Standing(**row)


def stage_refusal(
    stage: Stage, allowed: Sequence[Stage], article: str | None = None
) -> Refusal | None:
    """Return why a stage does not do, None when it is one of those allowed."""
    if stage in allowed:
        return None
    return Refusal(
        "",
        "stage",
        article,
        f"该对象处于{STAGE_ZH[stage]}阶段，不得作出该行为",
        f"not while the person is {stage}",
        "、".join(STAGE_ZH[one] for one in allowed),
        " or ".join(allowed),
    )


def require_stage(found: Standing, *stages: Stage, article: str | None = None) -> None:
    """Refuse an act on a person who is not in one of these stages.

    Raises:
        RefusedError: With the stages in which it is allowed.
    """
    refusal = stage_refusal(found.stage, stages, article)
    if refusal is not None:
        raise RefusedError(refusal)

"""A mapping (对照表): what a receiver is told for each grade. Pure.

Data, not code: another city is another document. Only the mapped code and points leave, never the
score, its parts, its facts or its colour.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from server.schema import Strict
from server.scoring.policy import Grade
from server.signing.canonical import canonical
from server.trends.asking import month_text

FORMAT: Final = "guitu-outflow/1"


class MappingWords(Strict):
    """A text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=400)]


class Mapped(Strict):
    """What the receiver is told of a grade: its own code, and points of its own scale."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    points: Annotated[int, Field(ge=-1000, le=1000)]


class MappingContent(Strict):
    """A mapping table; every grade has its row."""

    format: Literal["guitu-outflow-mapping/1"]
    title: MappingWords
    legal_basis: Annotated[MappingWords, Field(description="why the receiver may know, in words")]
    grades: dict[Grade, Mapped] = Field(min_length=5, max_length=5)


def digest(content: MappingContent) -> bytes:
    """Return the SHA-256 of a mapping's canonical JSON."""
    return hashlib.sha256(canonical(content.model_dump(mode="json")).encode()).digest()


def message_id(*parts: object) -> str:
    """Return the id of a message: the same parts make the same one."""
    text = canonical([str(one) for one in parts])
    return f"of-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def score_content(row: Mapping[str, Any], content: MappingContent) -> dict[str, Any]:
    """Return what the receiver is told of a close; `row` has `reference`, `month`, `grade`."""
    mapped = content.grades[row["grade"]]
    return {
        "format": FORMAT,
        "kind": "score",
        "reference": row["reference"],
        "month": month_text(row["month"]),
        "mapping": row["mapping_id"],
        "code": mapped.code,
        "points": mapped.points,
    }


def revocation_content(told: Mapping[str, Any], revokes: str, because: str) -> dict[str, Any]:
    """Return what takes a message back; it says no more of the person than that message did."""
    kept = {name: told[name] for name in ("format", "reference", "month", "mapping")}
    return kept | {"kind": "revocation", "revokes": revokes, "because": because}

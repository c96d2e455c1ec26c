"""An act, and whose authority it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from server.auth.person import Person

Authority = Literal["own", "delegated", "deciding_body", "person", "system"]
"""`own`: the county's and above; `delegated`: an office acts under the county's delegation (委托,
社区矫正法 Art. 9); `deciding_body`: a court's or prison's decision that is noted here; `person`: a
supervised person's own; `system`: a clock's."""


@dataclass(frozen=True, slots=True)
class Act:
    """What happened to one thing.

    Attributes:
        kind: `thing.what`, such as `leave.approved`.
        org_id: Whose record it is.
        subject_id: Whom it is about, if anybody.
        ref_kind: What it is about.
        ref_id: Its id.
        happened_time: When it happened, as claimed; the moment of recording is the database's.
        articles: Keys of `server.law.articles` that it rests on.
        body: What else the record must say; no position, no biometric data.
        authority: None: as the person who acts has it.
    """

    kind: str
    org_id: str
    subject_id: str | None
    ref_kind: str
    ref_id: str
    happened_time: datetime
    articles: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    authority: Authority | None = None


def authority_of(person: Person) -> Authority:
    """Return by whose authority a person acts."""
    if person.role == "subject":
        return "person"
    return "delegated" if person.org_level == "office" else "own"

"""Answers of import and export."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from server.exchange.kinds import Name
from server.schema import Words


class Fault(BaseModel):
    """A fault of a file; `row` as a spreadsheet counts, 0 for the whole file."""

    row: int
    column: str
    pointer: str
    rule: str
    article: str | None
    detail: Words
    allowed: Words


class Taken(BaseModel):
    """How an import ended; of many faults the first 2,000 are listed."""

    kind: Name
    dry_run: bool
    rows: int
    written: int
    fault_count: int
    faults: list[Fault]


class RunInfo(BaseModel):
    """An import, under way or over; `interrupted`: the server stopped in it, nothing was taken."""

    key: str
    login: str
    kind: str
    is_dry_run: bool
    sha256: str
    state: Literal["reading", "checking", "writing", "taken", "checked", "refused", "interrupted"]
    rows: int
    done: int
    faults: int
    started_at: datetime
    moved_at: datetime


class RunPage(BaseModel):
    """Imports, the newest first."""

    items: list[RunInfo]
    next_cursor: str | None


class ExportedFile(BaseModel):
    """A file that left; `purpose` in the words of who took it, null where none is asked for."""

    number: str
    kind: str
    by_login: str
    org: str
    at: datetime
    size_bytes: int
    purpose: str | None


class ExportedFiles(BaseModel):
    """Exports of one file, newest first."""

    items: list[ExportedFile]

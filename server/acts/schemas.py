"""Answers of the record of acts."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class ActInfo(BaseModel):
    """An act: `happened_time` is claimed, `recorded_at` is the database's clock."""

    id: int
    org: str
    subject: str | None
    kind: str
    authority: str
    by_login: str | None
    by_org: str | None
    happened_time: datetime
    recorded_at: datetime
    articles: list[str]
    ref_kind: str
    ref_id: str
    body: dict[str, Any]


class ActPage(BaseModel):
    """Acts, newest first."""

    items: list[ActInfo]
    next_cursor: str | None

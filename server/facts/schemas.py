"""Answers of the fact calls, as docs/http-alerts.md says."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class Opening(BaseModel):
    """What a commitment in a record stands for: SHA-256 of salt and content is its name."""

    at: str
    salt: Annotated[str, Field(description="hex")]
    content: Annotated[str, Field(description="JSON, as it is hashed")]


class FactRecord(BaseModel):
    """A confirmed fact, and what proves it; a fact entered by hand has no record."""

    id: str
    org: str
    subject: str
    indicator: str
    occurred_at: datetime
    confirmed_by: str
    confirmed_at: datetime
    note: str
    alert_id: str | None
    is_reversed: bool
    content: Annotated[str | None, Field(description="canonical JSON, as it is hashed")]
    openings: Annotated[
        dict[str, Opening], Field(description="what its commitments stand for; none: destroyed")
    ]
    sha256: str | None
    key_id: str | None
    signature: Annotated[str | None, Field(description="Ed25519, base64")]
    signed_at: datetime | None

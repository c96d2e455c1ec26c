"""Bodies and answers of the calls about recordings, as docs/media.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Strict

State = Literal["announced", "received", "stored", "mismatch", "destroyed"]
Retention = Literal["months", "case", "permanent"]
LinkKind = Literal["subject", "alert", "task", "document"]


class MediaLink(BaseModel):
    """What a recording belongs to."""

    kind: LinkKind
    ref: str
    subject: str | None
    by: str
    note: str | None
    at: datetime


class MediaInfo(BaseModel):
    """A recording; times are the recorder's claims, `announced_at` is the gateway's clock."""

    id: str
    version: int
    org: str
    device: str
    recording: Annotated[str, Field(description="the recording's id on the device")]
    kind: Literal["image", "audio", "video", "other"]
    begin_time: datetime
    end_time: datetime
    sha256: Annotated[str, Field(description="as the device worked it out, hex")]
    size_bytes: int
    officer: str | None
    case_ref: str | None
    announced_at: datetime
    due_at: Annotated[datetime, Field(description="delivered by then")]
    state: State
    state_at: datetime
    retention: Retention
    keep_until: datetime | None
    links: list[MediaLink]


class MediaPage(BaseModel):
    """Recordings, the newest first."""

    items: list[MediaInfo]
    next_cursor: str | None


class MediaRecord(MediaInfo):
    """A recording with what proves it."""

    found_sha256: Annotated[str | None, Field(description="of the file that came")]
    received_bytes: Annotated[int | None, Field(description="of an upload on its way")]
    manifest: Annotated[str | None, Field(description="canonical JSON, as it is hashed")]
    manifest_sha256: str | None
    key_id: str | None
    signature: Annotated[str | None, Field(description="Ed25519, base64")]
    signed_at: datetime | None
    chain_position: Annotated[int | None, Field(description="in the evidence chain of `org`")]
    chain_block: int | None
    checkpoint: Annotated[int | None, Field(description="the first that covers it")]


class NewMediaLink(Strict):
    """Link a recording to a person's file, an alert, a task or a document."""

    kind: LinkKind
    ref: Annotated[str, Field(min_length=1, max_length=128)]
    note: Annotated[str, Field(max_length=500)] | None = None


class MediaRetention(Strict):
    """How long a recording is kept."""

    retention: Retention

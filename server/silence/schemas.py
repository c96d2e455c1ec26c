"""What a gateway says of itself (docs/wire/health-v1.md), and the coverage that is lost."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict

_Count = Annotated[int, Field(ge=0, le=2**62)]
_Seconds = Annotated[float, Field(ge=0, le=1e9)]


class GatewayHealth(Strict):
    """A gateway's word about itself; what it does not know is null."""

    format: Literal["guitu-health/1"]
    sent_time: AwareDatetime
    broker_down_s: _Seconds | None = None
    journal: Annotated[str, Field(max_length=300)] | None = None
    disk_free_bytes: _Count | None = None
    disk_bytes: _Count | None = None
    unconfirmed_entries: _Count | None = None
    oldest_unconfirmed_s: _Seconds | None = None


class Unwatched(BaseModel):
    """Somebody under order whom nobody watches now."""

    subject: str
    org: str
    last_report_time: datetime | None


class Coverage(BaseModel):
    """The coverage that is lost with a gateway, as far as the reader's scope goes."""

    gateway: str
    unwatched: int
    items: list[Unwatched]
    next_cursor: str | None

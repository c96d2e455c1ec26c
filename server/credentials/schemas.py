"""Bodies and answers of the calls on devices' credentials."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from firmware_protocols.credential import MAX_GENERATION
from server.schema import Strict


class NewCredential(Strict):
    """How long older credentials hold on, and how long the new one holds; null: until ended."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"overlap_h": 24, "valid_days": 365}]}
    )

    overlap_h: Annotated[int, Field(ge=0, le=720)] = 24
    valid_days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class CredentialEnd(Strict):
    """Which credential ends at once, and why; null: every one of the device."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"generation": None, "reason": "定位手环被盗"}]}
    )

    generation: Annotated[int, Field(ge=0, le=MAX_GENERATION)] | None = None
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class Credential(BaseModel):
    """A credential, never its secret. `user` is its MQTT user name.

    `issued_by` and `issued_at` are null for the first one, which came with the registration.
    """

    generation: int
    user: str
    issued_by: str | None
    issued_at: datetime | None
    not_after: datetime | None
    end_reason: str | None
    ended_by: str | None
    ended_at: datetime | None
    state: Literal["in_force", "expired", "ended"]


class DeviceCredentials(BaseModel):
    """The newest 100 credentials of a device, newest first."""

    device: str
    credentials: list[Credential]
    directory_version: int | None

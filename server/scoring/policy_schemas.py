"""Bodies and answers of the calls on scoring policies, as docs/scoring.md says."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Strict
from server.scoring.faults import FaultKind

State = Literal["proposed", "signed", "refused"]


class PolicyText(Strict):
    """A policy's YAML."""

    content: Annotated[str, Field(min_length=1, max_length=262_144)]


class PolicyDecision(Strict):
    """Another person's word; a policy is in force from the first day of a month to come."""

    outcome: Literal["signed", "refused"]
    valid_from: Annotated[date | None, Field(description="with signed: the first of a month")] = (
        None
    )
    note: Annotated[str, Field(max_length=2000)] = ""
    trial: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{64}$", description="with signed: the newest trial's sha256"),
    ] = None
    acknowledges_warnings: Annotated[
        bool, Field(description="with signed, where that trial has warnings")
    ] = False


class FaultInfo(BaseModel):
    """A mistake and its place, both counted from 1."""

    line: int
    column: int
    kind: FaultKind
    zh: str
    en: str


class PolicyLint(BaseModel):
    """Every mistake of a policy, in the order of the file."""

    ok: bool
    faults: list[FaultInfo]


class PolicyRow(BaseModel):
    """A policy by its version: who proposed it, who signed it, from when it is in force."""

    version: str
    org: str
    sha256: str
    state: State
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    valid_from: date | None
    edition: int


class PolicyWhole(PolicyRow):
    """With its text, and what was signed; the signature is null where the site has no key."""

    content: str
    record: Annotated[str | None, Field(description="canonical JSON, as it was signed")]
    key_id: str | None
    signature: Annotated[str | None, Field(description="Ed25519, base64")]


class PolicyRows(BaseModel):
    """The scope's policies, the newest first; 100 at most."""

    items: list[PolicyRow]


class PolicyInForce(BaseModel):
    """What is in force for the own organisation."""

    version: str
    content: str
    sha256: str

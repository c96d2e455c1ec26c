"""Bodies and answers of the calls on volunteers and organisations, as docs/scoring.md says."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.participants.policy import (
    DeedName,
    ParticipantKind,
    ParticipantPolicyContent,
)
from server.schema import Strict, Words


class NewParticipant(Strict):
    """A volunteer by number, or an organisation by its unified social credit code and name."""

    kind: ParticipantKind
    registration: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{4,40}$")]
    name: Annotated[
        str | None, Field(min_length=1, max_length=100, description="an organisation's only")
    ] = None


class Participant(BaseModel):
    """Who helps, with the points so far; `star` is the highest that they reach."""

    id: str
    org: str
    kind: ParticipantKind
    registration: str
    name: str | None
    entered_by: str
    entered_at: datetime
    points: float
    star: Words | None


class Participants(BaseModel):
    """Participants, by id."""

    items: list[Participant]
    next_cursor: str | None


class NewDeed(Strict):
    """What was done; `deed` is one that the policy of its month has."""

    deed: DeedName
    quantity: Annotated[Decimal, Field(gt=0, le=744, decimal_places=2)]
    occurred_at: AwareDatetime
    note: Annotated[str, Field(max_length=400)] = ""


class Deed(BaseModel):
    """A deed and what it comes to; `zh` and `en` say why. One that was taken back counts nought."""

    id: str
    deed: str
    quantity: float
    occurred_at: datetime
    note: str
    recorded_by: str
    recorded_at: datetime
    points: float
    without_most: float
    policy: str | None
    zh: str
    en: str
    void_reason: str | None
    voided_by: str | None
    voided_at: datetime | None


class ParticipantDeeds(Participant):
    """A participant with every deed, the oldest first."""

    deeds: list[Deed]


class Voiding(Strict):
    """Why a deed does not count."""

    reason: Annotated[str, Field(min_length=4, max_length=400, pattern=r"\S")]


class NewParticipantPolicy(Strict):
    """A policy to be signed by another person; `id` is its version and is never taken twice."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    content: ParticipantPolicyContent


class ParticipantPolicyDecision(Strict):
    """Another person's word on a policy; signed, it is in force from the next month on."""

    outcome: Literal["signed", "refused"]


class ParticipantPolicy(BaseModel):
    """A policy, who proposed and who signed it; `sha256` is of its canonical JSON."""

    id: str
    org: str
    content: ParticipantPolicyContent
    sha256: str
    state: Literal["proposed", "signed", "refused"]
    month: Annotated[str | None, Field(description="the first in force, `2026-12`")]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    version: int


class ParticipantPolicies(BaseModel):
    """The scope's policies, the newest first, 100 at most; `default`: where none was signed."""

    default: ParticipantPolicyContent
    items: list[ParticipantPolicy]

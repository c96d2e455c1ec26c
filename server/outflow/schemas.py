"""Bodies and answers of the calls on flow to city scores, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from server.outflow.mapping import MappingContent
from server.schema import Strict

Receiver = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["hangzhou"])]
Ground = Literal["consent", "law"]
MessageState = Literal["waiting", "handed_over", "accepted", "dropped", "dead"]


class NewMapping(Strict):
    """A mapping table of a receiver; `id` is its version and is never taken twice."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    receiver: Receiver
    content: MappingContent


class MappingDecision(Strict):
    """Another person's word on a mapping."""

    outcome: Literal["signed", "refused"]


class OutflowMapping(BaseModel):
    """A mapping, who proposed and who signed it; `sha256` is of its canonical JSON."""

    id: str
    org: str
    receiver: str
    content: MappingContent
    sha256: str
    state: Literal["proposed", "signed", "refused"]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    version: int


class OutflowMappings(BaseModel):
    """The scope's mappings, the newest first; 100 at most."""

    items: list[OutflowMapping]


class NewBasis(Strict):
    """Why a person's score may go to a receiver: the consent, or the law, and the document."""

    receiver: Receiver
    ground: Ground
    document: Annotated[str, Field(min_length=4, max_length=400, pattern=r"\S")]
    reference: Annotated[
        str, Field(min_length=1, max_length=100, description="the receiver's, of the person")
    ]


class Withdrawal(Strict):
    """That a receiver is told no more, and is asked to forget."""

    reason: Annotated[str, Field(max_length=400)] = ""


class Basis(BaseModel):
    """A basis; withdrawn, nothing more is told, and what was told is taken back."""

    id: str
    org: str
    subject: str
    receiver: str
    ground: Ground
    document: str
    reference: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    reason: str | None


class Bases(BaseModel):
    """A person's bases, the newest first; 100 at most."""

    items: list[Basis]


class OutflowMessage(BaseModel):
    """What a receiver is told; `content` is all that leaves."""

    id: str
    org: str
    subject: str
    receiver: str
    month: str
    kind: Literal["score", "revocation"]
    revokes: str | None
    because: Literal["withdrawn", "corrected"] | None
    content: dict[str, Any]
    made_at: datetime
    state: MessageState
    batch: str | None
    attempts: int
    receipt: str | None
    receipt_at: datetime | None


class OutflowMessages(BaseModel):
    """Messages, by id."""

    items: list[OutflowMessage]
    next_cursor: str | None


class NewBatch(Strict):
    """Whose waiting messages are handed over."""

    receiver: Receiver


class Batch(BaseModel):
    """A batch: its file is `GET /api/v1/outflow-batches/{batch_id}/file`."""

    id: str
    receiver: str
    messages: int


class ReceiptLine(Strict):
    """What the receiver answered to one message."""

    id: Annotated[str, Field(max_length=60)]
    accepted: bool
    receipt: Annotated[str, Field(max_length=400)] = ""


class Receipt(Strict):
    """The receiver's answer to a batch, or to a part of it; again, it changes nothing."""

    items: Annotated[list[ReceiptLine], Field(min_length=1, max_length=1000)]


class Settled(BaseModel):
    """How many messages the receipt settled."""

    settled: int

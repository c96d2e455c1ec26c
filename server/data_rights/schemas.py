"""Bodies and answers of the calls about the own data."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.cases.standing import Category, Stage
from server.own.schemas import OwnFile
from server.schema import Strict

Kind = Literal["access", "correction", "explanation", "complaint"]
Outcome = Literal["granted", "partly", "refused"]
State = Literal["open", "granted", "partly", "refused"]
_Words = Annotated[str, Field(min_length=2, max_length=2000)]


class NewDataRequest(Strict):
    """What is asked: a copy, a correction, an explanation of a decision, or a complaint."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "correction", "words": "登记的电话已停用，请改为现用号码"}]
        }
    )

    kind: Kind
    words: _Words


class NewDataAnswer(Strict):
    """The answer; a granted access brings a copy of the data with it, as a document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "granted", "answer": "经核实，已按你现用号码更正"}]
        }
    )

    outcome: Outcome
    answer: _Words


class DataRequestInfo(BaseModel):
    """A request and its answer; `document` is the answer's PDF."""

    id: str
    org: str
    subject: str
    kind: Kind
    words: str
    filed_by: str
    filed_at: datetime
    on_behalf: bool
    state: State
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    document: str | None
    due_at: datetime | None
    version: int


class DataRequestPage(BaseModel):
    """Requests, newest first."""

    items: list[DataRequestInfo]
    next_cursor: str | None


class OwnRecord(BaseModel):
    """What the file says of the person and the own page does not show otherwise."""

    subject: str
    name: str
    category: Category
    stage: Stage
    sex: str | None
    birth_date: date | None
    identity_number: str | None
    phone: str | None
    residence: str | None
    crime: str | None


class OwnPaper(BaseModel):
    """A document that the person may read, by its number and hash."""

    id: str
    kind: str
    number: str
    issued_at: datetime
    sha256: str


class OwnData(BaseModel):
    """A copy of the own data (PIPL Art. 45); taking it is noted.

    `truncated`: there are more documents or requests than one copy holds, which is the newest 200.
    """

    taken_at: datetime
    record: OwnRecord
    file: OwnFile
    documents: list[OwnPaper]
    requests: list[DataRequestInfo]
    truncated: bool

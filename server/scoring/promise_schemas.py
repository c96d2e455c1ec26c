"""Bodies and answers of the calls on the promise at entry, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict, Words


class PromiseText(BaseModel):
    """A text of the commitment; `sha256` is of the Chinese, a line break, and the English."""

    version: str
    text: Words
    sha256: str


class PromiseTexts(BaseModel):
    """Every text that may have been signed; `current` is the one to sign now."""

    current: str
    items: list[PromiseText]


class NewPromise(Strict):
    """That a person has signed a text, on paper or on a screen, before who records it."""

    text_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    signed_at: AwareDatetime


class Promise(BaseModel):
    """A commitment that was signed, and the fact that it is in the ledger."""

    id: str
    text_version: str
    text_sha256: str
    fact: str
    signed_at: datetime
    recorded_by: str
    recorded_at: datetime
    zh: str
    en: str

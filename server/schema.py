"""Models that the bodies and answers of every feature are made of."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(BaseModel):
    """A text in both languages."""

    zh: str
    en: str

"""Bodies and answers of objections to facts."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from server.schema import Strict


class Filed(Strict):
    """The person's words."""

    words: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class FiledObjection(BaseModel):
    """An objection that was entered; its answer stands with the score's explanation."""

    id: str
    fact: str
    words: str
    filed_at: datetime
    version: int

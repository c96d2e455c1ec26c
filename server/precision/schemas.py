"""How often alerts were right, as docs/http-duty-record.md says."""

from datetime import date
from typing import Literal

from pydantic import BaseModel


class SharePart(BaseModel):
    """A share with its 95 % Wilson interval."""

    share: float
    low: float
    high: float


class PrecisionRow(BaseModel):
    """Alerts of one key that were raised in one week, or in the whole period.

    `undecided` nobody has decided yet; `superseded` late data withdrew before anybody had. The
    share is `confirmed` of the four verdicts, null where there is none.
    """

    begins_on: date
    key: str
    raised: int
    undecided: int
    superseded: int
    confirmed: int
    false: int
    technical: int
    excused: int
    precision: SharePart | None


class PrecisionPage(BaseModel):
    """Counts, the newest week first."""

    since: date
    until: date
    items: list[PrecisionRow]
    next_cursor: str | None


class Likeness(BaseModel):
    """How alerts like one turned out in the last days, as far as the reader's scope goes.

    Like it are those of its rule with the same `key`: a kind of fence, or a device model. `judged`
    are those with a verdict, itself left out.
    """

    by: Literal["fence_kind", "device_model"]
    key: str
    days: int
    judged: int
    confirmed: int
    precision: SharePart | None

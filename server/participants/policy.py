"""What a deed of a volunteer or an organisation is worth: one small document. Pure.

Nobody loses points here: who helps of the own accord is thanked, not supervised.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import Field, model_validator

from server.schema import Strict
from server.signing.canonical import canonical

ParticipantKind = Literal["volunteer", "organisation"]
DeedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]

DEFAULT_ID: Final = "guitu-participants-2026-11"


class ParticipantWords(Strict):
    """A text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class DeedRule(Strict):
    """What one hour, or one time, of a deed is worth, and the most of a calendar month."""

    text: ParticipantWords
    unit: Literal["hour", "time"]
    points: Annotated[int, Field(ge=1, le=100)]
    month_most: Annotated[int, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def _one_counts(self) -> Self:
        if self.month_most < self.points:
            raise ValueError("month_most is below points: not even one would count")
        return self


class StarRule(Strict):
    """A star, and from how many points on there is one."""

    points: Annotated[int, Field(ge=1, le=100_000)]
    text: ParticipantWords


class GroupRule(Strict):
    """What counts in one of the groups."""

    deeds: dict[DeedName, DeedRule] = Field(min_length=1, max_length=40)
    stars: list[StarRule] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _stars_rise(self) -> Self:
        limits = [star.points for star in self.stars]
        if any(after <= before for before, after in pairwise(limits)):
            raise ValueError("stars: each must ask for more points than the one before")
        return self


class ParticipantPolicyContent(Strict):
    """The document; both groups have their own rules."""

    format: Literal["guitu-participant-policy/1"]
    title: ParticipantWords
    groups: dict[ParticipantKind, GroupRule] = Field(min_length=2, max_length=2)


class Schedule:
    """What is in force for an organisation, month by month."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take what was signed: `id`, `month`, `depth` and `content`, in the order of signing."""
        self._signed = [
            (
                row["month"],
                row["depth"],
                row["id"],
                ParticipantPolicyContent.model_validate(row["content"]),
            )
            for row in rows
        ]

    def at(self, month: int) -> tuple[str, ParticipantPolicyContent]:
        """Return the policy in force in a month: the nearest organisation's newest; its id too."""
        begun = [one for one in self._signed if one[0] <= month]
        if not begun:
            return DEFAULT_ID, default()
        nearest = max(depth for _, depth, _, _ in begun)
        newest = max((one for one in begun if one[1] == nearest), key=lambda one: one[0])
        return newest[2], newest[3]


def digest(content: ParticipantPolicyContent) -> bytes:
    """Return the SHA-256 of a policy's canonical JSON."""
    return hashlib.sha256(canonical(content.model_dump(mode="json")).encode()).digest()


@cache
def default() -> ParticipantPolicyContent:
    """Return the policy that is in force where no other was signed."""
    text = files("server.participants").joinpath("policy.yaml").read_text(encoding="utf-8")
    return ParticipantPolicyContent.model_validate(yaml.safe_load(text))

"""矫正小组: who must be in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from server.errors import Refusal

Role = Literal[
    "officer", "committee", "guardian", "family", "employer", "school", "social_worker", "volunteer"
]
Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a group, as far as the rules ask."""

    role: Role
    sex: Sex | None
    knows_minors: bool


_OFFICER: Final = Refusal(
    "/members",
    "group_officer",
    "law-25",
    "矫正小组应当有司法所或社区矫正机构工作人员",
    "no officer is in the group",
    "至少一名工作人员",
    "at least one officer",
)
_WOMAN: Final = Refusal(
    "/members",
    "group_woman",
    "law-25",
    "社区矫正对象为女性的，矫正小组应当有女性成员",
    "the group of a woman has no woman",
    "至少一名女性成员",
    "at least one woman",
)
_KNOWS_MINORS: Final = Refusal(
    "/members",
    "group_knows_minors",
    "law-52",
    "未成年对象的矫正小组应当吸收熟悉未成年人身心特点的人员",
    "nobody in the group of a minor knows minors",
    "至少一名熟悉未成年人身心特点的人员",
    "at least one member who knows minors",
)


def group_faults(members: Sequence[Member], *, sex: Sex | None, is_minor: bool) -> list[Refusal]:
    """Return why a group does not do for a person; empty: it does."""
    faults = []
    if not any(member.role == "officer" for member in members):
        faults.append(_OFFICER)
    if sex == "female" and not any(member.sex == "female" for member in members):
        faults.append(_WOMAN)
    if is_minor and not any(member.knows_minors for member in members):
        faults.append(_KNOWS_MINORS)
    return faults

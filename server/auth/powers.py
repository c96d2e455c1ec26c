"""Who may do which kind of act: the office verifies, the county decides, its head approves.

An office (所) acts under the county's delegation (委托, 社区矫正法 Art. 9).
"""

from typing import Final, Literal

from server.auth.person import Person
from server.errors import Refusal, RefusedError

Power = Literal["verify", "decide", "approve", "review"]
"""`verify`: an officer of an office or county enters, verifies and proposes; `decide`: the county's
agency (社区矫正机构); `approve`: the head of the county's justice bureau; `review`: the city."""

_HOLDERS: Final = {
    "verify": (("office", "county"), ("officer", "supervisor")),
    "decide": (("county",), ("supervisor", "head")),
    "approve": (("county",), ("head",)),
    "review": (("city",), ("supervisor", "head")),
}
_WORDS: Final = {
    "verify": ("司法所或县级社区矫正机构工作人员", "an officer of the office or the county"),
    "decide": ("县级社区矫正机构负责人员", "a supervisor of the county"),
    "approve": ("县级司法行政部门负责人", "the head of the county's justice bureau"),
    "review": ("上一级社区矫正机构", "a supervisor of the city"),
}


def holds(person: Person, power: Power) -> bool:
    """Return whether a person has a power at the own level."""
    levels, roles = _HOLDERS[power]
    return person.org_level in levels and person.role in roles


def require(person: Person, power: Power, *, article: str | None, pointer: str = "") -> None:
    """Refuse an act to who has not the power.

    Raises:
        RefusedError: With who has.
    """
    if holds(person, power):
        return
    zh, en = _WORDS[power]
    raise RefusedError(
        Refusal(
            pointer,
            f"power_{power}",
            article,
            f"{person.org_name_zh}的{person.role}无权作出该行为",
            f"role {person.role} at {person.org_level} level has not this power",
            zh,
            en,
        )
    )


def require_another(person: Person, login: str, *, article: str | None, pointer: str = "") -> None:
    """Refuse that somebody decides on what the same person entered.

    Raises:
        RefusedError: They are one.
    """
    if person.login != login:
        return
    raise RefusedError(
        Refusal(
            pointer,
            "second_person",
            article,
            "申请人不得审批本人提出的事项",
            "who entered it may not decide on it",
            "由另一名有权人员审批",
            "another person with the power",
        )
    )

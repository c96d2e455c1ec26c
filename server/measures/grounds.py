"""Which measure a situation allows: every ground of the law as a row.

A proposal names one ground, and each finding that it rests on must fulfil it.
"""

from typing import Final

from server.law.articles import article
from server.law.text import Text
from server.measures import conditions as c
from server.measures.breach_grounds import ADMONITION, POLICE, WARNING
from server.measures.conditions import Situation
from server.measures.ground import Ground, row
from server.measures.kinds import KINDS
from server.measures.revocation_grounds import PAROLE, PROBATION, RECOMMITMENT

_REWARDS: Final = (
    Ground(
        "measures-33.1",
        "praise",
        article("measures-33").key,
        Text("接受社区矫正六个月以上并符合四项条件", "six months or more and the four conditions"),
        None,
        also=c.is_praised,
    ),
    row(
        "measures-33.2",
        "praise",
        article("measures-33").key,
        Text("突出表现或者突出事迹", "an outstanding deed"),
        c.is_kind("outstanding_deed"),
    ),
    Ground(
        "crim-78.1",
        "reduction",
        article("crim-78").key,
        Text("确有悔改表现", "true repentance"),
        None,
        also=c.has_remorse,
    ),
    Ground(
        "crim-78.2",
        "reduction",
        article("crim-78").key,
        Text("立功表现", "merit"),
        c.is_kind("merit"),
        categories=frozenset({"control", "medical"}),
    ),
    row(
        "crim-78.3",
        "reduction",
        article("crim-78").key,
        Text("重大立功表现", "major merit"),
        c.is_kind("major_merit"),
    ),
)
GROUNDS: Final[tuple[Ground, ...]] = (
    *ADMONITION,
    *WARNING,
    *POLICE,
    *PROBATION,
    *PAROLE,
    *RECOMMITMENT,
    *_REWARDS,
)


def ground_of(key: str) -> Ground | None:
    """Return a ground by its key, None where there is no such item."""
    return next((ground for ground in GROUNDS if ground.key == key), None)


def allowed_grounds(situation: Situation) -> tuple[Ground, ...]:
    """Return the grounds that are fulfilled, the lightest measure first."""
    found = [ground for ground in GROUNDS if ground.holds(situation)]
    return tuple(sorted(found, key=lambda ground: KINDS[ground.measure].weight))

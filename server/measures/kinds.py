"""The measures (考核奖惩措施): by which article, for whom, by which paper.

What the law's own texts do not say and domain knowledge gives is marked by the article's status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from server.law.articles import article
from server.law.text import Text

Category = Literal["control", "probation", "parole", "medical"]
MeasureKind = Literal[
    "admonition",
    "warning",
    "police_penalty",
    "revoke_probation",
    "revoke_parole",
    "recommit",
    "praise",
    "reduction",
]
Body = Literal["police", "court", "deciding_body"]
Ending = Literal["revoked", "recommitted"]


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """What is fixed about a kind of measure.

    Attributes:
        weight: Its place on the ladder (law-28); 0: a reward.
        categories: Whom it may meet.
        document: The paper's kind (server.documents); its template says who gets a copy.
        decided_by: None: the county's agency decides itself; else the body that it proposes to.
        clock: The deadline of that body.
        ends_as: How the case ends when that body rules as proposed; None: it goes on.
    """

    text: Text
    article: str
    weight: int
    categories: frozenset[Category]
    document: str
    decided_by: Body | None = None
    clock: str | None = None
    ends_as: Ending | None = None

    @property
    def may_be_objected(self) -> bool:
        """Whether the county answers objections; what others decide has remedies there."""
        return self.decided_by is None

    @property
    def is_penalty(self) -> bool:
        """Whether it is a measure against the person."""
        return self.weight > 0


_EVERYBODY: Final[frozenset[Category]] = frozenset({"control", "probation", "parole", "medical"})
_NOT_PAROLE: Final = _EVERYBODY - {"parole"}

KINDS: Final[Mapping[MeasureKind, MeasureRule]] = MappingProxyType(
    {
        "admonition": MeasureRule(
            Text("训诫", "admonition"),
            article("measures-34").key,
            1,
            _EVERYBODY,
            "admonition_decision",
        ),
        "warning": MeasureRule(
            Text("警告", "warning"), article("measures-35").key, 2, _EVERYBODY, "warning_decision"
        ),
        # Which categories it meets is the policy's: the police's new statute was not read.
        "police_penalty": MeasureRule(
            Text("提请治安管理处罚", "proposal of a police penalty"),
            article("measures-36").key,
            3,
            _EVERYBODY,
            "police_punishment_proposal",
            "police",
            "police_penalty_answer",
        ),
        "revoke_probation": MeasureRule(
            Text("提请撤销缓刑", "proposal to revoke the suspended sentence"),
            article("measures-46").key,
            4,
            frozenset({"probation"}),
            "probation_revocation_proposal",
            "court",
            "revocation_ruling",
            "revoked",
        ),
        "revoke_parole": MeasureRule(
            Text("提请撤销假释", "proposal to revoke parole"),
            article("measures-47").key,
            4,
            frozenset({"parole"}),
            "parole_revocation_proposal",
            "court",
            "revocation_ruling",
            "revoked",
        ),
        "recommit": MeasureRule(
            Text("提请收监执行", "proposal of recommitment"),
            article("measures-49").key,
            4,
            frozenset({"medical"}),
            "recommittal_proposal",
            "deciding_body",
            "recommitment_decision",
            "recommitted",
        ),
        "praise": MeasureRule(
            Text("表扬", "praise"), article("measures-33").key, 0, _EVERYBODY, "praise_decision"
        ),
        "reduction": MeasureRule(
            Text("提请减刑", "proposal of a reduction"),
            article("law-33").key,
            0,
            _NOT_PAROLE,
            "reduction_proposal",
            "court",
            "reduction_ruling",
        ),
    }
)

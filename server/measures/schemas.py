"""Bodies and answers of the measure calls, as docs/http-measures.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from server.measures.finding_schemas import EvidenceRef, Id, Said
from server.measures.kinds import MeasureKind
from server.measures.lifecycle import State
from server.schema import Strict, Words

PraiseCondition = Literal["remorse", "lawful", "obedient", "educated"]


class NewMeasure(Strict):
    """A proposal (提请): one ground, and the findings that fulfil it."""

    kind: MeasureKind
    ground: Annotated[str, Field(max_length=40, examples=["measures-34.2"])]
    findings: Annotated[list[Id], Field(max_length=20, default_factory=list)]
    conditions: Annotated[list[PraiseCondition], Field(max_length=4, default_factory=list)]
    reasons: Annotated[str, Field(min_length=4, max_length=4000, pattern=r"\S")]
    evidence: Annotated[
        list[EvidenceRef],
        Field(max_length=50, default_factory=list, description="beside the findings and their own"),
    ]


class Amendment(Strict):
    """Other reasons for a proposal that is not decided."""

    reasons: Annotated[str, Field(min_length=4, max_length=4000, pattern=r"\S")]


class Hearing(Strict):
    """本人陈述申辩: the person's own words, or why there are none."""

    words: Annotated[str | None, Field(min_length=1, max_length=4000, pattern=r"\S")] = None
    unheard_because: Literal["missing", "silent"] | None = None

    @model_validator(mode="after")
    def _says_one(self) -> "Hearing":
        if (self.words is None) == (self.unheard_because is None):
            raise ValueError("give either words or unheard_because")
        return self


class OwnWords(Strict):
    """The person's own statement."""

    words: Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]


class Withdrawal(Strict):
    """Why a proposal is taken back."""

    reasons: Said


class Decision(Strict):
    """The county's decision; `details`: what the paper says beyond the file."""

    outcome: Literal["decided", "refused"]
    reasons: Said
    details: Annotated[
        dict[str, Annotated[str, Field(max_length=400)]],
        Field(max_length=12, default_factory=dict, examples=[{"court": "青溪县人民法院"}]),
    ]


class Service(Strict):
    """送达: how and when the paper reached the person; copies are sent by the paper's own call."""

    method: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["direct"])]
    recipient: Annotated[str, Field(min_length=1, max_length=200, examples=["本人"])]
    happened_time: AwareDatetime | None = None
    note: Annotated[str | None, Field(max_length=1000)] = None


class ArrestRequest(Strict):
    """提请逮捕: why the court is asked to arrest before it rules."""

    reasons: Said


class NewRuling(Strict):
    """What another body decided, as its paper says."""

    about: Literal["proposal", "arrest", "supervision"]
    by_body: Annotated[str, Field(min_length=2, max_length=200, examples=["青溪县人民法院"])]
    outcome: Annotated[
        Literal["granted", "denied"],
        Field(description="as proposed, or not; of supervision: the measure is right, or wrong"),
    ]
    number: Annotated[str, Field(max_length=100, examples=["（2026）浙0101刑更3号"])] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    happened_time: AwareDatetime


class EndOfCase(Strict):
    """That the ruling ends the case; what proves that its paper is the one that was seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"paper_sha256": "5e" * 32}]})

    paper_sha256: Annotated[
        str, Field(pattern=r"^[0-9a-f]{64}$", description="of the scanned ruling; 裁定书扫描件")
    ]


class Annulment(Strict):
    """撤销: the reversing act, and why."""

    reasons: Said


class RulingInfo(BaseModel):
    """What another body said."""

    about: str
    by_body: str
    outcome: str
    number: str
    note: str
    happened_time: datetime
    noted_by: str
    noted_at: datetime


class MeasureInfo(BaseModel):
    """A measure; instants of the county are `_at`, what others did is `_time`."""

    id: str
    org: str
    subject: str
    kind: MeasureKind
    ground: str
    ground_text: Words
    article: str
    findings: list[str]
    counted: list[str]
    conditions: list[str]
    absence_days: int | None
    reasons: str
    evidence_sha256: str
    policy_version: str
    state: State
    proposed_by: str
    proposed_at: datetime
    statement: str | None
    unheard_because: str | None
    heard_by: str | None
    heard_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    document: str | None
    served_at: datetime | None
    objectable_until: datetime | None
    is_objected: bool
    arrest_asked_at: datetime | None
    ruling: str | None
    ruled_time: datetime | None
    ground_lost_at: datetime | None
    annulled_by: str | None
    annulled_at: datetime | None
    annulment: str | None
    version: int


class ObjectionInfo(BaseModel):
    """An objection and its answer."""

    id: str
    org: str
    subject: str
    ref_kind: str
    ref_id: str
    words: str
    filed_by: str
    filed_at: datetime
    state: Literal["open", "upheld", "dismissed"]
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    version: int


class ObjectionPage(BaseModel):
    """Objections, the newest first."""

    items: list[ObjectionInfo]
    next_cursor: str | None


class Answer(Strict):
    """处理结果; one that is upheld annuls what it is against."""

    outcome: Literal["upheld", "dismissed"]
    answer: Said


class MeasureWhole(MeasureInfo):
    """A measure with what other bodies said and the objections to it."""

    rulings: list[RulingInfo]
    objections: list[ObjectionInfo]


class MeasurePage(BaseModel):
    """Measures, the newest proposal first."""

    items: list[MeasureInfo]
    next_cursor: str | None


class FrozenCopy(BaseModel):
    """A piece of evidence as it stood at the proposal."""

    kind: str
    ref_id: str
    content: Annotated[str, Field(description="canonical JSON, as it is hashed")]
    sha256: str


class Evidence(BaseModel):
    """Every frozen copy; `sha256` is over theirs in order, and stands in the measure."""

    items: list[FrozenCopy]
    sha256: str


class LadderInfo(BaseModel):
    """The counters of a person; what was annulled does not count."""

    subject: str
    admonitions: int
    warnings: int
    police_penalties: int
    measures: list[MeasureInfo]

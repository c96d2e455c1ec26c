"""查实的事实: what an office verified of a person's conduct or circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from server.law.articles import article
from server.law.text import Text
from server.measures.kinds import Category

FindingKind = Literal[
    "late_arrival",
    "absence",
    "whereabouts",
    "reporting",
    "visitors",
    "leaving",
    "moving",
    "education",
    "prohibition",
    "medical_review",
    "other",
    "condition_unmet",
    "condition_gone",
    "guarantor_lost",
    "outstanding_deed",
    "merit",
    "major_merit",
]
Gravity = Literal["minor", "serious", "grave"]
"""情节轻微, 较重, 严重; the office's assessment, which the county reviews."""
FindingState = Literal["reported", "established", "dismissed"]

ABSENCES: Final[frozenset[FindingKind]] = frozenset({"late_arrival", "absence"})
"""Not reported in time, or out of supervision: they last, and are counted in days."""
RULES: Final[frozenset[FindingKind]] = frozenset({"reporting", "visitors", "leaving", "moving"})
CIRCUMSTANCES: Final[frozenset[FindingKind]] = frozenset(
    {"condition_unmet", "condition_gone", "guarantor_lost"}
)
"""Nobody's fault: grounds of recommitment that are no breach."""
MERITS: Final[frozenset[FindingKind]] = frozenset({"outstanding_deed", "merit", "major_merit"})

_EVERYBODY: Final[frozenset[Category]] = frozenset({"control", "probation", "parole", "medical"})
_MEDICAL: Final[frozenset[Category]] = frozenset({"medical"})
# 禁止令 goes with 管制 and 缓刑 only (crim-38, crim-72).
_PROHIBITED: Final[frozenset[Category]] = frozenset({"control", "probation"})


@dataclass(frozen=True, slots=True)
class FindingRule:
    """What is fixed about a kind of finding: its words, the duty that it is about, and whose."""

    text: Text
    article: str
    categories: frozenset[Category] = _EVERYBODY


FINDINGS: Final[Mapping[FindingKind, FindingRule]] = MappingProxyType(
    {
        "late_arrival": FindingRule(
            Text("不按规定时间报到", "did not report in time"), article("law-21").key
        ),
        "absence": FindingRule(Text("脱离监管", "out of supervision"), article("law-23").key),
        "whereabouts": FindingRule(
            Text("拒不报告行踪，脱离监管", "refused to tell the whereabouts, out of supervision"),
            article("measures-49").key,
        ),
        "reporting": FindingRule(
            Text("违反报告规定", "breached the rules of reporting"), article("measures-24").key
        ),
        "visitors": FindingRule(
            Text("违反会客规定", "breached the rules of visitors"), article("law-23").key
        ),
        "leaving": FindingRule(
            Text("违反外出规定", "breached the rules of leaving"), article("law-27").key
        ),
        "moving": FindingRule(
            Text("违反迁居规定", "breached the rules of moving"), article("law-27").key
        ),
        "education": FindingRule(
            Text("不按规定参加教育学习等活动", "missed education or other activities"),
            article("law-36").key,
        ),
        "prohibition": FindingRule(
            Text("违反禁止令", "breached a prohibition"), article("crim-38").key, _PROHIBITED
        ),
        "medical_review": FindingRule(
            Text("不按时提交病情复查情况", "did not file the medical review"),
            article("measures-24").key,
            _MEDICAL,
        ),
        "other": FindingRule(
            Text("其他违反监督管理规定", "another breach of supervision"), article("law-23").key
        ),
        "condition_unmet": FindingRule(
            Text("不符合暂予监外执行条件", "the conditions were not met"),
            article("cpl-268").key,
            _MEDICAL,
        ),
        "condition_gone": FindingRule(
            Text("暂予监外执行情形消失，刑期未满", "the condition is gone, the term is not over"),
            article("cpl-268").key,
            _MEDICAL,
        ),
        "guarantor_lost": FindingRule(
            Text("保证人丧失条件或被取消资格", "the guarantor is lost"),
            article("measures-49").key,
            _MEDICAL,
        ),
        "outstanding_deed": FindingRule(
            Text("突出表现或突出事迹", "an outstanding deed"), article("measures-33").key
        ),
        "merit": FindingRule(Text("立功表现", "merit"), article("crim-78").key),
        "major_merit": FindingRule(Text("重大立功表现", "major merit"), article("crim-78").key),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as the grounds of measures read it.

    Attributes:
        begin_time: When it happened or began, aware.
        end_time: When an absence ended; None: it goes on, or it is no absence.
        gravity: None where it says nothing: circumstances and merits.
        was_educated: Education came first and did not help (经教育仍不改正).
        has_proper_reason: There was a proper reason (正当理由).
    """

    finding_id: str
    kind: FindingKind
    gravity: Gravity | None
    begin_time: datetime
    end_time: datetime | None = None
    was_educated: bool = False
    has_proper_reason: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it is an absence without an end."""
        return self.kind in ABSENCES and self.end_time is None

    @property
    def is_breach(self) -> bool:
        """Whether it is something that the person did wrong: what had a proper reason is not."""
        return not self.has_proper_reason and self.kind not in CIRCUMSTANCES | MERITS

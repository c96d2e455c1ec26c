"""What a ground asks of one finding in the situation; pure functions that rows of GROUNDS name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.law.days import LegalCalendar
from server.law.policy import Policy
from server.measures.absence import Absence, absence_between
from server.measures.finding import ABSENCES, RULES, Finding, FindingKind, Gravity
from server.measures.kinds import Category, MeasureKind
from server.measures.ladder import Past, told_before

PRAISE_CONDITIONS: Final[tuple[str, ...]] = (
    "remorse",  # 服从判决，认罪悔罪
    "lawful",  # 遵守法律法规
    "obedient",  # 遵守报告、会客、外出、迁居等规定，服从管理
    "educated",  # 积极参加教育学习等活动
)
"""The four conditions of praise (measures-33), each attested by who proposes."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that decides whether a measure has a ground.

    Attributes:
        findings: What the proposal rests on, all established.
        past: Every decided measure of the person.
        since: First day of correction.
        last_breach: When the newest established breach began, if there is one.
        conditions: Conditions that the proposer attests.
        now: The instant that counts.
    """

    category: Category
    findings: tuple[Finding, ...]
    past: tuple[Past, ...]
    since: date
    last_breach: datetime | None
    conditions: frozenset[str]
    policy: Policy
    calendar: LegalCalendar
    now: datetime


Condition = Callable[[Finding, Situation], bool]


def absence_of(finding: Finding, situation: Situation) -> Absence:
    """Return an absence as it stands now."""
    return absence_between(finding.begin_time, finding.end_time, situation.now, situation.calendar)


def is_short_absence(finding: Finding, situation: Situation) -> bool:
    """不按规定时间报到或者脱离监管，未超过十日."""
    return _is_absence(finding) and not _is_long(finding, situation)


def is_long_absence(finding: Finding, situation: Situation) -> bool:
    """不按规定时间报到或者脱离监管，超过十日."""
    return _is_absence(finding) and _is_long(finding, situation)


def is_month_absence(finding: Finding, situation: Situation) -> bool:
    """无正当理由不按规定时间报到或者脱离监管，超过一个月."""
    months = situation.policy.number("absence_revocation_months")
    absence = absence_of(finding, situation)
    return _is_absence(finding) and absence.is_more_than_months(months, situation.calendar)


def is_rule_breach(*gravities: Gravity) -> Condition:
    """违反关于报告、会客、外出、迁居等规定, of one of these gravities."""
    return lambda finding, _: (
        finding.is_breach and finding.kind in RULES and finding.gravity in gravities
    )


def is_kind(kind: FindingKind, *gravities: Gravity) -> Condition:
    """Return the condition that a finding is of a kind, and of one of these gravities if given."""
    return lambda finding, _: (
        finding.kind == kind
        and not finding.has_proper_reason
        and (not gravities or finding.gravity in gravities)
    )


def is_uncorrected(kind: FindingKind) -> Condition:
    """经教育仍不改正."""
    return lambda finding, _: finding.is_breach and finding.kind == kind and finding.was_educated


def is_breach_of(*gravities: Gravity) -> Condition:
    """Return the condition that a finding is a breach of one of these gravities."""
    return lambda finding, _: finding.is_breach and finding.gravity in gravities


def after(kind: MeasureKind, parameter: str) -> Condition:
    """受到 N 次 ... 仍不改正: a breach after the person knew of so many."""

    def holds(finding: Finding, situation: Situation) -> bool:
        told = told_before(situation.past, kind, finding.begin_time)
        return finding.is_breach and len(told) >= situation.policy.number(parameter)

    return holds


def after_any(kind: MeasureKind) -> Condition:
    """A breach after the person knew of one such measure."""
    return lambda finding, situation: (
        finding.is_breach and bool(told_before(situation.past, kind, finding.begin_time))
    )


def both(first: Condition, second: Condition) -> Condition:
    """Return the condition that two hold."""
    return lambda finding, situation: first(finding, situation) and second(finding, situation)


def either(first: Condition, second: Condition) -> Condition:
    """Return the condition that one of two holds."""
    return lambda finding, situation: first(finding, situation) or second(finding, situation)


def is_praised(situation: Situation) -> bool:
    """接受社区矫正六个月以上并且同时符合四项条件.

    Six months "or more" include the number. Within them there was no breach and no penalty: the
    second and third condition are not only attested.
    """
    calendar, policy = situation.calendar, situation.policy
    months = policy.number("praise_after_months")
    today = calendar.date_of(situation.now)
    back = calendar.add_months(today, -months)
    instants = [one.decided_at for one in situation.past if one.stands and _is_penalty(one)]
    if situation.last_breach is not None:
        instants.append(situation.last_breach)
    return (
        today >= calendar.add_months(situation.since, months)
        and situation.conditions >= set(PRAISE_CONDITIONS)
        and all(calendar.date_of(instant) <= back for instant in instants)
    )


def has_remorse(situation: Situation) -> bool:
    """确有悔改表现 (crim-78): attested; a suspended sentence asks for major merit instead."""
    return situation.category in {"control", "medical"} and "remorse" in situation.conditions


def may_be_punished(situation: Situation) -> bool:
    """Return whether the policy lets the police be asked for a penalty in this category."""
    return situation.policy.number(f"police_penalty_for_{situation.category}") > 0


def _is_penalty(past: Past) -> bool:
    return past.kind not in {"praise", "reduction"}


def _is_absence(finding: Finding) -> bool:
    return finding.is_breach and finding.kind in ABSENCES


def _is_long(finding: Finding, situation: Situation) -> bool:
    most = situation.policy.number("admonition_most_absence_days")
    return absence_of(finding, situation).is_more_than_days(most)

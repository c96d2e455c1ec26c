"""Grounds of admonition, warning and police penalty (measures-34 to 36)."""

from typing import Final

from server.law.articles import article
from server.law.text import Text
from server.measures import conditions as c
from server.measures.ground import Ground, row

_34: Final = article("measures-34").key
_35: Final = article("measures-35").key
_36: Final = article("measures-36").key

ADMONITION: Final = (
    row(
        "measures-34.1",
        "admonition",
        _34,
        Text(
            "不按规定时间报到或者脱离监管，未超过十日",
            "not reported in time or out of supervision, not more than ten days",
        ),
        c.is_short_absence,
    ),
    row(
        "measures-34.2",
        "admonition",
        _34,
        Text(
            "违反报告、会客、外出、迁居等规定，情节轻微",
            "minor breach of the rules of reporting, visitors, leaving or moving",
        ),
        c.is_rule_breach("minor"),
    ),
    row(
        "measures-34.3",
        "admonition",
        _34,
        Text(
            "不按规定参加教育学习等活动，经教育仍不改正",
            "missed education or other activities, not corrected after being talked to",
        ),
        c.is_uncorrected("education"),
    ),
    row(
        "measures-34.4",
        "admonition",
        _34,
        Text("其他违反监督管理规定，情节轻微", "another minor breach of supervision"),
        c.is_kind("other", "minor"),
    ),
)
WARNING: Final = (
    row(
        "measures-35.1",
        "warning",
        _35,
        Text("违反禁止令，情节轻微", "minor breach of a prohibition"),
        c.is_kind("prohibition", "minor"),
    ),
    row(
        "measures-35.2",
        "warning",
        _35,
        Text(
            "不按规定时间报到或者脱离监管，超过十日",
            "not reported in time or out of supervision, more than ten days",
        ),
        c.is_long_absence,
    ),
    row(
        "measures-35.3",
        "warning",
        _35,
        Text(
            "违反报告、会客、外出、迁居等规定，情节较重",
            "more serious breach of the rules of reporting, visitors, leaving or moving",
        ),
        c.is_rule_breach("serious", "grave"),
    ),
    row(
        "measures-35.4",
        "warning",
        _35,
        Text(
            "无正当理由不按时提交病情复查情况，经教育仍不改正",
            "medical review not filed without reason, not corrected after being talked to",
        ),
        c.is_uncorrected("medical_review"),
    ),
    Ground(
        "measures-35.5",
        "warning",
        _35,
        Text("受到两次训诫，仍不改正", "two admonitions, still not corrected"),
        c.after("admonition", "admonitions_before_warning"),
        counts="admonition",
    ),
    row(
        "measures-35.6",
        "warning",
        _35,
        Text("其他违反监督管理规定，情节较重", "another more serious breach of supervision"),
        c.is_kind("other", "serious", "grave"),
    ),
)
POLICE: Final = (
    Ground(
        "measures-36.1",
        "police_penalty",
        _36,
        Text(
            "违反监督管理规定，依法应予治安管理处罚",
            "breach of supervision that the police must punish",
        ),
        c.is_breach_of("serious", "grave"),
        also=c.may_be_punished,
    ),
)

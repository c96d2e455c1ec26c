"""Grounds of revocation and recommitment (measures-46, 47, 49)."""

from typing import Final

from server.law.articles import article
from server.law.text import Text
from server.measures import conditions as c
from server.measures.ground import Ground, row

_46: Final = article("measures-46").key
_47: Final = article("measures-47").key
_49: Final = article("measures-49").key
_TWO_WARNINGS: Final = c.after("warning", "warnings_before_revocation")
_LEFT_AFTER_WARNING: Final = c.both(c.is_kind("leaving"), c.after_any("warning"))

PROBATION: Final = (
    row(
        "measures-46.1",
        "revoke_probation",
        _46,
        Text("违反禁止令，情节严重", "grave breach of a prohibition"),
        c.is_kind("prohibition", "grave"),
    ),
    row(
        "measures-46.2",
        "revoke_probation",
        _46,
        Text(
            "无正当理由不按规定时间报到或者脱离监管，超过一个月",
            "without proper reason not reported or out of supervision, more than a month",
        ),
        c.is_month_absence,
    ),
    Ground(
        "measures-46.3",
        "revoke_probation",
        _46,
        Text("受到治安管理处罚，仍不改正", "punished by the police, still not corrected"),
        c.after_any("police_penalty"),
        counts="police_penalty",
    ),
    Ground(
        "measures-46.4",
        "revoke_probation",
        _46,
        Text("受到两次警告，仍不改正", "two warnings, still not corrected"),
        _TWO_WARNINGS,
        counts="warning",
    ),
    row(
        "measures-46.5",
        "revoke_probation",
        _46,
        Text("其他违反监督管理规定，情节严重", "another grave breach of supervision"),
        c.is_breach_of("grave"),
    ),
)
PAROLE: Final = (
    row(
        "measures-47.1",
        "revoke_parole",
        _47,
        Text(
            "无正当理由不按规定时间报到或者脱离监管，超过一个月",
            "without proper reason not reported or out of supervision, more than a month",
        ),
        c.is_month_absence,
    ),
    Ground(
        "measures-47.2",
        "revoke_parole",
        _47,
        Text("受到两次警告，仍不改正", "two warnings, still not corrected"),
        _TWO_WARNINGS,
        counts="warning",
    ),
    row(
        "measures-47.3",
        "revoke_parole",
        _47,
        Text(
            "其他违反监督管理规定，尚未构成新的犯罪",
            "another breach of supervision that is no new crime",
        ),
        c.is_breach_of("grave"),
    ),
)
RECOMMITMENT: Final = (
    row(
        "measures-49.1",
        "recommit",
        _49,
        Text("不符合暂予监外执行条件", "the conditions were not met"),
        c.is_kind("condition_unmet"),
    ),
    Ground(
        "measures-49.2",
        "recommit",
        _49,
        Text(
            "擅自离开居住的市、县，经警告拒不改正，或者拒不报告行踪，脱离监管",
            "left the city or county, warned in vain; or refused to tell the whereabouts",
        ),
        c.either(_LEFT_AFTER_WARNING, c.is_kind("whereabouts")),
        counts="warning",
    ),
    Ground(
        "measures-49.3",
        "recommit",
        _49,
        Text("受到治安管理处罚，仍不改正", "punished by the police, still not corrected"),
        c.after_any("police_penalty"),
        counts="police_penalty",
    ),
    Ground(
        "measures-49.4",
        "recommit",
        _49,
        Text("受到两次警告，仍不改正", "two warnings, still not corrected"),
        c.after("warning", "warnings_before_recommitment"),
        counts="warning",
    ),
    Ground(
        "measures-49.5",
        "recommit",
        _49,
        Text("不按规定提交病情复查情况，经警告拒不改正", "no medical review, warned in vain"),
        c.both(c.is_kind("medical_review"), c.after_any("warning")),
        counts="warning",
    ),
    row(
        "measures-49.6",
        "recommit",
        _49,
        Text(
            "暂予监外执行的情形消失后，刑期未满", "the condition is gone and the term is not over"
        ),
        c.is_kind("condition_gone"),
    ),
    row(
        "measures-49.7",
        "recommit",
        _49,
        Text(
            "保证人丧失条件或者被取消资格，不能在规定期限内提出新的保证人",
            "the guarantor is lost and no other was named in time",
        ),
        c.is_kind("guarantor_lost"),
    ),
    row(
        "measures-49.8",
        "recommit",
        _49,
        Text("其他违反监督管理规定，情节严重", "another grave breach of supervision"),
        c.is_breach_of("grave"),
    ),
)

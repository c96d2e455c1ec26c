"""A treatment as the interface has it, in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from server.law.text import Text
from server.scoring.policy import Grade
from server.trends.asking import month_text

_KEPT: Final = (
    *("id", "treatment", "kind", "policy_version", "grade", "made_at", "state", "decided_by"),
    *("decided_at", "note", "doubted_grade", "ended_by", "ended_at", "end_note", "version"),
)
_OBJECTION: Final = ("words", "filed_by", "filed_at", "answer", "answered_by", "answered_at")
_COLOUR: Final[Mapping[Grade, Text]] = {
    "green": Text("绿", "green"),
    "blue": Text("蓝", "blue"),
    "yellow": Text("黄", "yellow"),
    "orange": Text("橙", "orange"),
    "red": Text("红", "red"),
}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a treatment as `ScoreTreatment` has it."""
    doubted, why = row["doubted_month"], _reason(row)
    is_suspended = row["kind"] == "restriction" and row["objection_state"] == "open"
    return {name: row[name] for name in _KEPT} | {
        "org": row["org_id"],
        "subject": row["subject_id"],
        "text": {"zh": row["zh"], "en": row["en"]},
        "reason": {"zh": why.zh, "en": why.en},
        "since": month_text(row["since_month"]),
        "month": month_text(row["month"]),
        "is_carried_out": row["state"] == "in_force" and not is_suspended,
        "doubted": None if doubted is None else month_text(doubted),
        "objection": None
        if row["objection_id"] is None
        else {name: row[name] for name in _OBJECTION}
        | {"id": row["objection_id"], "state": row["objection_state"]},
    }


def _reason(row: Mapping[str, Any]) -> Text:
    months = row["month"] - row["since_month"] + 1
    grade, since = _COLOUR[row["grade"]], month_text(row["since_month"])
    zh = (
        f"自{since}起连续{months}个月末的等级符合方案{row['policy_version']}的条件"
        f"（{month_text(row['month'])}为{grade.zh}色）。是否采取由工作人员决定；不动分，法定措施不看等级。"
    )
    en = (
        f"Since {since}, at the ends of {months} months in a row, the grade was one that policy"
        f" {row['policy_version']} names ({grade.en} in {month_text(row['month'])})."
        " Whether it is done a person decides; it moves no point, and no measure of the law reads"
        " the grade."
    )
    if row["doubted_month"] is not None:
        now = _COLOUR[row["doubted_grade"]]
        zh += f"{month_text(row['doubted_month'])}末等级为{now.zh}色，建议终止。"
        en += (
            f" At the end of {month_text(row['doubted_month'])} the grade was {now.en}: its end is"
            " proposed."
        )
    return Text(zh, en)

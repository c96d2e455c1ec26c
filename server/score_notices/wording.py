"""A notice in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from server.law.text import Text
from server.scoring.policy import MILLI, Policy
from server.trends.asking import month_text
from server.trends.decline import said

_KEPT: Final = (
    *("id", "kind", "from_grade", "to_grade", "months", "reasons", "made_at", "state"),
    *("decided_by", "decided_at", "note", "version"),
)


def shown(row: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return a notice as the interface has it."""
    slope = row["slope_milli"]
    words = _words(row, policy)
    return {name: row[name] for name in _KEPT} | {
        "org": row["org_id"],
        "subject": row["subject_id"],
        "month": month_text(row["month"]),
        "before": row["from_milli"] / MILLI,
        "after": row["to_milli"] / MILLI,
        "slope": None if slope is None else slope / MILLI,
        "text": {"zh": words.zh, "en": words.en},
    }


def _words(row: Mapping[str, Any], policy: Policy) -> Text:
    if row["kind"] == "decline":
        return said(row["slope_milli"], row["months"], row["reasons"])
    grades = {one.grade: one.text for one in policy.grades}
    old, new = grades[row["from_grade"]], grades[row["to_grade"]]
    before, after = (row[name] / MILLI for name in ("from_milli", "to_milli"))
    zh = "、".join(f"{one['zh']}{one['points']:+g}" for one in row["reasons"])
    en = ", ".join(f"{one['en']} {one['points']:+g}" for one in row["reasons"])
    return Text(
        f"月末等级由{old.zh}变为{new.zh}（{before:g}→{after:g}分）；变动：{zh or '无'}。"
        "经工作人员确认后生效；法定奖惩不看等级。",
        f"The grade went from {old.en} to {new.en} ({before:g} to {after:g}); moved by:"
        f" {en or 'nothing'}. In effect when a person has confirmed it; no measure of the law"
        " reads it.",
    )

"""The score's course at the end of the term (提升), for the person to keep. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from server.scoring.policy import MILLI
from server.scoring.schedule import Schedule
from server.scoring.score import BEIJING, month_number

BEFORE_END: Final = timedelta(days=30)
"""So long before the end of the term a summary may be made: our proposal, no law's figure."""

_MOST_LINES: Final = 60


def may_be_made(stage: str | None, term_to: date, today: date) -> bool:
    """Return whether the person has been released, or is about to be."""
    return stage == "released" or (
        stage in ("received", "in_correction") and term_to - BEFORE_END <= today
    )


def month_lines(months: Sequence[Mapping[str, Any]], schedule: Schedule) -> list[str]:
    """Return a line for each closed month, the oldest first; the newest 60 at most."""
    found = []
    for row in sorted(months, key=lambda one: int(one["month"]))[-_MOST_LINES:]:
        year, month = divmod(row["month"], 12)
        grades = {one.grade: one.text.zh for one in schedule.at(row["month"]).grades}
        public = row["public_milli"]
        said = "" if public is None else f"，公共信用{public / MILLI:g}分"
        found.append(
            f"{year}年{month + 1}月：矫正管理{row['management_milli'] / MILLI:g}分（满分600）"
            f"{said}，{grades[row['grade']]}"
        )
    return found


def merit_lines(facts: Sequence[Mapping[str, Any]], schedule: Schedule) -> list[str]:
    """Return a line for each fact that counts in favour, the oldest first; the newest 60 at most.

    Args:
        facts: As an explanation has them.
        schedule: The policies of the organisation.
    """
    found = []
    for one in sorted(facts, key=lambda fact: str(fact["occurred_at"])):
        if one["counted"] <= 0:
            continue
        policy = schedule.of_version(one["policy_version"])
        known = policy.indicators.get(one["account"])
        if known is not None:
            day = one["occurred_at"].astimezone(BEIJING).date()
            found.append(f"{day} {known.text.zh}：现计{one['counted']:g}分")
    return found[-_MOST_LINES:] or ["无"]


def promise_line(promises: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what was signed at entry, None where nothing was."""
    if not promises:
        return None
    newest = promises[0]
    day = newest["signed_at"].astimezone(BEIJING)
    return f"{day.year}年{day.month}月{day.day}日签署（文本{newest['text_version']}）"


def values_of(
    explained: Mapping[str, Any], months: Sequence[Mapping[str, Any]], schedule: Schedule
) -> dict[str, Any]:
    """Return the document's own fields."""
    promise = promise_line(explained["promises"])
    return {
        "months": month_lines(months, schedule),
        "merits": merit_lines(explained["facts"], schedule),
        "policy": schedule.at(month_number(explained["at"])).version,
    } | ({} if promise is None else {"promise": promise})

"""Objections (异议) to facts as a score is read with them: what waits, what was answered. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.law.text import Text
from server.scoring.score import BEIJING

FROZEN: Final = Text(
    "异议尚在处理，该项暂不计分。", "An objection waits for its answer: not counted until then."
)
_SAID: Final = {
    "open": Text("尚在处理", "waits for its answer"),
    "reversed": Text("异议成立，该事实已撤销，记分已冲回", "upheld, the fact fell"),
    "upheld": Text("异议不成立，该事实维持", "not upheld: the fact stands"),
}


def waiting_at(rows: Sequence[Mapping[str, Any]], known_at: datetime | None) -> frozenset[str]:
    """Return the facts whose objection waited for its answer at an instant; None: now."""
    return frozenset(row["fact"] for row in rows if _waits(row, known_at))


def told_of(row: Mapping[str, Any], known_at: datetime | None) -> dict[str, Any]:
    """Return an objection as `Objection` has it, with nothing that came after an instant."""
    waits = _waits(row, known_at)
    state = "open" if waits else row["state"]
    kept = {name: row[name] for name in ("id", "fact", "words", "filed_at", "due_at")}
    answer, answered_at = (None, None) if waits else (row["answer"], row["answered_at"])
    text = _text(row, state, answer)
    return kept | {
        "state": state,
        "answer": answer,
        "answered_at": answered_at,
        "extended_because": row["extended_because"],
        "zh": text.zh,
        "en": text.en,
    }


def _waits(row: Mapping[str, Any], known_at: datetime | None) -> bool:
    if known_at is None or row["settled_at"] is None:
        return row["settled_at"] is None
    return bool(row["settled_at"] > known_at)


def _text(row: Mapping[str, Any], state: str, answer: str | None) -> Text:
    said, filed = _SAID[state], row["filed_at"].astimezone(BEIJING).date()
    zh, en = f"{filed} 提出异议：{said.zh}。", f"Objection of {filed}: {said.en}."
    if state == "open" and row["due_at"] is not None:
        due = row["due_at"].astimezone(BEIJING).date()
        return Text(f"{zh}应于{due}前答复。", f"{en} To be answered by {due}.")
    if answer is not None:
        return Text(f"{zh}答复：{answer}", f"{en} Answer: {answer}")
    return Text(zh, en)

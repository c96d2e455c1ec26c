"""The explanation of a score as it is read: by the office, and by the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection
from server.errors import NotFoundError
from server.law.articles import article
from server.law.text import Text
from server.scoring import ledger_store, objection_store, promise_store
from server.scoring.explaining import Explained, advice, as_of
from server.scoring.objections import FROZEN, told_of, waiting_at
from server.scoring.policy import MILLI, Dimension, Indicator
from server.scoring.promise import promise_told
from server.scoring.schedule import schedule_of
from server.scoring.score import BEIJING, Score, weighted
from server.scoring.words import reason

OBJECT: Final = Text(
    "对任何一项记分有异议的，可以在本人账号提出或者向社区矫正机构提出，由确认人、录入人以外的人复核，按期答复；"
    "答复之前，该项不得对你不利；也可以向人民检察院反映（"
    f"{article('measures-32').cited.zh}，{article('law-34').cited.zh}）。不得仅由自动化方式作出"
    f"对你权益有重大影响的决定（{article('pipl-24').cited.zh}）。",
    "You may object to any of these points, once each, in your own account or at the agency:"
    " somebody else than who confirmed or entered the fact answers within a time that is set; until"
    " then it does not count against you. You may also complain to the procuratorate"
    f" ({article('measures-32').cited.en}; {article('law-34').cited.en}). No decision of weight is"
    f" made by a program alone ({article('pipl-24').cited.en}).",
)
_PRINCIPLE: Final = Text(
    "报警本身不动分，只有经人确认、可以复核的事实才动分；法定奖惩不看分数。",
    "An alert never moves points; only a fact that a person confirmed and that may be reviewed"
    " does. No measure of the law reads the score.",
)


async def explain(
    connection: Connection,
    subject_id: str,
    *,
    now: datetime,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> dict[str, Any]:
    """Return the explanation of a subject's score as `Explanation` has it.

    Raises:
        NotFoundError: No such subject in the scope, or no ledger by then.
    """
    org_id = await ledger_store.subject_org(connection, subject_id)
    if org_id is None:
        raise NotFoundError("no such subject in your scope")
    schedule = await schedule_of(connection, org_id)
    lines = await ledger_store.ledger(connection, subject_id)
    # By the later of both clocks: a line is not hidden because they differ.
    newest = max([now, *(one["recorded_at"] for one in lines)])
    objections = await objection_store.of_subject(connection, subject_id, known_at)
    waiting = waiting_at(objections, known_at)
    told = [told_of(one, known_at) for one in objections]
    promises = await promise_store.of_subject(connection, subject_id, at, known_at)
    promised = [promise_told(one) for one in promises]
    at, known_at = at or newest, known_at or newest
    explained = as_of(lines, at, known_at, schedule, waiting)
    score = explained.score()
    if score is None:
        raise NotFoundError("no ledger of this subject was open then")
    moment = {"at": at, "known_at": known_at}
    return described(explained, subject_id, score, **moment, told=told, promised=promised)


def described(
    explained: Explained,
    subject_id: str,
    score: Score,
    *,
    at: datetime,
    known_at: datetime,
    told: Sequence[dict[str, Any]] = (),
    promised: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return the explanation of a ledger; what it names adds up to the score. Pure.

    `told` are the objections, as `told_of` says them; `promised` what `promise_told` says.
    """
    policy = explained.policy
    facts = [_fact(explained, line, score) for line in explained.standing()]
    parts = [_dimension(explained, one, score) for one in policy.dimensions]
    return {
        "subject": subject_id,
        "at": at,
        "known_at": known_at,
        "score": score.described(),
        "policy": {
            "version": policy.version,
            "title": {"zh": policy.title.zh, "en": policy.title.en},
            "source": {"zh": policy.source.zh, "en": policy.source.en},
        },
        "dimensions": parts,
        "facts": facts,
        "promises": list(promised),
        "objections": list(told),
        "to_raise": advice(explained, score),
        "principle": {"zh": _PRINCIPLE.zh, "en": _PRINCIPLE.en},
        "objection": {"zh": OBJECT.zh, "en": OBJECT.en},
        "text": _text(score, facts, parts, [*promised, *told]),
    }


def _fact(explained: Explained, line: Any, score: Score) -> dict[str, Any]:
    text = reason(line, explained.schedule)
    without = explained.without(line)
    counted = explained.counted(line)
    total = score.total if without is None else without.total
    day = line["effective_at"].astimezone(BEIJING).date()
    posted, now = (_signed(points) for points in (line["points_milli"], counted))
    zh = (
        f"{day} {text.zh}：记{posted}分，现计{now}分；由{line['confirmed_by']}确认，依据方案"
        f"{line['policy_version']}。若无此项，总分为{total / MILLI:g}。"
    )
    en = (
        f"{day} {text.en}: {posted} posted, {now} now; confirmed by {line['confirmed_by']}, by"
        f" policy {line['policy_version']}. Without it the total would be {total / MILLI:g}."
    )
    is_frozen = line["fact_id"] in explained.left_out
    if is_frozen:
        zh, en = zh + FROZEN.zh, f"{en} {FROZEN.en}"
    return {
        "fact": line["fact_id"],
        "kind": line["fact_kind"],
        "account": line["account"],
        "occurred_at": line["effective_at"],
        "recorded_at": line["recorded_at"],
        "quantity": float(line["quantity"]),
        "posted": line["points_milli"] / MILLI,
        "counted": counted / MILLI,
        "without": total / MILLI,
        "is_frozen": is_frozen,
        "confirmed_by": line["confirmed_by"],
        "policy_version": line["policy_version"],
        "zh": zh,
        "en": en,
    }


def _dimension(explained: Explained, dimension: Dimension, score: Score) -> dict[str, Any]:
    indicators = [one for group in dimension.groups for one in group.indicators]
    accounts = {one.id for one in indicators}
    named = sum(
        explained.counted(line) for line in explained.standing() if line["account"] in accounts
    )
    return {
        "id": dimension.id,
        "zh": dimension.text.zh,
        "en": dimension.text.en,
        "start": dimension.start / MILLI,
        "points": score.dimensions[dimension.id] / MILLI,
        "adjusted": (score.dimensions[dimension.id] - dimension.start - named) / MILLI,
        "most": dimension.most / MILLI,
        "maximum": dimension.maximum / MILLI,
        "indicators": [_indicator(explained, one) for one in indicators],
    }


def _indicator(explained: Explained, indicator: Indicator) -> dict[str, Any]:
    lines = [one for one in explained.lines if one["account"] == indicator.id]
    months = {one.month: 0 for one in explained.cells() if one.account == indicator.id}
    for cell in explained.cells():
        if cell.account == indicator.id:
            months[cell.month] += cell.points
    left = sum(
        _left(indicator, explained.month - month, points) for month, points in months.items()
    )
    inactive = indicator.inactive
    return {
        "id": indicator.id,
        "zh": indicator.text.zh,
        "en": indicator.text.en,
        "posted": sum(one["points_milli"] for one in lines) / MILLI,
        "counted": left / MILLI,
        "inactive": {"zh": inactive.zh, "en": inactive.en} if inactive else None,
    }


def _left(indicator: Indicator, months: int, points: int) -> int:
    return weighted(points, indicator.weight(months))


def _text(
    score: Score,
    facts: list[dict[str, Any]],
    parts: list[dict[str, Any]],
    told: Sequence[dict[str, Any]],
) -> dict[str, str]:
    shown = score.described()
    public = shown["public"]
    zh = [f"总分{shown['total']:g}（满分{shown['out_of']:g}）。"]
    en = [f"Total {shown['total']:g} of {shown['out_of']:g}."]
    zh.append("公共信用分暂无，不作推算。" if public is None else f"公共信用{public:g}。")
    en.append(
        "No public-credit figure is known, and none is guessed."
        if public is None
        else f"Public credit {public:g}."
    )
    for one in parts:
        zh.append(
            f"{one['zh']}：起始{one['start']:g}，现为{one['points']:g}，满分{one['most']:g}。"
            + _adjusted(one["adjusted"], "其中上下限和取整调整{0}分。")
        )
        en.append(
            f"{one['en']}: {one['start']:g} at first, {one['points']:g} now, of {one['most']:g}."
            + _adjusted(one["adjusted"], " Of that {0} by bounds and rounding.")
        )
    kept = score.management / MILLI - sum(one["points"] for one in parts)
    if round(kept * MILLI):
        zh.append(f"矫正管理合计的上下限调整{_signed(round(kept * MILLI))}分。")
        en.append(f"Bounds of all management points: {_signed(round(kept * MILLI))}.")
    zh += [one["zh"] for one in [*facts, *told]]
    en += [one["en"] for one in [*facts, *told]]
    return {
        "zh": "\n".join([*zh, _PRINCIPLE.zh, OBJECT.zh]),
        "en": "\n".join([*en, _PRINCIPLE.en, OBJECT.en]),
    }


def _adjusted(points: float, text: str) -> str:
    milli = round(points * MILLI)
    return text.format(_signed(milli)) if milli else ""


def _signed(points: int) -> str:
    return f"{points / MILLI:+g}".replace("-", "−") if points else "0"

"""How a month's figures read in its print: Chinese, no name of any person. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.alert_reports.schemas import Counted, DeadLetters, MonthFigures, SeverityTimes, Silence
from server.attention.schemas import StageTime
from server.law.days import ZONE
from server.precision.schemas import SharePart

_NONE: Final = "本月没有"
_SEVERITIES: Final = {"critical": "紧急", "major": "重要", "minor": "一般"}
_LEVELS: Final = {0: "本所", 1: "所（队）负责人", 2: "县级", 3: "市级"}
_CHANNELS: Final = {
    "apprise": "邮件、短信等渠道",
    "robot": "群机器人",
    "webhook": "回调接口",
    "terminal": "执法终端",
}
_MOST_LINES: Final = 60
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DECIMALS: Final = 1


def values_of(figures: MonthFigures, digest: str) -> dict[str, Any]:
    """Return the values of the template `alert_report`.

    Args:
        figures: Of the month.
        digest: SHA-256 of the figures as they are kept, hexadecimal.
    """
    total = figures.total
    return {
        "name": figures.name_zh,
        "since": figures.since,
        "until": figures.until,
        "raised": total.raised,
        "judged": total.confirmed + total.false + total.technical + total.excused,
        "confirmed": total.confirmed,
        "undecided": total.undecided,
        "superseded": total.superseded,
        "precision": _share(total.precision),
        "rules": _lines([_counted(one) for one in figures.rules]),
        "models": _lines([_counted(one) for one in figures.device_models]),
        "times": _lines([_times(one) for one in figures.times]),
        "budget": _budget(figures),
        "escalations": _lines(
            [f"升至{_LEVELS[one.level]}：{one.count}次" for one in figures.escalations]
        ),
        "silences": _lines([_silence(one) for one in figures.silences]),
        "dead_letters": _lines([_dead(one) for one in figures.dead_letters]),
        "digest": digest,
    }


def _lines(lines: Sequence[str]) -> list[str]:
    if len(lines) <= _MOST_LINES:
        return list(lines) or [_NONE]
    kept = _MOST_LINES - 1
    return [*lines[:kept], f"其余{len(lines) - kept}项见数据"]


def _counted(one: Counted) -> str:
    key = one.key or "无设备"
    named = f"{one.zh}（{key}）" if one.zh else key
    return (
        f"{named}：产生{one.raised}件，查实{one.confirmed}件，误报{one.false}件，"
        f"技术原因{one.technical}件，已批准{one.excused}件，未作结论{one.undecided}件，"
        f"撤销{one.superseded}件；查实率{_share(one.precision)}"
    )


def _share(share: SharePart | None) -> str:
    if share is None:
        return "尚无结论"
    part, low, high = (f"{100 * value:.1f}%" for value in (share.share, share.low, share.high))
    return f"{part}（{low}至{high}）"


def _times(one: SeverityTimes) -> str:
    stages = (
        ("看到", one.shown),
        ("接警", one.acknowledged),
        ("到场", one.on_site),
        ("办结", one.resolved),
    )
    told = "；".join(_stage(name, stage) for name, stage in stages)
    return f"{_SEVERITIES[one.severity]}：{one.alerts}件；{told}"


def _stage(name: str, stage: StageTime) -> str:
    if stage.median_s is None or stage.p95_s is None:
        return f"{name}0件"
    median, late = _duration(stage.median_s), _duration(stage.p95_s)
    return f"{name}{stage.count}件，中位{median}，95%分位{late}"


def _duration(seconds: float) -> str:
    if seconds < 2 * _MINUTE_S:
        return f"{round(seconds)}秒"
    if seconds < 2 * _HOUR_S:
        return f"{round(seconds / _MINUTE_S)}分钟"
    return f"{round(seconds / _HOUR_S, _DECIMALS)}小时"


def _budget(figures: MonthFigures) -> str:
    budget = figures.budget
    each = "" if budget.per_subject_day is None else f"（每人每日{budget.per_subject_day}件）"
    left = f"超出{-budget.left:g}件" if budget.is_overdrawn else f"尚余{budget.left:g}件"
    spent_on = "、".join(f"{one.key}{one.nuisance}件" for one in budget.rules)
    most = f"主要来源：{spent_on}。" if spent_on else ""
    return (
        f"限额每人每日{budget.budget_per_subject_day:g}件：监测{budget.subject_days}人日，"
        f"可容许{budget.allowed:g}件，未查实{budget.nuisance}件{each}，{left}。{most}"
    )


def _silence(one: Silence) -> str:
    until = "仍未恢复" if one.ended_at is None else f"至{_instant(one.ended_at)}"
    people = "" if one.unwatched is None else f"，无人监测{one.unwatched}人"
    return f"网关{one.gateway}：自{_instant(one.began_at)}{until}{people}"


def _instant(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def _dead(one: DeadLetters) -> str:
    return f"{_CHANNELS.get(one.channel, one.channel)}：{one.count}条"

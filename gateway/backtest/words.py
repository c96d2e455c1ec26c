"""Words of the report: Chinese, with English beside it."""

from datetime import datetime, timedelta, timezone
from html import escape
from typing import Final

from gateway.engine.rules.catalogue import RULES

DIFFERS: Final = {
    "begin_ms": ("开始时间", "begin"),
    "end_ms": ("结束时间", "end"),
    "at_ms": ("告警时间", "told at"),
    "is_withdrawn": ("是否撤回", "withdrawn"),
}
"""Names of what two alerts may differ in."""

_LOCAL: Final = timezone(timedelta(hours=8))
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_LONG_S: Final = 172_800


def both(zh: str, en: str) -> str:
    """Return Chinese with English beside it, as HTML."""
    return f"{escape(zh)} <small>{escape(en)}</small>"


def rule_title(rule: str) -> str:
    """Return a rule's names for people, as HTML; one that the engine does not have, as it is."""
    return both(*RULES[rule].title) if rule in RULES else escape(rule)


def local_time(time_ms: int) -> str:
    """Return a time as a county reads it."""
    return f"{datetime.fromtimestamp(time_ms / 1_000, _LOCAL):%Y-%m-%d %H:%M:%S}"


def duration(value_s: float | None) -> str:
    """Return a length of time in a unit that suits it; nothing is a dash."""
    if value_s is None:
        return "–"
    if value_s < _MINUTE_S:
        return f"{value_s:.0f} 秒"
    if value_s < _HOUR_S:
        return f"{value_s / _MINUTE_S:.1f} 分"
    if value_s < _LONG_S:
        return f"{value_s / _HOUR_S:.1f} 时"
    return f"{value_s / _HOUR_S / 24:.1f} 天"


def percent(share: float | None) -> str:
    """Return a share as a percentage; nothing is a dash."""
    return "–" if share is None else f"{100 * share:.1f}%"

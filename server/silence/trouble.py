"""What may be wrong with us, and when it begins and ends. Pure.

A trouble begins at a bad reading and ends at a good one; what lies in between changes nothing, so
that a figure at its limit does not raise an alert a minute. A figure that is absent says nothing.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

Severity = Literal["critical", "major", "minor"]
Rule = Literal[
    "gateway_silent",
    "gateway_broker",
    "gateway_journal",
    "gateway_disk",
    "gateway_clock",
    "gateway_lag",
    "server_database",
    "server_worker",
    "server_notifications",
    "media_overdue",
    "media_mismatch",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a trouble is told."""

    severity: Severity
    zh: str
    en: str


KINDS: Final[Mapping[Rule, Kind]] = {
    "gateway_silent": Kind("critical", "网关失联", "Gateway silent"),
    "gateway_broker": Kind("critical", "网关与消息代理断开", "Gateway is cut off from its broker"),
    "gateway_journal": Kind("critical", "网关日志无法写入", "Gateway cannot write its journal"),
    "gateway_disk": Kind("major", "网关磁盘将满", "Gateway's disk is nearly full"),
    "gateway_clock": Kind("major", "网关时钟偏差", "Gateway's clock is off"),
    "gateway_lag": Kind("major", "网关上行积压", "Gateway's uplink lags"),
    "server_database": Kind("major", "数据库响应缓慢", "Database is slow"),
    "server_worker": Kind("critical", "后台任务停滞", "Background work is stuck"),
    "server_notifications": Kind("major", "通知未能送达", "Notifications were given up"),
    "media_overdue": Kind("major", "录像逾期未上传", "Recordings were announced and not delivered"),
    "media_mismatch": Kind("major", "录像与索引摘要不符", "A recording is not what was announced"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a figure is bad.

    Attributes:
        disk_free_pct: It is well again from one and a half times this.
        clock_skew_s: Either way; well again from half of it, as the others in seconds.
    """

    broker_down_s: float
    disk_free_pct: float
    clock_skew_s: float
    lag_s: float
    slow_s: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at one thing; neither bad nor well: no change."""

    rule: Rule
    is_bad: bool
    is_well: bool
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """What a gateway says of itself; None: it did not say.

    Attributes:
        clock_skew_s: Its clock less ours.
        oldest_unconfirmed_s: Age of the oldest entry that the server has not confirmed.
    """

    broker_down_s: float | None
    journal: str | None
    disk_free_bytes: int | None
    disk_bytes: int | None
    clock_skew_s: float
    unconfirmed_entries: int | None
    oldest_unconfirmed_s: float | None


def readings_of(health: Health, limits: Limits) -> list[Reading]:
    """Return what a gateway's words about itself mean."""
    readings = [_above("gateway_clock", "clock_skew_s", health.clock_skew_s, limits.clock_skew_s)]
    stuck = health.journal is not None
    readings.append(Reading("gateway_journal", stuck, not stuck, {"journal": health.journal}))
    if health.broker_down_s is not None:
        down_s = health.broker_down_s
        figures = {"broker_down_s": down_s, "limit": limits.broker_down_s}
        is_bad = down_s >= limits.broker_down_s
        readings.append(Reading("gateway_broker", is_bad, down_s == 0, figures))
    if health.disk_free_bytes is not None and health.disk_bytes:
        free_pct = 100 * health.disk_free_bytes / health.disk_bytes
        low = limits.disk_free_pct
        figures = {"disk_free_pct": round(free_pct, 2), "limit": low}
        readings.append(Reading("gateway_disk", free_pct < low, free_pct >= 1.5 * low, figures))
    if health.unconfirmed_entries is not None:
        oldest_s = health.oldest_unconfirmed_s or 0.0
        lag = _above("gateway_lag", "oldest_unconfirmed_s", oldest_s, limits.lag_s)
        count = {"unconfirmed_entries": health.unconfirmed_entries}
        readings.append(Reading(lag.rule, lag.is_bad, lag.is_well, {**lag.figures, **count}))
    return readings


def database_reading(took_s: Collection[float], slow_s: float) -> Reading:
    """Return what the last answers of the database mean: all of them slow, or none."""
    figures = {"answered_in_s": [round(one, 3) for one in took_s], "limit": slow_s}
    is_bad = bool(took_s) and min(took_s) > slow_s
    is_well = bool(took_s) and max(took_s) <= slow_s / 2
    return Reading("server_database", is_bad, is_well, figures)


def backlog_readings(backlog: Mapping[str, int]) -> list[Reading]:
    """Return what is overdue, or was given up, at the whole site."""
    overdue = {name: backlog[name] for name in ("alerts_overdue", "deliveries_overdue")}
    dead = {"deliveries_dead": backlog["deliveries_dead"]}
    return [
        Reading("server_worker", any(overdue.values()), not any(overdue.values()), overdue),
        Reading("server_notifications", any(dead.values()), not any(dead.values()), dead),
    ]


def changes(
    readings: Iterable[Reading], standing: Collection[str]
) -> tuple[list[Reading], list[Reading]]:
    """Return the readings at which a trouble begins, and those at which one ends."""
    known = list(readings)
    begun = [one for one in known if one.is_bad and one.rule not in standing]
    ended = [one for one in known if one.is_well and one.rule in standing]
    return begun, ended


def alert_id(rule: Rule, source: str, began_at: datetime) -> str:
    """Return the alert's id: of one trouble the same, whichever server finds it."""
    anchor = f"{rule} {source} {int(began_at.timestamp() * 1_000_000)}"
    return f"own-{hashlib.sha256(anchor.encode()).hexdigest()[:32]}"


def _above(rule: Rule, name: str, value: float, limit: float) -> Reading:
    size = abs(value)
    return Reading(rule, size > limit, size <= limit / 2, {name: round(value, 3), "limit": limit})

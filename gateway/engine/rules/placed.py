"""The words of rules that are decided by fences: where, how far, how sure, against which limit."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.engine.account import Account, clock, duration, metres
from gateway.engine.words import Words

PLACE_PARAMETERS: Final = (
    "persistence_reports",
    "persistence_s",
    "violation_ppm",
    "accuracy_floor_m",
    "network_fix_s",
    "stray_s",
    "stray_m",
    "stride_most_mm",
    "still_mps",
    "slow_leg_s",
    "doubt_radii",
)
"""What every place rule goes by."""

_PPM_PER_BASIS_POINT: Final = 100
_SURE_PPM: Final = 999_999
_BASIS_POINTS: Final = 100


def fence_words(account: Account, zh: str, en: str) -> Words:
    """Return a fence as people call it, with its id where the record names one."""
    fence = account.said("target")
    return Words(zh, en) if fence is None else Words(f"{zh}（{fence}）", f"{en} ({fence})")


def percent(ppm: int) -> str:
    """Return a probability, rounded down; nothing that was measured is told as certain, 100 %."""
    whole, rest = divmod(min(ppm, _SURE_PPM) // _PPM_PER_BASIS_POINT, _BASIS_POINTS)
    return f"{whole}.{rest:02d}%"


def deciding(account: Account) -> list[dict[str, Any]]:
    """Return the reports of the record that count as violating."""
    limit_ppm = account.parameter("violation_ppm")
    return [r for r in account.reports if r.get("violation_ppm", -1) >= limit_ppm]


def observed(account: Account, where: Words) -> Words:
    """Return what was seen: since when, how often, how far beyond the border and how sure.

    Args:
        account: The record.
        where: Where the reports lie, as a predicate.
    """
    since, span = clock(account.begin_ms), account.span()
    reports = deciding(account)
    if not reports:
        return Words(f"自{since}起{where.zh}", f"since {since} {where.en}")
    told = distances([abs(r["distance_m"]) for r in reports])
    least = percent(min(r["violation_ppm"] for r in reports))
    limit = percent(int(account.parameter("violation_ppm")))
    count = len(reports)
    return Words(
        f"自{since}起{count}次定位{where.zh}，历时{span.zh}，距边界{told.zh}，"
        f"按定位误差计算的概率不低于{least}（判定标准{limit}）",
        f"since {since} {count} reports lie {where.en}, over {span.en}, {told.en} from the "
        f"border; probability from the error circles at least {least} (limit {limit})",
    )


def distances(values_m: Sequence[float]) -> Words:
    """Return the range of distances in words."""
    least, most = metres(min(values_m)), metres(max(values_m))
    if least == most:
        return least
    return Words(f"{least.zh}至{most.zh}", f"{least.en} to {most.en}")


def between(begin_ms: int, end_ms: int) -> Words:
    """Return an interval on Beijing's clock."""
    return Words(
        f"{clock(begin_ms)}至{clock(end_ms)}", f"from {clock(begin_ms)} to {clock(end_ms)}"
    )


def after(begin_ms: int, then_ms: int) -> Words:
    """Return how long after `begin_ms` `then_ms` is."""
    return duration(max(then_ms - begin_ms, 0) // 1_000)


def joined(*texts: Words) -> Words:
    """Return several texts as one."""
    return Words("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))

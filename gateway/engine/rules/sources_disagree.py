"""Sources disagree: satellites and network (Wi-Fi, base stations) put the device far apart.

They are compared where a device changes from one to the other: the last position from satellites
with the next one from none, and back. Farther apart than both error circles and any drive between
explain, one of them is made up or mistaken. Which one, this cannot tell: a router that moved house
takes its old place along.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.account import Account, metres
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import (
    LEG_PARAMETERS,
    LINE_CARRY,
    LINE_PARAMETERS,
    MM_PER_M,
    MS_PER_S,
    Legs,
    legs_of,
    line_of,
)
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray, Int8Array, IntArray

_UNKNOWN, _NETWORK, _SATELLITES = -1, 0, 1
_LEAST_SATELLITES: Final = 4
"""Fewer give no position in three dimensions and time; one to three may be a poor one of both."""

_TWICE: Final = 2
"""Between two reports a car may go twice as fast as at either."""


def _sources(stretch: Stretch) -> Int8Array:
    """Return what each row's position came from."""
    seen = stretch.rows["satellites"]
    out: Int8Array = np.where(
        seen >= _LEAST_SATELLITES, _SATELLITES, np.where(seen == 0, _NETWORK, _UNKNOWN)
    ).astype(np.int8)
    return out


def _way_mm(stretch: Stretch, legs: Legs, before_mmps: IntArray) -> IntArray:
    """Return how far each row's device may have gone since the fix before."""
    speed_mmps = stretch.rows["speed_mmps"]
    told = _TWICE * np.maximum(speed_mmps, before_mmps).astype(np.int64)
    # Devices without a position of their own often tell no speed, or 0.
    least = stretch.limits["sources_drive_mps"] * MM_PER_M
    way_mm: IntArray = np.maximum(told, least) * legs.lasted_ms // MS_PER_S
    return way_mm


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs, speed_mmps = legs_of(stretch), stretch.rows["speed_mmps"]
    source = _sources(stretch)
    before = legs.earlier(source, memory["source"])
    before_mmps = legs.earlier(speed_mmps, memory["speed_mmps"])
    memory["source"] = legs.newest(source, memory["source"])
    memory["speed_mmps"] = legs.newest(speed_mmps, memory["speed_mmps"])
    is_one = line_of(stretch, memory).is_one
    compared: BoolArray = legs.known & is_one & (source != before)
    compared &= (source != _UNKNOWN) & (before != _UNKNOWN)
    if not compared.any():
        return Judged(np.zeros(len(stretch), np.int8))
    compared &= legs.lasted_ms <= stretch.limits.ms("slow_leg_s")
    way_mm = _way_mm(stretch, legs, before_mmps)
    beyond_mm = legs.net_mm - way_mm
    disagree = compared & (beyond_mm >= stretch.limits["sources_apart_m"] * MM_PER_M)
    facts = {
        "apart_m": legs.moved_mm // MM_PER_M,
        "doubt_m": legs.doubt_mm // MM_PER_M,
        "way_m": way_mm // MM_PER_M,
        "is_network": (source == _NETWORK).astype(np.int64),
    }
    return Judged(decided(disagree, compared), facts)


def _explain(account: Account) -> Words:
    facts, count = account.facts, account.parameter("sources_reports")
    apart, doubt, way = (metres(facts[name]) for name in ("apart_m", "doubt_m", "way_m"))
    limit = metres(float(account.parameter("sources_apart_m")))
    return Words(
        f"卫星定位与网络定位（无线局域网、基站）连续{count}次不符，最近一次相距{apart.zh}，"
        f"双方误差至多{doubt.zh}、期间行程至多{way.zh}，超出部分达到界限{limit.zh}；"
        f"其中之一不可信：卫星信号可能被伪造，或路由器迁移使网络定位有误",
        f"positions from satellites and from the network (Wi-Fi, base stations) disagree {count} "
        f"times in a row, the latest {apart.en} apart; both errors account for {doubt.en}, the way "
        f"between for {way.en}, what is beyond reaches the limit of {limit.en}. One of the two is "
        f"not to be trusted: satellite signals may be made up, or a router has moved",
    )


SOURCES_DISAGREE: Final = Rule(
    name="sources_disagree",
    severity="minor",
    category="integrity",
    title=Words("卫星与网络定位不一致", "satellites and network disagree"),
    explain=_explain,
    judge=_judge,
    carry={
        **LINE_CARRY,
        "source": Carried(np.int8, _UNKNOWN),
        "speed_mmps": Carried(np.int32, ABSENT),
    },
    parameters=(
        "sources_apart_m",
        "sources_drive_mps",
        "sources_reports",
        "sources_s",
        "slow_leg_s",
        *LEG_PARAMETERS,
        *LINE_PARAMETERS,
    ),
    raise_reports="sources_reports",
    raise_s="sources_s",
    clear_reports="sources_reports",
)

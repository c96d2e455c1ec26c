"""Impossible speed: fix after fix further from the last than anybody can have gone."""

from typing import Final

from gateway.engine.account import Account, duration, metres
from gateway.engine.rule import Judged, Memory, Rule, decided
from gateway.engine.rules.legs import (
    LEG_PARAMETERS,
    LINE_CARRY,
    LINE_PARAMETERS,
    MM_PER_M,
    MS_PER_S,
    legs_of,
    line_of,
)
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs = legs_of(stretch)
    asked = legs.known & line_of(stretch, memory).is_one
    too_fast = asked & (legs.mmps > stretch.limits["impossible_speed_mps"] * MM_PER_M)
    return Judged(
        decided(too_fast, asked & ~too_fast),
        lambda: {
            "moved_m": legs.moved_mm // MM_PER_M,
            "doubt_m": legs.doubt_mm // MM_PER_M,
            "moved_s": legs.lasted_ms // MS_PER_S,
            "least_speed_mps": legs.mmps // MM_PER_M,
        },
    )


def _explain(account: Account) -> Words:
    facts, limit_mps = account.facts, account.parameter("impossible_speed_mps")
    way, doubt = metres(facts["moved_m"]), metres(facts["doubt_m"])
    lasted, speed_mps = duration(facts["moved_s"]), facts["least_speed_mps"]
    # An airliner is as fast; an officer who knows of a flight needs no other word.
    return Words(
        f"相邻定位相距{way.zh}，间隔{lasted.zh}；扣除定位误差{doubt.zh}，"
        f"速度仍不低于{speed_mps}米/秒（地面交通上限{limit_mps}米/秒），乘坐飞机或定位数据不可信",
        f"successive fixes lie {way.en} apart within {lasted.en}; with {doubt.en} of possible "
        f"error taken off that is at least {speed_mps} m/s (limit {limit_mps} m/s, above all "
        f"transport on the ground): an aircraft, or position data that are not to be trusted",
    )


IMPOSSIBLE_SPEED: Final = Rule(
    name="impossible_speed",
    severity="minor",
    category="integrity",
    title=Words("定位速度不可能", "impossible speed"),
    explain=_explain,
    judge=_judge,
    carry=LINE_CARRY,
    parameters=(
        "impossible_speed_mps",
        "impossible_speed_reports",
        *LEG_PARAMETERS,
        *LINE_PARAMETERS,
    ),
    raise_reports="impossible_speed_reports",
    clear_reports="clear_reports",
)

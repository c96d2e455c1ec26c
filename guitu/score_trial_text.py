"""A trial of a scoring policy, as the terminal shows it: Chinese, then English."""

from collections.abc import Iterator
from typing import Any


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a trial, as `WhatIf` has it."""
    figures = found["figures"]
    if figures["people"] is None or not figures["people"]:
        yield "人数不足，不作统计。 Too few people to say anything."
        return
    yield (
        f"{figures['since']}至{figures['until']}，{figures['people']}人：等级变动{figures['moved']}人"
        f"（上升{figures['better']}，下降{figures['worse']}）；平均管理分"
        f"{figures['mean_before']:g}→{figures['mean_after']:g}。"
    )
    yield (
        f"{figures['since']} to {figures['until']}, {figures['people']} people: {figures['moved']}"
        f" would change grade ({figures['better']} up, {figures['worse']} down); mean management"
        f" score {figures['mean_before']:g} to {figures['mean_after']:g}."
    )
    for one in figures["indicators"]:
        yield f"  {one['zh']} {one['en']}: {one['people']} × {one['mean']:+g}"
    for one in found["movers"]:
        why = ", ".join(f"{reason['indicator']} {reason['points']:+g}" for reason in one["reasons"])
        yield f"  {one['subject']}: {one['from_grade']} -> {one['to_grade']} ({why or 'limits'})"
    for one in figures["warnings"]:
        yield f"! {one['zh']} · {one['en']}"

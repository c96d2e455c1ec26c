"""The table of a scoring policy, as docs/scoring.md has it."""

from typing import Final

from server.scoring.policy import MILLI, Indicator, Policy

_HEADS: Final = (
    *("维度 Dimension", "二级 Second level", "三级 Third level", "分值 Points", "月上限 Month"),
    *("总上限 Term", "半衰期 Half-life", "事实 Facts"),
)


def lines(policy: Policy) -> list[str]:
    """Return the lines of the table in Markdown."""
    found = [f"| {' | '.join(_HEADS)} |", f"| {' | '.join('---' for _ in _HEADS)} |"]
    for dimension in policy.dimensions:
        limits = (dimension.start, dimension.least, dimension.most)
        bounds = " / ".join(_points(one) for one in limits)
        title = f"**{dimension.text.zh} {dimension.text.en}**"
        found.append(f"| {title} | | | {bounds} | | | | `{dimension.id}` |")
        for group in dimension.groups:
            title = f"{group.text.zh} {group.text.en}"
            found += [f"| | {title} | {_cells(one)} |" for one in group.indicators]
    return found


def _cells(one: Indicator) -> str:
    if one.inactive is not None:
        why = f"未启用 inactive: {one.inactive.zh} {one.inactive.en}"
        return f"{one.text.zh} {one.text.en} | {why} | | | | "
    unit = "/h" if one.unit == "hour" else ""
    half = f"{one.half_life_months}个月 months" if one.half_life_months else ""
    facts = " ".join(f"`{fact}`" for fact in one.facts)
    cells = (
        *(f"{one.text.zh} {one.text.en}", f"{_points(one.points)}{unit}"),
        *(_points(one.month_cap), _points(one.term_cap), half, facts),
    )
    return " | ".join(cells)


def _points(milli: int | None) -> str:
    return "" if milli is None else f"{milli / MILLI:g}"

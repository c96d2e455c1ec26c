"""What must hold of a scoring policy beyond its form; each fault with its place."""

from collections.abc import Mapping
from typing import Final

from server.scoring.kinds import EXCLUDED_FACTS, EXCLUSIONS, FACT_KINDS
from server.scoring.located import Spot
from server.scoring.members import Reader
from server.scoring.policy import MILLI, Indicator, Policy

GRADES: Final = ("green", "blue", "yellow", "orange", "red")
COUNTS: Final = (6, 26, 48)
"""First-, second- and third-level indicators (Zhejiang's published frame)."""
PUBLIC_MOST: Final = 400 * MILLI
MANAGEMENT_MOST: Final = 600 * MILLI

_MOVES: Final = (
    *("facts", "points", "unit", "month_cap", "term_cap", "half_life_months", "window_months"),
    "not_before_months",
)


def check_indicator(
    reader: Reader, spot: Spot, members: Mapping[str, Spot], indicator: Indicator
) -> None:
    """Check one indicator."""
    if indicator.inactive is not None:
        for name in _MOVES:
            if name in members:
                said = f"{indicator.id} is inactive and has {name}"
                reader.fault(members[name], "unknown_key", f"未启用的指标不得有{name}", said)
        return
    for name in ("facts", "points", "unit"):
        if name not in members:
            said = f"{indicator.id} is active and has no {name}: or say why it is inactive"
            reader.fault(spot, "missing", f"缺少{name}", said)
    if not indicator.points and "points" in members:
        reader.fault(members["points"], "wrong_value", "分值不得为零", "points are zero")
    for fact in reader.items(members, "facts"):
        _check_fact(reader, fact, indicator)
    _check_caps(reader, members, indicator)


def _check_caps(reader: Reader, members: Mapping[str, Spot], indicator: Indicator) -> None:
    step = abs(indicator.points)
    for name in ("month_cap", "term_cap"):
        cap: int | None = getattr(indicator, name)
        if cap is not None and cap < step:
            said = f"{name} is below one step of {step / MILLI:g} points"
            reader.fault(members[name], "cap_below_step", f"{name}低于单次分值", said)
    month, term = indicator.month_cap, indicator.term_cap
    if month is not None and term is not None and term < month:
        said = "term_cap is below month_cap"
        reader.fault(members["term_cap"], "cap_below_step", "总上限低于月上限", said)


def _check_fact(reader: Reader, spot: Spot, indicator: Indicator) -> None:
    name = str(spot.value)
    if name in EXCLUDED_FACTS:
        what = EXCLUDED_FACTS[name]
        said = f"{name} is an excluded input: {what}"
        reader.fault(spot, "excluded_input", f"{name}属于禁止用于评分的信息", said)
        return
    kind = FACT_KINDS.get(name)
    if kind is None:
        said = f"{name} is no kind of fact: one of {', '.join(FACT_KINDS)}"
        reader.fault(spot, "unknown_fact", f"不认识的事实种类{name}", said)
        return
    if indicator.points * kind.direction < 0:
        said = f"{name} may {'raise' if kind.direction > 0 else 'lower'} a score only"
        reader.fault(spot, "wrong_sign", f"{name}的分值方向不符", said)
    if indicator.unit != kind.unit:
        said = f"{name} is counted by {kind.unit}, not by {indicator.unit}"
        reader.fault(spot, "wrong_unit", f"{name}的计量单位不符", said)


def check_file(reader: Reader, root: Spot, members: Mapping[str, Spot], policy: Policy) -> None:
    """Check what holds between the parts of a file."""
    if "dimensions" in members:
        _check_counts(reader, members["dimensions"], policy)
        _check_once(reader, members["dimensions"])
        _check_bounds(reader, members["dimensions"], policy)
    if "grades" in members:
        _check_grades(reader, members["grades"], policy)
    if "public" in members and policy.public_most != PUBLIC_MOST:
        said = f"public.most is not {PUBLIC_MOST // MILLI}"
        reader.fault(members["public"], "wrong_total", "公共信用分满分不符", said)
    named = {str(one.value) for one in reader.items(members, "excluded")}
    for what in EXCLUSIONS:
        if what not in named:
            said = f"excluded lacks {what}: no policy may score by it"
            place = members.get("excluded", root)
            reader.fault(place, "missing_exclusion", f"excluded缺少{what}", said)


def _check_counts(reader: Reader, spot: Spot, policy: Policy) -> None:
    groups = [group for one in policy.dimensions for group in one.groups]
    found = (
        len(policy.dimensions),
        len(groups),
        sum(len(group.indicators) for group in groups),
    )
    if found != COUNTS:
        texts = ["-".join(str(number) for number in numbers) for numbers in (found, COUNTS)]
        said = f"{texts[0]} indicators of the three levels, want {texts[1]}"
        reader.fault(spot, "wrong_count", f"三级指标数量应为{texts[1]}", said)


def _check_once(reader: Reader, spot: Spot) -> None:
    ids: set[str] = set()
    facts: set[str] = set()
    for place, name, value in _named(spot):
        if name == "id":
            if value in ids:
                reader.fault(place, "repeated", f"{value}重复", f"the id {value} stands twice")
            ids.add(value)
        elif value in facts:
            said = f"{value} feeds two indicators"
            reader.fault(place, "fact_twice", f"{value}用于两个指标", said)
        else:
            facts.add(value)


def _named(spot: Spot) -> list[tuple[Spot, str, str]]:
    """Return every id and every fact below a place."""
    if isinstance(spot.value, list):
        return [one for item in spot.value for one in _named(item)]
    if not isinstance(spot.value, dict):
        return []
    found = []
    for name, member in spot.value.items():
        if name == "id":
            found.append((member, "id", str(member.value)))
        elif name == "facts" and isinstance(member.value, list):
            found += [(one, "fact", str(one.value)) for one in member.value]
        else:
            found += _named(member)
    return found


def _check_bounds(reader: Reader, spot: Spot, policy: Policy) -> None:
    places = spot.value if isinstance(spot.value, list) else []
    for place, one in zip(places, policy.dimensions, strict=False):
        if not one.least <= 0 <= one.start <= one.most:
            said = f"{one.id}: wanted is least <= 0 <= start <= most"
            reader.fault(place, "wrong_bounds", f"{one.id}的上下限不成立", said)
    if policy.most != MANAGEMENT_MOST:
        said = f"the dimensions' most is {policy.most / MILLI:g} together, not 600"
        reader.fault(spot, "wrong_total", "各维度满分之和应为600", said)


def _check_grades(reader: Reader, spot: Spot, policy: Policy) -> None:
    if tuple(one.grade for one in policy.grades) != GRADES:
        said = f"the grades are not {', '.join(GRADES)}, best first"
        reader.fault(spot, "overlapping_grades", "等级应为五级，由高到低", said)
        return
    for index, (above, below) in enumerate(zip(policy.grades, policy.grades[1:], strict=False), 1):
        for name in ("of_1000", "of_600"):
            if getattr(below, name) >= getattr(above, name):
                said = f"{below.grade} begins at or above {above.grade}: the grades overlap"
                place = spot.value[index].value[name]
                reader.fault(place, "overlapping_grades", "等级区间重叠", said)
    last = policy.grades[-1]
    if last.of_1000 or last.of_600:
        said = f"{last.grade} does not begin at 0: a total below it has no grade"
        reader.fault(spot.value[-1], "overlapping_grades", "最低等级应从0分开始", said)

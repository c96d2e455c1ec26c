"""Figures as the rows of a file. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from server.exchange.columns import Column
from server.trends.grid import GRADES

View = Literal["distribution", "movement", "decline", "comparison"]
_ZH: Final = {"green": "诚实守信", "blue": "信用良好", "yellow": "轻微失信", "orange": "较重失信",
              "red": "严重失信"}  # fmt: skip
_GRADES: Final = tuple(Column(grade, _ZH[grade], grade, "number") for grade in GRADES)
_COLUMNS: Final[dict[View, tuple[Column, ...]]] = {
    "distribution": (
        *(Column("part", "部分", "part"), Column("key", "名称", "key")),
        Column("value", "数值", "value", "number"),
    ),
    "movement": (Column("from", "原等级", "from"), *_GRADES),
    "decline": (
        *(Column("subject", "对象", "subject"), Column("org", "机构", "org")),
        *(Column("grade", "等级", "grade"), Column("management", "管理分", "management", "number")),
        Column("slope", "每月变化", "slope", "number"),
        *(Column("zh", "说明", "zh"), Column("en", "说明（英文）", "en")),
    ),
    "comparison": (
        *(Column("org", "机构", "org"), Column("name_zh", "机构名称", "name_zh")),
        *(Column("name_en", "英文名称", "name_en"), Column("people", "人数", "people", "number")),
        *(Column("mean", "平均管理分", "mean", "number"), Column("low", "下限", "low", "number")),
        *(Column("high", "上限", "high", "number"), Column("median", "中位数", "median", "number")),
        *(Column("change", "较上月", "change", "number"), *_GRADES),
    ),
}


def table(view: View, found: Any) -> tuple[Sequence[Column], Iterable[Sequence[Any]]]:
    """Return the columns and rows of a view's answer; what is hidden is an empty cell."""
    columns = _COLUMNS[view]
    if view == "distribution":
        return columns, _distribution(found)
    if view == "movement":
        matrix = found["matrix"] or {}
        return columns, [[one, *(matrix[one][other] for other in GRADES)] for one in matrix]
    if view == "decline":
        return columns, [
            [*(one[column.name] for column in columns[:5]), one["text"]["zh"], one["text"]["en"]]
            for one in found["items"]
        ]
    return columns, [_compared(one) for one in (found["whole"], *found["items"])]


def _distribution(found: Any) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["grade", name, count] for name, count in (found["grades"] or {}).items()
    ]
    for basis in found["bases"]:
        name = basis["basis"]
        rows.append([name, "mean", basis["mean"]])
        rows += [[name, f"p{one['share'] * 100:.0f}", one["points"]] for one in basis["quantiles"]]
        rows += [
            [name, f"{one['from']:g}-{one['to']:g}", one["people"]] for one in basis["histogram"]
        ]
    return rows


def _compared(one: Any) -> list[Any]:
    grades = one.get("grades") or {}
    names = ("org", "name_zh", "name_en", "people", "mean", "low", "high", "median", "change")
    return [*(one.get(name) for name in names), *(grades.get(grade) for grade in GRADES)]

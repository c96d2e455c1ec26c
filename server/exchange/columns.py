"""A column of a table that offices fill in, and a cell's value. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from server.exchange.faults import RowFault, fault
from server.law.codes import table
from server.law.days import ZONE

Form = Literal["text", "date", "instant", "code", "boolean", "number"]

_MOST_EXACT: Final = 10**15
"""Spreadsheets keep fifteen digits of a number."""
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月|([0-9]{2}))([0-9]{1,2})日?"
)
_INSTANT: Final = re.compile(r"(\S+?)(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_YEARS: Final = range(1900, 2101)
_TRUTH: Final = MappingProxyType(
    {"是": True, "否": False, "true": True, "false": False, "1": True, "0": False}
    | {"yes": True, "no": False, "y": True, "n": False}
)
# What a spreadsheet would compute; exports write an apostrophe before it.
COMPUTED: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: As calls name it.
        zh: As offices name it.
        form: What its cells hold.
        pattern: Of the whole text, for `text`.
        most: Most characters, or the most of a `number`.
        table: Code table, for `code`.
        example: Of a cell.
    """

    name: str
    zh: str
    en: str
    form: Form = "text"
    required: bool = False
    pattern: str = ".+"
    most: int = 200
    table: str = ""
    example: str = ""

    @property
    def head(self) -> str:
        """Its head in templates and exports."""
        return f"{self.zh} {self.name}"


class CellError(ValueError):
    """A cell does not hold what its column asks for.

    Attributes:
        rule: The rule's name.
        text: What was wrong, Chinese and English.
        allowed: What would be allowed.
    """

    def __init__(self, rule: str, text: tuple[str, str], allowed: tuple[str, str]) -> None:
        super().__init__(rule)
        self.rule = rule
        self.text = text
        self.allowed = allowed


def value_of(column: Column, cell: Any, row: int, faults: list[RowFault]) -> Any:
    """Return a cell's value, None when it is empty or faulty; a fault is added to `faults`."""
    try:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return _absent(column)
        return _FORMS[column.form](column, cell)
    except CellError as error:
        faults.append(fault(row, column.name, error.rule, text=error.text, allowed=error.allowed))
        return None


def _absent(column: Column) -> None:
    if column.required:
        raise CellError("required", (f"缺少{column.zh}", f"{column.en} is missing"), _asked(column))


def _plain(cell: Any) -> str:
    """Return a cell as text; numbers as they were typed."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | float):
        if not abs(cell) < _MOST_EXACT:
            raise CellError(
                "digits_lost",
                ("数字超过十五位，末位已被表格软件改动", "a number of more than fifteen digits"),
                ("将该列设为文本格式后重新填写", "fill it in again, formatted as text"),
            )
        return str(int(cell)) if cell == int(cell) else str(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    text = str(cell).strip()
    if text.startswith("="):
        raise CellError(
            "formula", ("单元格为公式", "the cell is a formula"), ("填写结果", "its result")
        )
    return text[1:] if text.startswith("'") and text[1:].startswith(COMPUTED) else text


def _text(column: Column, cell: Any) -> str:
    text = _plain(cell)
    if len(text) > column.most:
        raise CellError(
            "length",
            (f"超过{column.most}个字", f"more than {column.most} characters"),
            (f"不超过{column.most}个字", f"{column.most} characters at most"),
        )
    if not _compiled(column.pattern).fullmatch(text) or "\x00" in text:
        raise CellError("form", (f"{column.zh}格式不符", f"not {column.en}"), _asked(column))
    return text


def _date(column: Column, cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DATE.fullmatch(_plain(cell))
    if found is not None and int(found[1]) in _YEARS:
        month = next(part for part in found.groups()[1:5] if part)
        try:
            return date(int(found[1]), int(month), int(found[6]))
        except ValueError:
            pass
    raise CellError("date", ("不是有效日期", "not a date"), _asked(column))


def _instant(column: Column, cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=ZONE)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), tzinfo=ZONE)
    found = _INSTANT.fullmatch(_plain(cell))
    if found is not None:
        day = _date(column, found[1])
        try:
            hour, minute, second = (int(part or 0) for part in found.groups()[1:])
            clock = time(hour, minute, second)
        except ValueError:
            pass
        else:
            return datetime.combine(day, clock, tzinfo=ZONE)
    raise CellError("date", ("不是有效时间", "not a time"), _asked(column))


def _code(column: Column, cell: Any) -> str:
    word = _plain(cell).casefold()
    known = _codes(column.table)
    # Spreadsheets drop zeros before a number, and people add some.
    found = known.get(word) or known.get(word.lstrip("0"))
    if found is None:
        raise CellError("code", ("不在代码表中", "not in the code table"), _asked(column))
    return found


def _boolean(column: Column, cell: Any) -> bool:
    found = _TRUTH.get(_plain(cell).casefold())
    if found is None:
        raise CellError("form", ("应填是或否", "neither yes nor no"), _asked(column))
    return found


def _number(column: Column, cell: Any) -> float:
    try:
        number = float(_plain(cell))
    except ValueError:
        number = -1.0
    if not 0 <= number <= column.most:
        raise CellError("form", ("不是有效数字", "not such a number"), _asked(column))
    return number


def _asked(column: Column) -> tuple[str, str]:
    if column.form == "code":
        names = table(column.table).codes
        zh = "、".join(f"{one.number} {one.text.zh}" for one in names)
        return zh, ", ".join(one.name for one in names)
    return {
        "text": (f"如 {column.example}", f"such as {column.example}"),
        "date": ("如 2026-11-22", "such as 2026-11-22"),
        "instant": ("如 2026-11-22 08:30（北京时间）", "such as 2026-11-22 08:30, Beijing time"),
        "boolean": ("是 或 否", "是 (yes) or 否 (no)"),
        "number": (f"0 至 {column.most}", f"0 to {column.most}"),
    }[column.form]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _codes(name: str) -> Mapping[str, str]:
    """Return code names by everything that a cell may call them."""
    found: dict[str, str] = {}
    for one in table(name).codes:
        numbers = {one.number, one.number.lstrip("0")}
        for word in (one.name, *numbers, one.text.zh, f"{one.number} {one.text.zh}", one.text.en):
            found[word.casefold()] = one.name
    return MappingProxyType(found)


_FORMS: Final[Mapping[Form, Callable[[Column, Any], Any]]] = MappingProxyType(
    {
        "text": _text,
        "date": _date,
        "instant": _instant,
        "code": _code,
        "boolean": _boolean,
        "number": _number,
    }
)

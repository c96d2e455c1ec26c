"""Rows to the bytes of a CSV or XLSX file, and the templates. Nothing in it is computed."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from server.exchange.columns import COMPUTED, Column
from server.exchange.kinds import Kind
from server.exchange.reading import MOST_ROWS
from server.law.codes import code, table
from server.law.days import ZONE

Format = Literal["csv", "xlsx"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMS: Final = {
    "text": "文本 text",
    "date": "日期 date, 2026-11-22",
    "instant": "北京时间 Beijing time, 2026-11-22 08:30",
    "code": "代码 code",
    "boolean": "是/否 yes/no",
    "number": "数字 number",
}
# What a list may hold in the file format itself; longer ones stand on the sheet of codes only.
_MOST_LIST: Final = 255


def table_file(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], marks: Sequence[str], form: Format
) -> bytes:
    """Return a file with heads and rows.

    Args:
        columns: Their heads.
        rows: Values in the order of the columns; codes by name.
        marks: Who took it, when and why: at its head in a CSV, on a sheet and on every printed
            page in an XLSX.
        form: Which file.
    """
    cells = (
        [shown(column, value) for column, value in zip(columns, row, strict=True)] for row in rows
    )
    heads = [column.head for column in columns]
    return _csv(heads, cells, marks) if form == "csv" else _xlsx(heads, cells, marks)


def template_file(kind: Kind, form: Format) -> bytes:
    """Return an empty table to fill in; the XLSX has notes and the codes beside it."""
    heads = [column.head for column in kind.columns]
    if form == "csv":
        return _csv(heads, [], [])
    book = Workbook()
    sheet = book.active
    sheet.title = kind.text.zh
    sheet.append([f"{column.head}*" if column.required else column.head for column in kind.columns])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(kind.columns, 1):
        _prepare(sheet, column, get_column_letter(number))
    _notes(book.create_sheet("说明 notes"), kind)
    _codes(book.create_sheet("代码 codes"), kind)
    return _bytes(book)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(COMPUTED) else text


def shown(column: Column, value: Any) -> str:
    """Return a value as a cell shows it; harmless to a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if column.form == "code":
        return code(column.table, str(value)).text.zh
    return neutral(str(value))


def csv_head(columns: Sequence[Column], marks: Sequence[str]) -> bytes:
    """Return the beginning of a CSV that is written part by part: marks and heads."""
    return _csv([column.head for column in columns], [], marks)


def csv_rows(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of a CSV that has begun."""
    cells = (
        [shown(column, value) for column, value in zip(columns, row, strict=True)] for row in rows
    )
    return _csv_text(cells).encode()


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]], marks: Sequence[str]) -> bytes:
    text = _csv_text([*([f"# {mark}"] for mark in marks), heads]) + _csv_text(rows)
    # With its mark, or a Chinese spreadsheet takes it for GB 18030.
    return text.encode("utf-8-sig")


def _csv_text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[str]], marks: Sequence[str]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据 data")
    sheet.freeze_panes = "A2"
    marks = [_without_controls(mark) for mark in marks]
    # Ampersands are commands there.
    sheet.oddFooter.center.text = " ".join(marks).replace("&", "&&")[:250]
    book.properties.description = "\n".join(marks)
    top = [WriteOnlyCell(sheet, value=head) for head in heads]
    for cell in top:
        cell.font = Font(bold=True)
    sheet.append(top)
    for row in rows:
        sheet.append([_without_controls(cell) for cell in row])
    about = book.create_sheet("说明 notes")
    for mark in marks:
        about.append([neutral(mark)])
    return _bytes(book)


def _without_controls(text: str) -> str:
    # XML 1.0 has no place for them, and one in a name would cost the whole file.
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def _prepare(sheet: Any, column: Column, letter: str) -> None:
    dimension = sheet.column_dimensions[letter]
    dimension.width = max(12, 2 * len(column.zh) + len(column.name))
    # As text, or the spreadsheet rounds identity numbers and drops leading zeros.
    dimension.number_format = "@"
    if column.form not in ("code", "boolean"):
        return
    words = ["是", "否"]
    if column.form == "code":
        words = [one.text.zh for one in table(column.table).codes]
    listed = f'"{",".join(words)}"'
    if len(listed) <= _MOST_LIST and not any("," in word for word in words):
        choice = DataValidation(type="list", formula1=listed, allow_blank=True)
        choice.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
        sheet.add_data_validation(choice)


def _notes(sheet: Any, kind: Kind) -> None:
    sheet.append(["列 column", "名称 name", "内容 form", "必填 required", "示例 example", "代码表"])
    for one in kind.columns:
        required = "是" if one.required else ""
        sheet.append([one.zh, one.name, _FORMS[one.form], required, one.example, one.table])


def _codes(sheet: Any, kind: Kind) -> None:
    sheet.append(["代码表 table", "代码 number", "含义", "name", "meaning"])
    for name in dict.fromkeys(column.table for column in kind.columns if column.table):
        for one in table(name).codes:
            sheet.append([name, one.number, one.text.zh, one.name, one.text.en])


def _bytes(book: Any) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()

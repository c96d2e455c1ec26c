"""Bytes of a CSV or XLSX file to rows of cells: bounded, and nothing in the file is computed."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from server.errors import InvalidError, TooLargeError

MOST_ROWS: Final = 60_000
"""A province's file has 40,000."""
MOST_COLUMNS: Final = 100
_MOST_CHARACTERS: Final = 4_000
_MOST_INFLATED: Final = 256 * 1024 * 1024
"""Bytes of all parts of an XLSX; 50,000 rows of a case file take about 60 MiB."""
_MOST_PARTS: Final = 1_000
_ZIP: Final = b"PK\x03\x04"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

Cells = tuple[Any, ...]
Row = tuple[int, Cells]
"""A row's number as a spreadsheet counts it, and its cells: text, numbers, dates or None."""


def rows_of(content: bytes) -> list[Row]:
    """Return the rows of a file that hold anything; those that begin with # are left out.

    Args:
        content: CSV (UTF-8 with or without a mark, or GB 18030) or XLSX, whose first sheet counts.

    Raises:
        InvalidError: It is neither, or broken.
        TooLargeError: It has more rows, columns or characters than a file may have.
    """
    found: list[Row] = []
    for number, cells in _sheet(content) if content.startswith(_ZIP) else _lines(content):
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise TooLargeError(f"row {number} has more than {MOST_COLUMNS} columns")
        if any(isinstance(cell, str) and len(cell) > _MOST_CHARACTERS for cell in cells):
            raise TooLargeError(f"row {number}: a cell holds {_MOST_CHARACTERS} characters at most")
        if _is_empty(cells) or str(cells[0] or "").startswith("#"):
            continue
        # One more than the most: the header.
        if len(found) > MOST_ROWS:
            raise TooLargeError(f"a file has at most {MOST_ROWS} rows: send it in parts")
        found.append((number, cells))
    return found


def _is_empty(cells: Cells) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _lines(content: bytes) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(_text(content), newline=""))
    try:
        yield from ((number, tuple(cells)) for number, cells in enumerate(reader, 1))
    except csv.Error as error:
        raise InvalidError([("", f"is no CSV file: line {reader.line_num}: {error}")]) from error


def _text(content: bytes) -> str:
    if content.startswith(_UTF16):
        raise InvalidError([("", "is UTF-16: save it as CSV UTF-8 or as XLSX")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidError([("", "is neither UTF-8 nor GB 18030: save it as CSV UTF-8 or as XLSX")])


def _sheet(content: bytes) -> Iterator[Row]:
    try:
        _check_parts(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file claims of its size may be wrong.
        sheet.reset_dimensions()
        rows: Iterable[Cells] = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        for number, cells in enumerate(rows, 1):
            if number > 2 * MOST_ROWS:
                raise TooLargeError(f"a file has at most {MOST_ROWS} rows: send it in parts")
            yield number, cells
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, ParseError) as error:
        raise InvalidError([("", f"is no XLSX file: {error}")]) from error
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError) as error:
        # What the library says of missing and wrong parts, or of entities, is one of these.
        raise InvalidError([("", "is an XLSX file that cannot be read: save it anew")]) from error


def _check_parts(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        listed = parts.infolist()
    # No reader gets more out of a part than its entry says: beyond it the part counts as broken.
    inflated = sum(one.file_size for one in listed)
    if len(listed) > _MOST_PARTS or inflated > _MOST_INFLATED:
        raise TooLargeError(f"an XLSX file holds at most {_MOST_INFLATED} bytes when unpacked")

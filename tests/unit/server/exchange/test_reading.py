"""Bytes of files, good and hostile, to rows."""

import io
import zipfile

import pytest
from defusedxml.common import EntitiesForbidden
from hypothesis import given
from hypothesis import strategies as st

from server.errors import InvalidError, TooLargeError
from server.exchange import reading
from server.exchange.kinds import KINDS
from server.exchange.parsing import parsed
from server.exchange.reading import rows_of
from tests.server.sheets import ORDER, PERSON, csv_of, xlsx_of

ROWS = [PERSON, PERSON | {"name": "钱七"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_the_field(encoding):
    rows = rows_of(csv_of("subjects", ROWS, encoding))
    assert [number for number, _ in rows] == [1, 2, 3]
    assert rows[2][1][1] == "钱七"


def test_an_xlsx_holds_what_the_csv_holds():
    kind = KINDS["subjects"]
    from_csv = parsed(kind, rows_of(csv_of("subjects", ROWS)))
    from_xlsx = parsed(kind, rows_of(xlsx_of("subjects", ROWS)))
    assert from_csv == from_xlsx
    assert from_csv.faults == []


def test_empty_rows_and_remarks_are_left_out_and_rows_keep_their_numbers():
    text = "# 导出说明\n姓名,性别\n,\n赵六,男\n"
    assert rows_of(text.encode()) == [(2, ("姓名", "性别")), (4, ("赵六", "男"))]


def test_a_file_with_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    content = csv_of("orders", [ORDER] * 4)
    with pytest.raises(TooLargeError, match="3 rows"):
        rows_of(content)
    with pytest.raises(TooLargeError, match="3 rows"):
        rows_of(xlsx_of("orders", [ORDER] * 4))
    assert len(rows_of(csv_of("orders", [ORDER] * 3))) == 4


def test_an_xlsx_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "_MOST_INFLATED", 4_000_000)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(5):
            parts.writestr(f"xl/part{number}.xml", bytes(1_000_000))
    assert len(content.getvalue()) < 10_000
    with pytest.raises(TooLargeError, match="unpacked"):
        rows_of(content.getvalue())


def repacked(content, name, change):
    """An XLSX with one part changed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for entry in old.infolist():
            part = old.read(entry.filename)
            new.writestr(entry.filename, change(part) if entry.filename == name else part)
    return packed.getvalue()


def test_an_xlsx_with_entities_is_refused():
    def with_entities(part):
        head, mark, rest = part.partition(b"<worksheet")
        return head + b'<!DOCTYPE w [<!ENTITY a "b">]>' + mark + rest

    sheet = "xl/worksheets/sheet1.xml"
    content = repacked(xlsx_of("orders", [ORDER]), sheet, with_entities)
    with pytest.raises(InvalidError, match="cannot be read") as refused:
        rows_of(content)
    assert isinstance(refused.value.__cause__.__cause__, EntitiesForbidden)


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    def shrunk(part):
        assert b"<dimension ref=" in part
        before, _, after = part.partition(b'<dimension ref="')
        return before + b'<dimension ref="A1:A1' + after[after.index(b'"') :]

    content = repacked(xlsx_of("orders", [ORDER] * 3), "xl/worksheets/sheet1.xml", shrunk)
    assert [len(cells) >= len(ORDER) for _, cells in rows_of(content)] == [True] * 4


@pytest.mark.parametrize("content", [b"\xff\xfea\0", b"\xff\x81\xff\xff", b"PK\x03\x04rest"])
def test_what_is_no_table_is_refused(content):
    with pytest.raises(InvalidError):
        rows_of(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_refused(content):
    for given_bytes in (content, b"PK\x03\x04" + content):
        try:
            rows_of(given_bytes)
        except (InvalidError, TooLargeError):
            continue


def test_heads_that_are_not_known_missing_or_doubled_are_faults():
    rows = rows_of("姓名,name,鞋码\n赵六,赵六,42\n".encode())
    faults = parsed(KINDS["subjects"], rows).faults
    found = {(one.why.rule, one.column) for one in faults}
    assert {("repeated_column", "name"), ("unknown_column", ""), ("missing_column", "org")} <= found
    assert [one.why.rule for one in parsed(KINDS["subjects"], []).faults] == ["empty"]

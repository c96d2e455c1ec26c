"""A cell's value as offices write it."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exchange.columns import Column, value_of
from server.exchange.identity import said_by
from server.exchange.writing import neutral
from server.law.days import ZONE

# Spreadsheets know no zone.
NAIVE = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001
FORMS = ("text", "date", "instant", "code", "boolean", "number")


def column(form="text", **members):
    return Column("it", "某列", "it", form, table="category", **members)


def valued(form, cell, **members):
    faults = []
    return value_of(column(form, **members), cell, 7, faults), [one.why.rule for one in faults]


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01", "2026/3/1", "2026年3月1日", "20260301", NAIVE, NAIVE.date()],
)
def test_a_date_is_read_as_offices_write_it(cell):
    assert valued("date", cell) == (date(2026, 3, 1), [])


@pytest.mark.parametrize("cell", ["2026-02-30", "1.3.2026", "26-03-01", 46082, "明天", "2026"])
def test_what_is_no_date_is_a_fault(cell):
    assert valued("date", cell) == (None, ["date"])


def test_a_time_is_beijings():
    expected = datetime(2026, 3, 1, 8, 30, tzinfo=ZONE)
    assert valued("instant", "2026-03-01 08:30") == (expected, [])
    assert valued("instant", NAIVE) == (expected, [])
    assert valued("instant", "2026-03-01") == (datetime(2026, 3, 1, tzinfo=ZONE), [])
    assert valued("instant", "2026-03-01 25:00") == (None, ["date"])


@pytest.mark.parametrize("cell", ["02", "2", "缓刑", "probation", "02 缓刑", " Probation ", 2])
def test_a_code_is_known_by_number_name_and_word(cell):
    assert valued("code", cell) == ("probation", [])


def test_a_code_of_another_table_is_a_fault_that_lists_what_is_allowed():
    faults = []
    assert value_of(column("code"), "拘役", 7, faults) is None
    assert faults[0].described() == {
        "row": 7,
        "column": "it",
        "pointer": "/7/it",
        "rule": "code",
        "article": None,
        "detail": {"zh": "不在代码表中", "en": "not in the code table"},
        "allowed": {
            "zh": "01 管制、02 缓刑、03 假释、04 暂予监外执行",
            "en": "control, probation, parole, medical",
        },
    }


def test_a_number_that_a_spreadsheet_has_rounded_is_a_fault():
    assert valued("text", 330101199005010010) == (None, ["digits_lost"])
    assert valued("text", 13800000000) == ("13800000000", [])
    assert valued("text", 13800000000.0) == ("13800000000", [])


def test_a_formula_is_a_fault_and_an_apostrophe_before_one_is_taken_off():
    assert valued("text", '=HYPERLINK("x")') == (None, ["formula"])
    assert valued("text", "'+86 138") == ("+86 138", [])


def test_an_empty_cell_is_a_fault_where_the_column_is_required():
    assert valued("text", "  ", required=True) == (None, ["required"])
    assert valued("text", "  ") == (None, [])


@given(st.sampled_from(FORMS), st.text() | st.integers() | st.floats() | st.booleans())
def test_any_cell_is_a_value_or_one_fault(form, cell):
    value, faults = valued(form, cell, most=1000)
    assert len(faults) <= 1
    assert not faults or value is None


@given(st.text(min_size=1, max_size=100))
def test_a_text_that_was_made_neutral_computes_nothing_and_comes_back(text):
    safe = neutral(text)
    assert not safe.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"))
    stripped = text.strip()
    if stripped == text and "\n" not in text and "\x00" not in text and not text.startswith("'"):
        assert valued("text", safe, pattern="(?s).+") == (text, [])


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female"),  # GB 11643-1999, annex A
        ("440524188001010014", date(1880, 1, 1), "male"),  # the same
        ("440524188001010013", None, None),
        ("11010519490231002X", None, None),
    ],
)
def test_an_identity_number_says_birth_and_sex_unless_its_check_digit_is_wrong(number, born, sex):
    said = said_by(number)
    assert (said.birth_date, said.sex) == (born, sex) if born else said is None

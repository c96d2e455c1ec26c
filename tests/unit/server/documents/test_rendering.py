"""The renderer: deterministic, refuses what it cannot print, splits nothing apart."""

import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.documents.errors import GlyphError, ValuesError
from server.documents.fields import chinese_date, english_date, numeric_date
from server.documents.numbering import mark_of, number_of
from server.documents.rendering import render
from server.documents.template import EXAMPLE, templates
from server.law.numerals import chinese
from tests.server.pdf_reading import metadata_of, pages_of, text_of

PRAISE = templates()["praise_decision"]
VALUES = {**EXAMPLE, **PRAISE.example}

ANOTHER_PROCESS = """
import hashlib
from server.documents.rendering import render
from server.documents.template import EXAMPLE, templates
one = templates()["praise_decision"]
print(hashlib.sha256(render(one, {**EXAMPLE, **one.example})).hexdigest())
"""


def test_another_process_renders_the_same_bytes():
    there = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS], capture_output=True, check=True, text=True
    )
    assert there.stdout.strip() == hashlib.sha256(render(PRAISE, VALUES)).hexdigest()


def test_another_value_gives_other_bytes():
    assert render(PRAISE, VALUES) != render(PRAISE, VALUES | {"name": "李四"})


def test_the_date_in_the_file_is_the_date_of_issue_and_no_clocks():
    metadata = metadata_of(render(PRAISE, VALUES))
    assert metadata["Title"] == "社区矫正表扬决定书"
    assert metadata["Author"] == VALUES["issuer"]
    assert metadata["CreationDate"].startswith("D:20261122")


@pytest.mark.parametrize(
    "name",
    ["䶮某", "㛃某", "欧阳𬭎", "阿卜杜热合曼·麦麦提吐尔逊·阿不都克力木", "龘" * 100],
    ids=["outside GBK's common set", "extension A", "extension E", "long", "very long"],
)
def test_a_rare_or_long_name_is_printed(name):
    assert name in text_of(render(PRAISE, VALUES | {"name": name}))


@pytest.mark.parametrize(("character", "told"), [("𪚥", "U+2A6A5"), ("😀", "U+1F600")])
def test_a_character_without_a_glyph_is_an_error_that_names_it(character, told):
    with pytest.raises(GlyphError) as error:
        render(PRAISE, VALUES | {"name": f"张{character}"})
    assert error.value.characters == character
    assert told in str(error.value)


def test_text_of_many_pages_keeps_its_number_on_each():
    values = VALUES | {"merits": ["积极参加公益活动。" * 40] * 12}
    content = render(PRAISE, values)
    assert pages_of(content) >= 4
    assert text_of(content).count(values["number"]) == pages_of(content) + 1


def test_markup_in_a_value_is_printed_as_it_stands():
    name = '#set text(red) *a* $x$ {name} \\u{41} "q" <l> @r'
    assert name.replace(" ", "") in text_of(render(PRAISE, VALUES | {"name": name}))


FAULTS = [
    ("name", None, "is missing"),
    ("name", "  ", "is not what it must be"),
    ("name", "字" * 101, "1 to 100 characters"),
    ("name", 7, "1 to 100 characters"),
    ("name", "张\u202e三", "U+202E"),
    ("name", "张\ue000", "U+E000"),
    ("name", "张\x00", "U+0000"),
    ("category", "prison", "control, probation, parole, medical"),
    ("term_to", "2027-02-30", "a date such as"),
    ("term_to", datetime(2027, 1, 1, tzinfo=UTC), "a date such as"),
    ("merits", [], "a list of 1 to 60"),
    ("merits", "one", "a list of 1 to 60"),
    ("merits", ["勤", 3], "a list of 1 to 60"),
    ("nickname", "阿三", "is unknown"),
]


@pytest.mark.parametrize(
    ("field", "value", "told"), FAULTS, ids=[f"{f[0]} {f[1]!r:.20}" for f in FAULTS]
)
def test_a_wrong_value_is_an_error_that_names_field_and_what_is_allowed(field, value, told):
    with pytest.raises(ValuesError) as error:
        render(PRAISE, VALUES | {field: value})
    (fault,) = error.value.faults
    assert fault.field == field
    assert told in str(error.value)
    assert fault.what.zh
    assert fault.allowed.zh


def test_every_fault_is_told_at_once():
    with pytest.raises(ValuesError) as error:
        render(PRAISE, VALUES | {"merits": 1, "name": None, "sex": "x"})
    assert [fault.field for fault in error.value.faults] == ["merits", "name", "sex"]


@pytest.mark.parametrize("value", ["2027-02-22T23:59:00", "soon", 12])
def test_an_instant_without_offset_is_refused(value):
    template = templates()["positioning_decision"]
    with pytest.raises(ValuesError, match="an instant with its offset"):
        render(template, {**EXAMPLE, **template.example, "valid_to": value})


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "M", "Z")), max_size=8))
@example("<![CDATA[")
@example("\\")
def test_any_name_is_printed_or_refused(name):
    try:
        text = text_of(render(PRAISE, VALUES | {"name": f"张{name}三"}))
    except (ValuesError, GlyphError):
        return
    assert "张" in text


@given(st.dates())
def test_a_date_reads_the_same_in_every_form(day):
    assert numeric_date(day) == f"{day.year}年{day.month}月{day.day}日"
    assert english_date(day).split()[::2] == [str(day.day), str(day.year)]
    assert chinese_date(day).endswith(f"{chinese(day.month)}月{chinese(day.day)}日")


def test_a_document_closes_with_its_date_in_chinese_numerals():
    assert chinese_date(date(2026, 11, 22)) == "二〇二六年十一月二十二日"
    assert chinese_date(date(2030, 10, 10)) == "二〇三〇年十月十日"


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("青溪县司法局", "青溪"),
        ("青溪县社区矫正管理局", "青溪"),
        ("城关司法所", "城关"),
        ("青溪县", "青溪"),
        ("吉县", "吉县"),
        ("某自治县", "某自治县"),
    ],
)
def test_the_mark_of_an_organisation_is_its_name_without_the_usual_ending(name, mark):
    assert mark_of(name) == mark


def test_a_number_is_of_year_organisation_word_and_count():
    assert number_of(year=2026, mark="青溪", word="矫训", seq=3) == "（2026）青溪矫训字第3号"

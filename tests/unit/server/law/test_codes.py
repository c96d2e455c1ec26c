"""Code tables."""

import json
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from server.law.codes import TABLES, Code, CodeTable, code, codes, table
from server.law.codes.tables import _faults
from server.law.errors import UnknownNameError
from server.law.text import Text

MIGRATIONS = Path(__file__).parents[4] / "server" / "migrations"
TODAY = date(2026, 11, 22)
# Column of the database, and the table that lists what it may hold.
COLUMNS = {
    "category": "category",
    "supervision_class": "class",
    "stage": "stage",
    "end_reason": "end_reason",
    "sex": "sex",
    "ground": "look_ground",
    "role": "group_role",
}


@pytest.mark.parametrize("one", TABLES.values(), ids=TABLES.keys())
def test_a_table_is_titled_sourced_and_sound(one):
    assert _faults(one, f"{one.table}.json") == []
    assert one.text.zh
    assert one.text.en
    assert one.source
    assert all(entry.text.zh and entry.text.en and entry.number for entry in one.codes)


# What version 2026-11-22 published: number and name. A code may join, none may go or change.
PUBLISHED = {
    "absence": ("1:lost 2:never_arrived"),
    "category": ("01:control 02:probation 03:parole 04:medical"),
    "class": ("1:strict 2:general 3:lenient"),
    "commissioner": ("01:court 02:procuratorate 03:police 04:prison 05:investigator"),
    "contact": ("1:kin 2:guardian 3:guarantor 4:protected"),
    "copy_to": ("1:procuratorate 2:police 3:court 4:deciding_body 5:destination"),
    "crime_type": (
        "01:national_security 02:public_security 03:market_order 04:person 05:property "
        "06:social_order 07:defence 08:bribery 09:dereliction 99:other"
    ),
    "deciding_body": ("1:court 2:prison_administration 3:police"),
    "education_level": ("1:none 2:primary 3:junior 4:senior 5:college 6:bachelor 7:postgraduate"),
    "employment": (
        "1:employed 2:self_employed 3:farming 4:studying 5:unemployed 6:retired 7:unable"
    ),
    "end_reason": ("1:expired 2:pardoned 3:revoked 4:recommitted 5:died 6:transferred"),
    "group_role": (
        "1:officer 2:committee 3:guardian 4:family 5:employer 6:school 7:social_worker 8:volunteer"
    ),
    "information_check": ("1:kiosk 2:phone 3:video 4:call 5:visit"),
    "leave_reason": ("1:medical 2:schooling 3:litigation 4:family 5:work 9:other"),
    "look_ground": ("1:supervision 2:judicial 3:lawful_query"),
    "measure": (
        "1:praise 2:admonition 3:warning 4:police_penalty 5:revoke_probation 6:revoke_parole "
        "7:recommit 8:arrest 9:reduction"
    ),
    "medical_ground": ("1:illness 2:nursing 3:self_care"),
    "merit": ("1:merit 2:major_merit"),
    "order_ground": (
        "1:breached_prohibition 2:left_without_approval 3:refused_report_warned "
        "4:police_penalty 5:revocation_proposed"
    ),
    "prohibition": ("1:activity 2:place 3:person"),
    "report_form": ("1:in_person 2:call 3:video 4:kiosk 5:written"),
    "risk": ("1:low 2:medium 3:high"),
    "search_step": ("1:contact 2:information_check 3:visit 4:family 5:police 6:procuratorate"),
    "service": ("1:direct 2:received_for 3:left 4:mail 5:electronic"),
    "sex": ("01:male 02:female"),
    "stage": ("1:received 2:in_correction 3:released 4:terminated 5:transferred_out"),
    "track_purpose": (
        "01:supervision 02:alert 03:task 04:order_review 05:missing 06:leave "
        "07:information_check 08:measure 09:oversight 10:audit"
    ),
}


@pytest.mark.article(
    "law-2",
    "law-3",
    "law-17",
    "law-22",
    "law-24",
    "law-25",
    "law-26",
    "law-28",
    "law-29",
    "law-30",
    "law-45",
    "law-46",
    "law-54",
    "measures-14",
    "measures-21",
    "measures-24",
    "measures-26",
    "measures-38",
    "crim-38",
    "crim-78",
    "cpl-107",
    "cpl-265",
)
@pytest.mark.parametrize("name", PUBLISHED)
def test_no_published_code_goes_or_changes(name):
    found = {f"{entry.number}:{entry.name}" for entry in table(name).codes}
    assert set(PUBLISHED[name].split()) <= found


@pytest.mark.article("law-2")
def test_only_the_four_categories_of_the_law_are_supervised():
    found = {entry.name: entry.text.zh for entry in table("category").codes}
    assert found == {
        "control": "管制",
        "probation": "缓刑",
        "parole": "假释",
        "medical": "暂予监外执行",
    }


@pytest.mark.article("law-29")
def test_positioning_has_the_five_grounds_of_the_law():
    assert [entry.number for entry in table("order_ground").codes] == ["1", "2", "3", "4", "5"]


@pytest.mark.article("law-25")
def test_a_correction_group_has_whom_the_law_names():
    named = "".join(entry.text.zh for entry in table("group_role").codes)
    for member in (
        "司法所",
        "居民委员会",
        "监护人",
        "家庭成员",
        "单位",
        "学校",
        "社会工作者",
        "志愿者",
    ):
        assert member in named


@pytest.mark.parametrize(("column", "name"), COLUMNS.items(), ids=COLUMNS)
def test_the_database_takes_what_the_table_lists(column, name):
    written = "\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql")))
    found = re.findall(rf"CHECK \({column} IN\s*\((.*?)\)", written, re.DOTALL)
    # Another table may have a column of the same name.
    taken = [set(re.findall(r"'(\w+)'", names)) for names in found]
    assert {entry.name for entry in table(name).codes} in taken


def test_a_code_says_what_it_means():
    assert code("stage", "in_correction").text == Text("在矫", "In correction")


@pytest.mark.parametrize(
    ("table_name", "name", "near"),
    [("stages", "received", "stage"), ("stage", "recieved", "received")],
)
def test_an_unknown_name_is_refused_with_what_is_near(table_name, name, near):
    with pytest.raises(UnknownNameError, match=rf"such as {near}"):
        code(table_name, name)


def test_a_code_that_ended_is_read_and_not_entered():
    ended = Code("old", "8", Text("旧", "Old"), valid_to=date(2026, 11, 21))
    coming = Code("new", "9", Text("新", "New"), valid_from=date(2026, 11, 23))
    assert not ended.is_valid_on(TODAY)
    assert ended.is_valid_on(date(2026, 11, 21))
    assert not coming.is_valid_on(TODAY)
    assert coming.is_valid_on(date(2026, 11, 23))
    assert codes("sex", TODAY) == table("sex").codes


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"table": "sexes"}, "belongs into"),
        ({"article": "law-999"}, "not in articles.json"),
        ({"codes": []}, "no code"),
        ({"codes": [{"name": "a", "number": "1"}, {"name": "a", "number": "2"}]}, "name stands"),
        ({"codes": [{"name": "a", "number": "1"}, {"name": "b", "number": "1"}]}, "number stands"),
        ({"codes": [{"name": "A b", "number": "1"}]}, "lower case"),
        (
            {
                "codes": [
                    {
                        "name": "a",
                        "number": "1",
                        "valid_from": "2026-01-02",
                        "valid_to": "2026-01-01",
                    }
                ]
            },
            "ends before",
        ),
    ],
    ids=["file", "article", "empty", "name", "number", "letters", "days"],
)
def test_an_unsound_table_is_found_when_it_is_read(change, fault):
    sound = json.loads(msgspec.json.encode(table("sex")))
    changed = sound | change
    for entry in changed["codes"]:
        entry.setdefault("text", {"zh": "甲", "en": "A"})
    one = msgspec.convert(changed, CodeTable, strict=False)
    assert any(fault in found for found in _faults(one, "sex.json"))

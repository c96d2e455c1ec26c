"""Files of offices through the interface: whole, or nothing of them and every fault."""

import csv
import io
from itertools import count

import openpyxl
import pytest

from tests.server.case_work import today
from tests.server.sheets import ORDER, PERSON, csv_of, people, xlsx_of
from tests.server.travelling import travel_of

_KEYS = count(1)


async def send(client, content, kind="subjects", *, key=None, dry_run=False):
    return await client.post(
        f"/api/v1/imports?kind={kind}&dry_run={str(dry_run).lower()}",
        content=content,
        headers={"Idempotency-Key": key or f"import-{next(_KEYS):04}"},
    )


@pytest.fixture
def supervisor(people):
    return people("supervisor")


COUNTED = """
  SELECT (SELECT count(*) FROM subject) AS subject, (SELECT count(*) FROM case_file) AS case_file,
    (SELECT count(*) FROM act) AS act, (SELECT count(*) FROM deadline) AS deadline,
    (SELECT count(*) FROM group_member) AS group_member,
    (SELECT count(*) FROM score_entry) AS score_entry"""


def counted(site):
    return site.rows(COUNTED)[0]


async def test_a_dry_run_says_what_would_come_and_writes_nothing(supervisor, site):
    before = counted(site)
    answer = await send(supervisor, csv_of("subjects", people(3)), dry_run=True)
    assert answer.json() == {
        "kind": "subjects",
        "dry_run": True,
        "rows": 3,
        "written": 0,
        "fault_count": 0,
        "faults": [],
    }
    assert counted(site) == before


@pytest.mark.parametrize("encode", [csv_of, xlsx_of])
async def test_people_come_with_files_acts_and_the_clocks_of_their_end(supervisor, site, encode):
    before = counted(site)
    rows = people(2, identity_number="", phone="'+86 13800000000", public_credit="800")
    answer = await send(supervisor, encode("subjects", rows))
    assert (answer.status_code, answer.json()["written"]) == (200, 2)
    after = counted(site)
    assert {name: after[name] - before[name] for name in after} == {
        "subject": 2,
        "case_file": 2,
        "act": 2,
        "deadline": 4,
        "group_member": 0,
        "score_entry": 4,
    }
    (file,) = site.rows("SELECT * FROM case_file WHERE subject_id = 's-1'")
    assert (file["stage"], file["sex"], str(file["birth_date"])) == (
        *("in_correction", "male", "1990-05-01"),
    )
    shown = (await supervisor.get("/api/v1/subjects/s-1/file")).json()
    assert (file["phone"], shown["phone"]) == (None, "+86****0000")
    (act,) = site.rows("SELECT * FROM act WHERE subject_id = 's-1'")
    assert (act["kind"], act["by_login"], act["articles"]) == (
        *("file.imported", "supervisor", ["law-22"]),
    )
    kinds = site.rows("SELECT kind FROM deadline WHERE subject_id = 's-1' ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["release_certificate", "release_summary"]


async def test_who_is_not_announced_yet_comes_with_the_clocks_of_reception(supervisor, site):
    assert (await send(supervisor, csv_of("subjects", people(1, stage="入矫")))).is_success
    kinds = site.rows("SELECT kind FROM deadline WHERE subject_id = 's-0' ORDER BY kind")
    assert [row["kind"] for row in kinds] == [
        *("exit_ban_filing", "group", "release_certificate", "release_summary", "subject_report"),
    ]


@pytest.mark.article("law-54")
async def test_a_minors_file_comes_closed_and_is_open_to_its_officer_only(supervisor, people, site):
    row = PERSON | {"subject": "s-m", "birth_date": "2009-01-01", "officer": "officer-1"}
    assert (await send(supervisor, csv_of("subjects", [row]))).is_success
    assert site.one("SELECT is_minor FROM subject WHERE id = 's-m'") is True
    assert (await supervisor.get("/api/v1/subjects/s-m/file")).status_code == 404
    assert (await people("officer-1").get("/api/v1/subjects/s-m/file")).status_code == 200


async def test_a_file_with_faults_is_refused_whole_with_every_row_and_column(supervisor, site):
    before = counted(site)
    rows = people(5)
    rows[1]["term_to"] = "2020-01-01"
    rows[3]["sex"] = "未知"
    content = csv_of("subjects", rows)
    refused = await send(supervisor, content)
    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["rows"], problem["fault_count"]) == (5, 3)
    places = [(one["row"], one["column"], one["rule"]) for one in problem["errors"]]
    assert places == [
        (3, "term_to", "order_of_dates"),
        (3, "term_to", "term_runs"),
        (5, "sex", "code"),
    ]
    assert problem["errors"][1]["article"] == "law-44"
    assert problem["errors"][2]["allowed"] == {"zh": "01 男、02 女", "en": "male, female"}
    assert counted(site) == before
    tried = await send(supervisor, content, dry_run=True)
    assert tried.json()["faults"] == problem["errors"]


async def test_an_id_that_another_county_has_is_refused_and_nothing_is_written(supervisor, site):
    site.add_org("county-b", "/")
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
        " VALUES ('s-0', 'county-b', '某人', 'control', '2026-01-01', '2090-01-01')"
    )
    before = counted(site)
    refused = await send(supervisor, csv_of("subjects", people(2)))
    assert refused.status_code == 409
    assert [one["rule"] for one in refused.json()["errors"]] == ["exists"]
    assert counted(site) == before


async def test_the_same_request_again_writes_nothing_more(supervisor, site):
    content = csv_of("subjects", people(2))
    first = await send(supervisor, content, key="import-same")
    before = counted(site)
    again = await send(supervisor, content, key="import-same")
    assert (again.status_code, again.json()) == (200, first.json())
    assert counted(site) == before
    other = await send(supervisor, csv_of("subjects", people(3)), key="import-same")
    assert other.status_code == 409


async def test_an_import_can_be_watched_by_its_key_and_stays_in_the_list(supervisor, people):
    good = await send(supervisor, csv_of("subjects", people_rows()), key="import-good")
    assert good.is_success
    await send(supervisor, csv_of("subjects", people_rows()), key="import-bad1")
    await send(supervisor, b"\xff\xfeno", key="import-bad2")
    run = (await supervisor.get("/api/v1/imports/import-good")).json()
    assert (run["state"], run["rows"], run["done"], run["faults"]) == ("taken", 1, 1, 0)
    assert (await people("admin").get("/api/v1/imports/import-good")).status_code == 404
    first = (await supervisor.get("/api/v1/imports?limit=2")).json()
    rest = await supervisor.get(f"/api/v1/imports?limit=2&cursor={first['next_cursor']}")
    listed = [*first["items"], *rest.json()["items"]]
    assert {(one["key"], one["state"]) for one in listed} == {
        ("import-good", "taken"),
        ("import-bad1", "refused"),
        ("import-bad2", "refused"),
    }


def people_rows():
    return [PERSON | {"subject": "s-one"}]


@pytest.mark.article("law-29")
async def test_orders_come_after_their_people_and_never_overlap(supervisor, site):
    assert (await send(supervisor, csv_of("orders", [ORDER]), "orders")).is_success
    (order,) = site.rows("SELECT * FROM positioning_order WHERE id = 'eo-2'")
    assert (order["ground"], order["org_id"]) == (2, "office-1")
    assert site.one("SELECT kind FROM act WHERE ref_id = 'eo-2'") == "order.imported"
    later = ORDER | {"order": "eo-3", "valid_from": "2026-04-01", "valid_to": "2026-06-01"}
    refused = await send(supervisor, csv_of("orders", [later]), "orders")
    assert [one["rule"] for one in refused.json()["errors"]] == ["overlap"]


@pytest.mark.parametrize("kind", ["subjects", "orders"])
async def test_a_template_names_every_column_and_its_codes(supervisor, kind):
    path = f"/api/v1/imports/templates/{kind}"
    book = openpyxl.load_workbook(io.BytesIO((await supervisor.get(path)).content))
    heads = [cell.value.rstrip("*") for cell in book.worksheets[0][1]]
    (line,) = csv.reader(io.StringIO((await supervisor.get(path + "?format=csv")).text[1:]))
    assert heads == line
    assert book.worksheets[0].column_dimensions["A"].number_format == "@"
    assert book.sheetnames[1:] == ["说明 notes", "代码 codes"]
    empty = (await supervisor.get(path)).content
    tried = await send(supervisor, empty, kind, dry_run=True)
    assert (tried.json()["rows"], tried.json()["faults"]) == (0, [])


async def test_a_file_is_taken_while_the_clock_stands_elsewhere(site):
    async with travel_of(site) as travel:
        await travel.move(days=400)
        client = travel.sign_in("supervisor")
        rows = people(1, term_to=today(travel).isoformat())
        assert (await send(client, csv_of("subjects", rows))).is_success
        await travel.move(days=2)
        lapsed = travel.acts(kind="deadline.lapsed", subject_id="s-0")
        assert {act["body"]["clock"] for act in lapsed} == {
            "release_certificate",
            "release_summary",
        }

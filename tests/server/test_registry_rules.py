"""What the rules need: entered once, standing, and told to the gateways that it concerns."""

import copy
import json

import psycopg
import pytest

from server.app import create_app
from server.site import first_start
from tests.server.conftest import TOKEN, Site, running, vector
from tests.server.rule_faults import FAULTS

REGISTRY, DIRECTORY = "/api/v1/registry", "/api/v1/gateway/directory"
RULES = vector("registry-rules.json")


@pytest.fixture(scope="module")
def ruled(database_server):
    with database_server.migrated() as fresh:
        first_start(fresh.owner_dsn, registry=RULES, gateway_id="gw-1", gateway_token=TOKEN)
        yield fresh


@pytest.fixture
def site(database_server, ruled, tmp_path):
    with database_server.copy_of(ruled) as database:
        yield Site(database, tmp_path, {})


@pytest.fixture
async def app(site):
    async with running(create_app(site.settings())) as started:
        yield started


def part(**sections):
    return {"format": "guitu-registry/1"} | sections


def changed(section, index=0, **members):
    entry = copy.deepcopy(RULES[section][index]) | members
    return part(**{section: [entry]})


async def directory(gateway):
    answer = await gateway.get(DIRECTORY)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(people, file, login="supervisor"):
    return await people(login).post(REGISTRY, json=file)


async def refused(people, file, login="supervisor"):
    answer = await post(people, file, login)
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}


def unordered(directory):
    """The order of rows means nothing."""
    return {
        name: sorted(rows, key=json.dumps) if isinstance(rows, list) else rows
        for name, rows in json.loads(json.dumps(directory, sort_keys=True)).items()
    }


async def test_the_golden_registry_gives_the_golden_directory(gateway):
    assert unordered(await directory(gateway)) == unordered(vector("directory-rules.json"))


async def test_a_repeated_file_changes_nothing(gateway, people):
    etag = (await gateway.get(DIRECTORY)).headers["etag"]
    answer = await post(people, RULES, "admin")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["changed"].values()) == {0}
    assert (await gateway.get(DIRECTORY)).headers["etag"] == etag


async def test_no_name_of_a_person_and_no_reason_leaves_the_server(gateway):
    text = (await gateway.get(DIRECTORY)).text
    for name in ("张三", "赵六", "王所长", "更换电池", "接送子女", "就医", "夜间"):
        assert name not in text


STANDING = (
    *("subject_versions", "leaves", "no_contact", "sites", "checkins", "periods"),
    *("planned_silences", "permits"),
)
CHANGES = {
    "subject_versions": {"class": "general"},
    "leaves": {"fence": None},
    "no_contact": {"distance_m": 900.0},
    "sites": {"official": False},
    "checkins": {"grace_s": 0},
    "periods": {"parameters": {"persistence_reports": 1}},
    "planned_silences": {"reason": None},
    "permits": {"name": "x"},
}


@pytest.mark.parametrize("section", STANDING)
async def test_what_stands_does_not_change(people, section):
    faults = await refused(people, changed(section, **CHANGES[section]))
    assert list(faults) == [f"/{section}/0"]
    assert "a change is a new entry" in faults[f"/{section}/0"]


@pytest.mark.parametrize("section", STANDING)
async def test_an_end_may_be_set(gateway, people, section):
    end = "2037-02-05T00:00:00Z" if section == "periods" else "2036-11-25T00:00:00Z"
    file = changed(section, valid_to=end)
    answer = await post(people, file)
    assert (answer.status_code, answer.json()["changed"][section]) == (200, 1), answer.text
    name = {"subject_versions": "subjects", "permits": "lapses"}.get(section, section)
    rows = (await directory(gateway))[name]
    assert end in [row["valid_to"] for row in rows]


@pytest.mark.parametrize("section", STANDING[:-1])
async def test_an_end_is_never_set_in_the_past(people, site, section):
    entry = RULES[section][0] | {"valid_from": "2020-01-01T00:00:00Z"}
    entry |= {"approved_at": "2020-01-01T00:00:00Z"} if section == "leaves" else {}
    for key in ("leave", "pair", "site", "checkin", "period"):
        if key in entry:
            entry[key] = "new"
    if section == "subject_versions":
        entry["subject"] = "s-0"
        site.rows(
            "INSERT INTO subject VALUES"
            " ('s-0', 'office-1', 'x', 'parole', false, '2020-01-01', '2040-01-01')"
        )
    if section == "leaves":
        entry |= {"kind": "trip", "fence": None, "valid_to": "2035-01-01T00:00:00Z"}
    assert (await post(people, part(**{section: [entry]}))).status_code == 200
    entry["valid_to"] = "2020-02-01T00:00:00Z"
    faults = await refused(people, part(**{section: [entry]}))
    assert "now at the earliest" in faults[f"/{section}/0"]


async def test_what_has_ended_does_not_go_on(people):
    pair = RULES["no_contact"][0] | {"pair": "nc-old", "valid_from": "2020-01-01T00:00:00Z"}
    ended = pair | {"valid_to": "2020-02-01T00:00:00Z"}
    assert (await post(people, part(no_contact=[ended]))).status_code == 200
    faults = await refused(people, part(no_contact=[pair]))
    assert "what goes on is a new entry" in faults["/no_contact/0"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_refused_with_its_pointer(people, site, fault):
    (section, index, members), pointer = FAULTS[fault]
    before = site.rows("SELECT * FROM directory_version")
    assert list(await refused(people, changed(section, index, **members))) == [pointer]
    assert site.rows("SELECT * FROM directory_version") == before


async def test_two_rows_of_one_name_in_a_file_are_refused(people):
    faults = await refused(people, part(permits=RULES["permits"] * 2))
    assert faults == {"/permits/1": "pm-1 is already at /permits/0: each one once"}


async def test_days_to_come_may_be_added_to_a_schedule(gateway, people):
    kinds = RULES["schedules"][0]["day_kinds"] | {"2039-10-01": 0}
    answer = await post(people, changed("schedules", 0, day_kinds=kinds), "admin")
    assert answer.status_code == 200, answer.text
    schedules = {row["schedule"]: row for row in (await directory(gateway))["schedules"]}
    assert schedules[RULES["schedules"][0]["schedule"]]["day_kinds"] == kinds


async def test_another_schedule_is_another_version_of_its_fence(gateway, people):
    fence = RULES["fences"][1] | {"schedule": "mornings"}
    assert (await post(people, part(fences=[fence]))).status_code == 200
    rows = [f for f in (await directory(gateway))["fences"] if f["fence"] == "f-curfew"]
    assert [(row["version"], row["schedule"]) for row in rows] == [(1, "night"), (2, "mornings")]


async def test_a_new_rule_set_is_told_once_it_is_in_force(gateway, people):
    new = {"org": "county-a", "version": "2026-12", "parameters": {"silence_s": 600}}
    await post(people, part(rule_sets=[new]), "admin")
    assert (await directory(gateway))["rules"]["version"] == "2026-11-a"
    use = [{"org": "county-a", "version": "2026-12"}]
    await post(people, part(rules_in_force=use), "admin")
    rules = (await directory(gateway))["rules"]
    assert (rules["version"], rules["parameters"]) == ("2026-12", {"silence_s": 600})


async def test_rules_and_periods_from_above_hold_below(site, nobody):
    site.rows(
        "INSERT INTO gateway (id, org_id, token_hash) VALUES ('gw-2', 'office-1', sha256('below'))"
    )
    answer = await nobody.get(DIRECTORY, headers={"Authorization": "Bearer below"})
    found, golden = (unordered(one) for one in (answer.json(), vector("directory-rules.json")))
    for section in ("rules", "periods", "schedules", "subjects", "version"):
        assert found[section] == golden[section]
    assert [row["site"] for row in found["sites"]] == ["st-office"]


async def test_the_nearest_organisations_rules_are_in_force(site, nobody, people):
    new = {"org": "office-1", "version": "own", "parameters": {"silence_s": 600}}
    use = [{"org": "office-1", "version": "own"}]
    answer = await post(people, part(rule_sets=[new], rules_in_force=use), "admin")
    assert answer.status_code == 200, answer.text
    site.rows(
        "INSERT INTO gateway (id, org_id, token_hash) VALUES ('gw-2', 'office-1', sha256('below'))"
    )
    versions = [
        (await nobody.get(DIRECTORY, headers={"Authorization": f"Bearer {token}"})).json()["rules"]
        for token in (TOKEN, "below")
    ]
    assert [rules["version"] for rules in versions] == ["2026-11-a", "own"]


async def test_what_a_gateway_is_not_told_of_is_let_go(site, gateway):
    site.rows("UPDATE device SET kind = 'terminal' WHERE id = 'ki-0001'")
    site.rows(
        "UPDATE fence SET valid_from = '2020-01-01', valid_to = '2020-02-01'"
        " WHERE id = 'f-hospital'"
    )
    found = await directory(gateway)
    assert [row["kiosk"] for row in found["checkins"]] == [None, None]
    assert [row["fence"] for row in found["leaves"]] == [None, "f-road"]


async def test_an_order_that_is_continued_does_not_lapse(gateway, people):
    order = RULES["orders"][0] | {"order": "eo-2"}
    order |= {"valid_from": "2037-01-31T16:00:00Z", "valid_to": "2037-04-30T16:00:00Z"}
    assert (await post(people, part(orders=[order]))).status_code == 200
    lapses = (await directory(gateway))["lapses"]
    assert [row["lapse"] for row in lapses if row["kind"] == "order"] == ["eo-2"]


async def test_another_countys_id_is_not_taken_over(site, people):
    site.add_org("county-b", "/")
    site.rows(
        "INSERT INTO site VALUES ('st-b', 'county-b', 'school', NULL, 'WGS84', 120, 30, 50, false,"
        " '2026-11-01', NULL)"
    )
    faults = await refused(people, changed("sites", 0, site="st-b"))
    assert faults == {"/sites": "an id is taken by an organisation outside your scope"}


TABLES = (
    *("protected_person", "schedule", "subject_version", "leave", "no_contact", "site"),
    *("checkin_duty", "sensitive_period", "planned_silence", "permit", "rule_set", "rule_set_use"),
)


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_seen_within_their_scope_only(site, table):
    site.add_org("county-b", "/")
    with psycopg.connect(site.database.worker_dsn) as app:
        for scope, is_seen in (("", False), ("/county-b/", False), ("/county-a/", True)):
            app.execute("SELECT set_config('guitu.scope', %s, false)", (scope,))
            count = app.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608 - from above
            assert (count != (0,)) is is_seen


@pytest.mark.parametrize("table", ["rule_set", "rule_set_use"])
def test_a_rule_set_is_never_rewritten(site, table):
    for statement in (f"UPDATE {table} SET version = 'x'", f"DELETE FROM {table}"):  # noqa: S608 - from above
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            site.rows(statement.encode())


def test_gateways_cannot_read_who_a_protected_person_is(site):
    with (
        psycopg.connect(site.database.ingest_dsn) as ingest,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        ingest.execute("SELECT name FROM protected_person")


@pytest.mark.article("law-44", "law-45")
@pytest.mark.parametrize(("stage", "article"), [("released", "law-44"), ("terminated", "law-45")])
async def test_the_term_of_a_case_that_has_ended_stands(people, site, stage, article):
    subject = copy.deepcopy(vector("registry.json")["subjects"][0])
    file = part(subjects=[subject])
    site.rows(
        "UPDATE case_file SET stage = %s, ended_at = now(), end_reason = 'expired'"
        " WHERE subject_id = %s",
        (stage, subject["subject"]),
    )
    standing = "SELECT term_to::text FROM subject WHERE id = %s"
    subject["term_to"] = site.one(standing, (subject["subject"],))
    same = await post(people, file)
    assert same.status_code == 200, same.text
    subject["term_to"] = "2030-12-31"
    told = await refused(people, file)
    assert list(told) == ["/subjects/0/term_to"]
    assert article in told["/subjects/0/term_to"]
    assert site.one(standing, (subject["subject"],)) != ("2030-12-31")

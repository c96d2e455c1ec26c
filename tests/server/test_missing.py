"""Searches for missing persons through the interface, on a clock that moves."""

from datetime import datetime, timedelta

import pytest

from server.deadlines import running
from server.law.days import ZONE
from server.rounds import Round
from tests.server.measure_work import OF, PAROLEE, PERSON, Work, refusal
from tests.server.travelling import travel_of


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


async def opened(work, **given):
    body = {"kind": "lost", "absent_since": work.ago(minutes=30), "note": "电话关机，住处无人"}
    return await work.done("of-1", f"{OF}/missing", body | given)


def tomorrow_at_nine(work):
    """Legal days are counted from midnights of Beijing: a test begins well within one."""
    travel = work.travel
    today = travel.clock.now.astimezone(ZONE).date()
    travel.clock.now = datetime.combine(today, datetime.min.time(), ZONE) + timedelta(1, hours=9)
    return travel.clock.now


async def searched(work, missing, means="visit", result="no_trace"):
    body = {"means": means, "result": result, "happened_time": work.ago(), "note": "已办理"}
    return await work.post("of-1", f"/api/v1/missing/{missing['id']}/steps", body)


async def clocks(work, missing):
    rows = (await work.get(f"/api/v1/deadlines?subject={PERSON}"))["items"]
    return {row["kind"]: row["state"] for row in rows if row["ref_id"] == missing["id"]}


@pytest.mark.article("law-30", "measures-38")
async def test_a_search_runs_its_clocks_and_its_steps_meet_them(work):
    missing = await opened(work)
    twice = {"kind": "lost", "absent_since": work.ago(), "note": "又失联"}
    assert refusal(await work.post("of-1", f"{OF}/missing", twice)) == ("one_search", "law-30")
    assert refusal(await searched(work, missing, "police", "informed"))[0] == "search_first"
    for means, result in (
        ("contact", "no_trace"),
        ("police", "informed"),
        ("procuratorate", "informed"),
    ):
        assert (await searched(work, missing, means, result)).status_code == 201
    states = await clocks(work, missing)
    assert states == {
        "search_start": "met",
        "search_police": "met",
        "search_procuratorate": "met",
        "absence_warning": "open",
        "absence_revocation": "open",
    }
    version = (await work.get(f"/api/v1/missing/{missing['id']}"))["version"]
    notice = {"officer": "李四", "phone": "0000-1234567"}
    path = f"/api/v1/missing/{missing['id']}/notice"
    told = await work.done("su-1", path, notice, version=version)
    papers = (await work.get(f"/api/v1/documents?subject={PERSON}"))["items"]
    assert [(one["id"], one["kind"]) for one in papers] == [(told["document"], "search_notice")]


@pytest.mark.article("law-30", "measures-34", "measures-35", "measures-58")
@pytest.mark.parametrize(("days", "key"), [(10, "measures-34.1"), (11, "measures-35.2")])
async def test_who_is_found_is_handled_by_the_days_counted(work, days, key):
    travel = work.travel
    begin = tomorrow_at_nine(work)
    missing = await opened(work, absent_since=work.ago(minutes=30))
    travel.clock.now = begin + timedelta(days=days, hours=14, minutes=59)
    await travel.sweep()
    version = (await work.get(f"/api/v1/missing/{missing['id']}"))["version"]
    body = {"found_time": work.ago(), "circumstances": "在邻县找到，称外出打工"}
    path = f"/api/v1/missing/{missing['id']}/found"
    found = await work.done("of-1", path, body, version=version)
    assert (found["state"], found["absence_days"]) == ("found", days)
    assert found["is_more_than_ten_days"] is (days > 10)
    verdict = {"outcome": "established", "gravity": "serious", "verification": "情况属实"}
    finding = f"/api/v1/findings/{found['finding']}"
    version = (await work.get(finding))["version"]
    await work.done("of-1", f"{finding}/verification", verdict, version=version)
    grounds = await work.get(f"{finding}/grounds")
    assert grounds["absence_days"] == days
    assert key in {one["key"] for one in grounds["items"]}
    states = await clocks(work, missing)
    assert states["absence_warning"] == ("lapsed" if days > 10 else "cancelled")
    assert states["search_start"] == "lapsed"
    again = await work.post("of-1", path, body, version=found["version"])
    assert refusal(again)[0] == "search_over"


@pytest.mark.article("measures-35", "measures-46", "law-30")
async def test_an_absence_that_goes_on_carries_a_heavier_measure_when_it_grows(work):
    tomorrow_at_nine(work)
    missing = await opened(work)
    await work.travel.move(days=12)
    path = f"/api/v1/missing/{missing['id']}"
    entered = await work.done("of-1", f"{path}/finding", version=missing["version"])
    finding = {"id": entered["finding"]}
    row = await work.get(f"/api/v1/findings/{finding['id']}")
    verdict = {"outcome": "established", "gravity": "grave", "verification": "情况属实"}
    verification = f"/api/v1/findings/{finding['id']}/verification"
    await work.done("of-1", verification, verdict, version=row["version"])
    warned = (await work.propose("warning", "measures-35.2", finding)).json()
    unheard = await work.step("of-1", warned, "statement", {"unheard_because": "missing"})
    assert unheard.status_code == 200, unheard.text
    decision = {"outcome": "decided", "reasons": "脱离监管超过十日"}
    assert (await work.step("su-1", warned, "decision", decision)).status_code == 200
    early = await work.propose("revoke_probation", "measures-46.2", finding)
    assert refusal(early)[0] == "ground"
    await work.travel.move(days=21)
    lighter = await work.propose("warning", "measures-35.2", finding)
    assert refusal(lighter)[0] == "one_measure"
    heavier = await work.propose("revoke_probation", "measures-46.2", finding)
    assert heavier.status_code == 201, heavier.text
    assert heavier.json()["absence_days"] == 12 + 21


@pytest.mark.article("law-21", "law-30")
async def test_who_does_not_report_in_time_is_searched_for_by_the_clock_itself(work):
    travel = work.travel
    database = travel.app.state.parts.database
    async with database.work() as connection:
        times = await running.start(
            Round(connection, travel.clock.now),
            "subject_report",
            org_id="office-1",
            subject_id=PERSON,
            ref_kind="file",
            ref_id=PERSON,
        )
    travel.clock.now = times.due_at + timedelta(hours=1)
    await travel.sweep()
    await travel.sweep()
    (missing,) = (await work.get("/api/v1/missing"))["items"]
    assert (missing["kind"], missing["source_kind"], missing["opened_by"]) == (
        "never_arrived",
        "deadline",
        None,
    )
    (act,) = travel.acts(kind="missing.opened")
    assert act["authority"] == "system"
    # The last day of the period is the one that is not counted.
    travel.clock.now = times.due_at + timedelta(days=10, seconds=-1)
    whole = await work.get(f"/api/v1/missing/{missing['id']}")
    assert (whole["absence_days"], whole["is_more_than_ten_days"]) == (10, False)
    travel.clock.now = times.due_at + timedelta(days=10)
    whole = await work.get(f"/api/v1/missing/{missing['id']}")
    assert (whole["absence_days"], whole["is_more_than_ten_days"]) == (11, True)


async def test_who_is_never_found_is_searched_for_until_the_term_is_over(work):
    missing = await opened(work)
    path = f"/api/v1/missing/{missing['id']}/closing"
    body = {"reason": "term_over", "circumstances": "期满仍未找到"}
    early = await work.post("su-1", path, body, version=missing["version"])
    assert refusal(early)[0] == "term_runs"
    office = await work.post("of-1", path, body, version=missing["version"])
    assert refusal(office)[0] == "power_decide"
    term_to = work.travel.site.one("SELECT term_to FROM subject WHERE id = %s", [PERSON])
    midnight = datetime.combine(term_to + timedelta(days=1), datetime.min.time(), ZONE)
    work.travel.clock.now = midnight
    closed = await work.done("su-1", path, body, version=missing["version"])
    assert (closed["state"], closed["close_reason"]) == ("closed", "term_over")


async def test_an_alert_hints_at_a_missing_person_until_somebody_searches(work):
    work.travel.site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, category, subject_id, device_id,"
        " begin_time, late, evidence)"
        " VALUES ('a-1', 'office-1', 'silence', 'major', 'device', %s, 'wb-000001',"
        " now() - interval '5 hours', false, '{}')",
        [PERSON],
    )
    (hint,) = (await work.get("/api/v1/missing/hints"))["items"]
    assert (hint["source_id"], hint["subject"], hint["about"]) == ("a-1", PERSON, "silence")
    assert (await work.get("/api/v1/missing/hints?hours=6"))["items"] == []
    stranger = {"kind": "lost", "absent_since": work.ago(hours=5), "note": "离线", "alert": "a-1"}
    other = await work.post("of-1", f"/api/v1/subjects/{PAROLEE}/missing", stranger)
    assert other.json()["errors"][0]["pointer"] == "/alert"
    work.travel.site.rows(
        'INSERT INTO alert SELECT (jsonb_populate_record(a, \'{"id": "a-2"}\')).* FROM alert a'
    )
    first = await work.get("/api/v1/missing/hints?limit=1")
    assert [hint["source_id"] for hint in first["items"]] == ["a-1"]
    rest = await work.get(f"/api/v1/missing/hints?limit=1&cursor={first['next_cursor']}")
    assert [hint["source_id"] for hint in rest["items"]] == ["a-2"]
    assert rest["next_cursor"] is None
    missing = await opened(work, alert="a-1")
    assert (missing["source_kind"], missing["source_id"]) == ("alert", "a-1")
    assert (await work.get("/api/v1/missing/hints"))["items"] == []


@pytest.mark.article("law-54", "cpl-286")
@pytest.mark.parametrize("column", ["is_minor", "is_sealed"])
async def test_a_closed_file_is_on_no_list_that_does_not_ask_for_it_by_name(work, column):
    site = work.travel.site
    await opened(work)
    finding = await work.find()
    assert (await work.propose("admonition", "measures-34.2", finding)).status_code == 201
    await work.done("of-1", f"{OF}/duties")
    record = {"kind": "periodic_report", "form": "in_person", "entries": [{"subject": PERSON}]}
    await work.done("of-1", "/api/v1/duties/records", record)
    site.rows(
        "INSERT INTO group_member (id, org_id, subject_id, role, name, login, valid_from)"
        " VALUES ('m-1', 'office-1', %s, 'officer', '李警官', 'of-1', '2026-01-01')",
        [PERSON],
    )
    site.rows(f"UPDATE subject SET {column} = true WHERE id = %s", [PERSON])  # noqa: S608
    for name in ("missing", "findings", "measures", "duties/records"):
        named = await work.get(f"/api/v1/{name}?subject={PERSON}", "of-1")
        assert len(named["items"]) == 1, name
        assert (await work.get(f"/api/v1/{name}", "of-1"))["items"] == [], name


@pytest.mark.article("law-54", "cpl-286")
async def test_a_sealed_file_shows_neither_searches_nor_findings_nor_measures(work):
    missing = await opened(work)
    finding = await work.find()
    measure = (await work.propose("admonition", "measures-34.2", finding)).json()
    await work.done("of-1", f"{OF}/duties")
    work.travel.site.rows("UPDATE subject SET is_sealed = true WHERE id = %s", [PERSON])
    client = work.travel.sign_in("su-1")
    for name in ("missing", "findings", "measures", "duties/records", "assessments", "objections"):
        for query in ("", f"?subject={PERSON}"):
            answer = await client.get(f"/api/v1/{name}{query}")
            assert (answer.status_code, answer.json()["items"]) == (200, []), name
    for path in (
        f"missing/{missing['id']}",
        f"findings/{finding['id']}",
        f"measures/{measure['id']}",
        f"measures/{measure['id']}/evidence",
        f"subjects/{PERSON}/ladder",
        f"subjects/{PERSON}/duties",
    ):
        assert (await client.get(f"/api/v1/{path}")).status_code == 404, path

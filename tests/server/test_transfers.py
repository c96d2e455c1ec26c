"""Transfers between counties, through the interface, on a clock that the test moves."""

from datetime import timedelta

import pytest

from tests.server.case_work import change, rules, send, today
from tests.server.travelling import travel_of

SUBJECT = "s-4k2m9q"
NOTE = {"note": "情况属实，同意"}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        site.add_org("county-b", "/")
        site.add_org("office-b", "/county-b/", "office")
        site.add_account("boss", "county-a", "supervisor")
        site.add_account("boss-b", "county-b", "supervisor")
        site.add_account("officer-b", "office-b", "officer")
        yield one


def application(travel, **changed):
    given = {
        "to_county": "county-b",
        "reason": "随配偶迁居，已购房",
        "address": "安平县中山路2号",
        "move_on": (today(travel) + timedelta(days=40)).isoformat(),
    }
    return given | changed


async def apply(travel, login="officer-1", subject=SUBJECT, **changed):
    path = f"/subjects/{subject}/transfers"
    return await send(travel, login, "POST", path, application(travel, **changed))


async def do(travel, login, transfer, action, body=None):
    version = travel.site.one("SELECT version FROM transfer WHERE id = %s", (transfer,))
    path = f"/transfers/{transfer}/{action}"
    return await send(travel, login, "POST", path, NOTE if body is None else body, version=version)


async def agreed(travel, subject=SUBJECT):
    transfer = (await apply(travel, subject=subject)).json()["id"]
    for login, action, body in (
        ("officer-1", "opinion", None),
        ("supervisor", "question", None),
        ("boss-b", "answer", NOTE | {"agree": True, "to_org": "office-b"}),
    ):
        answer = await do(travel, login, transfer, action, body)
        assert answer.status_code == 200, answer.text
    return transfer


async def moved(travel):
    transfer = await agreed(travel)
    assert (await do(travel, "boss", transfer, "decision", NOTE | {"approve": True})).is_success
    answer = await do(travel, "officer-1", transfer, "move")
    assert answer.json()["state"] == "moved", answer.text
    return transfer


def clocks(travel):
    rows = travel.site.rows("SELECT kind, org_id, state FROM deadline ORDER BY id")
    return {row["kind"]: (row["org_id"], row["state"]) for row in rows}


@pytest.mark.article("law-27", "measures-30", "measures-31")
async def test_a_file_moves_with_its_clocks_and_the_person_reports(travel):
    said = {"phone": "13800000009"}
    assert (await change(travel, "officer-1", SUBJECT, "PATCH /file", said)).is_success
    transfer = await moved(travel)
    assert clocks(travel) == {
        "transfer_consult": ("office-1", "met"),
        "transfer_answer": ("county-b", "met"),
        "transfer_decision": ("office-1", "met"),
        "transfer_files": ("office-1", "met"),
        "transfer_report": ("office-b", "open"),
        "group": ("office-b", "open"),
    }
    for login in ("officer", "officer-1", "supervisor"):
        gone = await travel.sign_in(login).get(f"/api/v1/subjects/{SUBJECT}/file")
        assert gone.status_code == 404, login
    file = (await travel.sign_in("officer-b").get(f"/api/v1/subjects/{SUBJECT}/file")).json()
    assert (file["name"], file["org"], file["stage"]) == ("张三", "office-b", "in_correction")
    # Sealed for the new office on the way.
    assert file["phone"] == "13800000009"
    assert file["orders"][0]["id"] == "eo-1"
    answer = await do(travel, "officer-b", transfer, "report", {})
    assert answer.json()["state"] == "reported"
    assert clocks(travel)["transfer_report"] == ("office-b", "met")
    kinds = [act["kind"] for act in travel.acts(ref_kind="transfer", ref_id=transfer)]
    assert kinds == [
        f"transfer.{state}"
        for state in ("applied", "verified", "asked", "agreed", "approved", "moved", "reported")
    ]


@pytest.mark.article("law-29")
async def test_who_moves_is_tracked_no_more_and_the_old_records_stay_readable(travel):
    await moved(travel)
    assert travel.site.one("SELECT lifted_at FROM positioning_order") == travel.clock.now
    assert travel.site.one("SELECT org_id FROM positioning_order") == "office-1"
    ends = "SELECT valid_to FROM binding WHERE holder_id = %s"
    assert travel.site.one(ends, (SUBJECT,)) == travel.clock.now
    new = travel.sign_in("boss-b")
    ledger = await new.get(f"/api/v1/subjects/{SUBJECT}/ledger")
    assert ledger.json()["score"]["grade"] == "blue"
    acts = (await new.get(f"/api/v1/acts?subject={SUBJECT}")).json()["items"]
    assert {act["org"] for act in acts} == {"office-1", "county-a", "county-b"}
    old = (await travel.sign_in("officer").get(f"/api/v1/acts?subject={SUBJECT}")).json()["items"]
    assert {act["org"] for act in old} == {"office-1", "county-a"}


@pytest.mark.article("law-34", "measures-31")
async def test_who_moves_is_bound_by_no_fence_of_the_old_county_and_others_still_are(travel):
    bound = (
        "SELECT a.subject_id, f.valid_from, f.valid_to FROM fence f"
        " JOIN fence_assignment a ON a.fence_id = f.id AND a.version = f.version"
        " WHERE f.id = %s AND coalesce(f.valid_to, 'infinity') > %s ORDER BY 1"
    )
    fences = [
        row["fence_id"]
        for row in travel.site.rows(
            "SELECT DISTINCT fence_id FROM fence_assignment WHERE subject_id = %s ORDER BY 1",
            (SUBJECT,),
        )
    ]
    assert fences
    shared = fences[0]
    travel.site.rows(
        "INSERT INTO fence_assignment SELECT org_id, fence_id, version, 's-7h3n2c'"
        " FROM fence_assignment WHERE fence_id = %s AND subject_id = %s",
        (shared, SUBJECT),
    )
    now = travel.clock.now
    others = {n: [one["subject_id"] for one in travel.site.rows(bound, (n, now))] for n in fences}
    await moved(travel)
    now = travel.clock.now
    held = {name: travel.site.rows(bound, (name, now)) for name in fences}
    bound_to = {name: [one["subject_id"] for one in rows] for name, rows in held.items()}
    assert bound_to == {name: [who for who in others[name] if who != SUBJECT] for name in fences}
    assert {one["valid_from"] for one in held[shared]} == {now}
    (act,) = travel.acts(subject_id=SUBJECT, kind="fences.ended")
    assert act["body"]["fences"] == fences


@pytest.mark.article("measures-30")
async def test_the_asked_county_sees_the_summary_and_nothing_before_or_more(travel):
    transfer = (await apply(travel)).json()["id"]
    new = travel.sign_in("boss-b")
    await do(travel, "officer-1", transfer, "opinion")
    assert (await new.get(f"/api/v1/transfers/{transfer}")).status_code == 404
    await do(travel, "supervisor", transfer, "question")
    found = (await new.get(f"/api/v1/transfers/{transfer}")).json()
    assert found["summary"]["name"] == "张三"
    assert (await new.get(f"/api/v1/subjects/{SUBJECT}")).status_code == 404
    assert (await new.get("/api/v1/subjects")).json()["items"] == []
    duties = (await new.get(f"/api/v1/duties?by={today(travel) + timedelta(days=20)}")).json()
    assert [duty["kind"] for duty in duties["items"]] == ["transfer_answer"]


@pytest.mark.article("law-54")
async def test_a_closed_files_summary_names_nobody_and_it_moves_closed(travel):
    travel.site.rows("UPDATE subject SET is_minor = true WHERE id = %s", (SUBJECT,))
    travel.site.rows(
        "INSERT INTO group_member (id, org_id, subject_id, role, name, login, valid_from) SELECT"
        " 'm-' || login, 'office-1', %s, 'officer', name, login, '2026-01-01' FROM app_user"
        " WHERE login IN ('officer-1', 'supervisor', 'boss')",
        (SUBJECT,),
    )
    transfer = await moved(travel)
    found = (await travel.sign_in("boss-b").get(f"/api/v1/transfers/{transfer}")).text
    assert "张三" not in found
    file = await travel.sign_in("officer-b").get(f"/api/v1/subjects/{SUBJECT}/file")
    assert file.status_code == 404
    assert (await do(travel, "officer-b", transfer, "report", {})).status_code == 200
    assert (await travel.sign_in("officer-1").get(f"/api/v1/subjects/{SUBJECT}")).status_code == 404


@pytest.mark.article("law-27", "measures-30")
async def test_a_transfer_to_nowhere_or_too_late_is_refused(travel):
    soon = (today(travel) + timedelta(days=9)).isoformat()
    assert rules(await apply(travel, to_county="nowhere")) == ["transfer_to_nowhere"]
    assert rules(await apply(travel, to_county="office-b")) == ["transfer_to_nowhere"]
    assert rules(await apply(travel, to_county="county-a")) == ["another_county"]
    assert rules(await apply(travel, move_on=soon)) == ["apply_ahead"]
    assert (await apply(travel)).status_code == 201
    assert (await apply(travel)).status_code == 409


@pytest.mark.article("law-27")
async def test_each_county_acts_for_itself_and_nobody_decides_on_the_own(travel):
    transfer = (await apply(travel, "supervisor")).json()["id"]
    assert rules(await do(travel, "officer-1", transfer, "question")) == ["power_decide"]
    await do(travel, "officer-1", transfer, "opinion")
    await do(travel, "supervisor", transfer, "question")
    yes = NOTE | {"agree": True, "to_org": "office-b"}
    assert rules(await do(travel, "boss", transfer, "answer", yes)) == ["other_county"]
    elsewhere = yes | {"to_org": "office-1"}
    assert rules(await do(travel, "boss-b", transfer, "answer", elsewhere)) == ["office_of_county"]
    assert (await do(travel, "boss-b", transfer, "answer", yes)).status_code == 200
    decide = NOTE | {"approve": True}
    assert rules(await do(travel, "boss-b", transfer, "decision", decide)) == ["other_county"]
    assert rules(await do(travel, "supervisor", transfer, "decision", decide)) == ["second_person"]
    assert rules(await do(travel, "officer-1", transfer, "move")) == ["transfer_state"]
    assert (await do(travel, "boss", transfer, "decision", decide)).status_code == 200


@pytest.mark.article("measures-31", "law-30")
async def test_who_does_not_report_in_time_is_told_to_the_old_county_which_searches(travel):
    transfer = await moved(travel)
    assert rules(await do(travel, "boss-b", transfer, "missing")) == ["report_time_over"]
    await travel.move(days=16)  # past a week of days off, where the last day rolls
    new = travel.sign_in("officer-b")
    assert (await new.get("/api/v1/missing")).json()["items"] == []
    assert (await new.get(f"/api/v1/transfers/{transfer}")).json()["state"] == "missing"
    assert clocks(travel)["search_start"] == ("office-1", "open")
    (act,) = travel.acts(kind="transfer.missing")
    assert (act["org_id"], act["authority"]) == ("office-1", "system")
    assert rules(await do(travel, "boss-b", transfer, "missing")) == ["transfer_state"]
    assert (await new.get("/api/v1/missing/hints")).json()["items"] == []
    assert rules(await apply(travel, "officer-b", to_county="county-a")) == ["report_first"]
    assert (await do(travel, "officer-1", transfer, "search")).status_code == 200
    assert clocks(travel)["search_start"] == ("office-1", "met")
    assert (await do(travel, "officer-b", transfer, "report", {})).json()["state"] == "reported"


@pytest.mark.article("measures-30")
async def test_what_the_new_county_declines_is_not_approved(travel):
    transfer = (await apply(travel)).json()["id"]
    await do(travel, "officer-1", transfer, "opinion")
    await do(travel, "supervisor", transfer, "question")
    assert (await do(travel, "boss-b", transfer, "answer", NOTE | {"agree": False})).is_success
    yes, no = (NOTE | {"approve": flag} for flag in (True, False))
    assert rules(await do(travel, "boss", transfer, "decision", yes)) == ["transfer_state"]
    assert (await do(travel, "boss", transfer, "decision", no)).json()["state"] == "refused"
    assert (await apply(travel)).status_code == 201


async def test_a_file_cannot_be_moved_past_the_transfer(travel):
    with pytest.raises(Exception, match="is not approved"):
        travel.site.rows("SELECT move_file('tr-none')")

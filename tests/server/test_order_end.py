"""The end of an order, the whole way: what the gateway knows, what is destroyed, what proves it."""

import json
import time
from datetime import datetime, timedelta

import pytest

from gateway.directory.snapshot import compile_directory
from server.signing.commitments import opened
from tests.server.case_work import change
from tests.server.conftest import TOKEN, http, post_outcomes
from tests.server.events import outcome, post_telemetry, report
from tests.server.keeping import taking
from tests.server.orders_world import SUBJECT, Bureau
from tests.server.travelling import travel_of

URL = "/api/v1/gateway/directory"


@pytest.fixture
async def bureau(site):
    site.rows("DELETE FROM binding")
    site.rows("DELETE FROM positioning_order")
    async with travel_of(site) as travel:
        yield Bureau(travel)


@pytest.fixture
async def gateway(bureau):
    async with http(bureau.travel.app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def worn(bureau):
    order = await bureau.order()
    await bureau.tell(order)
    assert (await bureau.bind()).status_code == 201
    return order


@pytest.mark.article("law-29")
async def test_after_a_lifting_the_directory_covers_no_instant_more(bureau, gateway):
    order = await worn(bureau)
    now_ms = int(bureau.travel.clock.now.timestamp() * 1000)
    before = compile_directory((await gateway.get(URL)).content)
    assert before.is_ordered(SUBJECT, now_ms + 86_400_000)
    lifted_at = await bureau.travel.move(hours=5)
    await bureau.lift(order)
    after = compile_directory((await gateway.get(URL)).content)
    lifted_ms = int(lifted_at.timestamp() * 1000)
    assert after.is_ordered(SUBJECT, lifted_ms - 1000)
    assert not after.is_ordered(SUBJECT, lifted_ms + 1)
    assert after.binding_at("wb-000002", lifted_ms + 1) is None


@pytest.mark.article("law-29")
async def test_the_record_proves_who_heard_of_a_lifting_when(bureau, gateway):
    order = await worn(bureau)
    before = (await gateway.get(URL)).json()["version"]
    await gateway.get(URL, headers={"Guitu-In-Force": str(before)})
    await bureau.lift(order)
    path = f"/api/v1/orders/{order['id']}/proof"
    auditor = bureau.travel.sign_in("auditor")
    (took,) = (await auditor.get(path)).json()["gateways"]
    assert took == {"gateway": "gw-1", "version": None, "taken_at": None}
    version = (await gateway.get(URL)).json()["version"]
    for _ in range(2):
        await gateway.get(URL, headers={"Guitu-In-Force": str(version)})
    proof = (await auditor.get(path)).json()
    assert proof["directory_version"] == version > before
    assert proof["gateways"][0]["version"] == version
    assert proof["order"]["lifted_by"] == "supervisor"
    taken = bureau.site.one("SELECT count(*) FROM directory_taken")
    assert taken == 2


@pytest.mark.article("law-29")
async def test_places_that_came_after_a_lifting_are_destroyed_with_a_record(site, bureau):
    """A device whose clock runs ahead has told of places before the lifting was known."""
    order = await worn(bureau)
    now_ms = int(time.time() * 1000)
    of = {"device": "wb-000002", "holder": SUBJECT}
    ahead = [report(seq=n, fix_time_ms=now_ms + n * 60_000, **of) for n in (1, 2)]
    async with taking(site) as (client, upkeep):
        await post_telemetry(client, ahead)
        assert site.one("SELECT count(*) FROM position_report WHERE lon_e7 IS NOT NULL") == 2
        await bureau.lift(order)
        late = report(seq=3, fix_time_ms=now_ms + 180_000, **of)
        await post_telemetry(client, [late], first=2)
        await upkeep.round()
    assert site.one("SELECT count(*) FROM position_report WHERE lon_e7 IS NOT NULL") == 0
    auditor = bureau.travel.sign_in("auditor")
    proof = (await auditor.get(f"/api/v1/orders/{order['id']}/proof")).json()
    (gone,) = proof["destroyed"]
    assert (gone["reason"], gone["report_count"]) == ("lifted", 2)


@pytest.mark.article("law-29")
async def test_places_in_evidence_after_a_lifting_are_destroyed_and_the_record_proves_it(
    site, bureau
):
    """A gateway that had not heard of it has told of alerts before and after the instant."""
    order = await worn(bureau)
    before, after = (bureau.travel.clock.now + timedelta(minutes=n) for n in (-10, 20))
    place = {"longitude_deg": 120.1234567, "latitude_deg": 30.2, "accuracy_m": 8.0}
    place |= {"distance_m": -41.2, "violation_ppm": 999_999, "battery_pct": 80}
    seen = [place | {"fix_time": at.isoformat()} for at in (before, after)]
    kinds = {"strap": after, "exclusion": after, "inclusion": before, "low_battery": before}
    sent = [
        outcome(
            episode=f"e-{rule}",
            rule=rule,
            begin_time=begin.isoformat(),
            subject=SUBJECT,
            device="wb-000002",
            explanation={"zh": "进入禁止区域41米", "en": "41 m inside"},
            evidence={"reports": seen[:1] if rule == "low_battery" else seen, "parameters": {}},
        )
        for rule, begin in kinds.items()
    ]
    async with taking(site) as (client, upkeep):
        answer = await post_outcomes(client, sent)
        assert answer.status_code == 200, answer.text
        await bureau.lift(order)
        for _ in range(2):
            await upkeep.round()
    rows = {row["rule"]: row for row in site.rows("SELECT * FROM alert")}
    assert rows["exclusion"]["evidence"] == {"reports": [], "destroyed_with_order": order["id"]}
    assert rows["exclusion"]["explanation"] is None
    for rule in ("strap", "inclusion"):
        lawful, late = rows[rule]["evidence"]["reports"]
        assert lawful == seen[0]
        assert late == {"fix_time": seen[1]["fix_time"], "battery_pct": 80}
    assert rows["low_battery"]["evidence"]["reports"] == seen[:1]
    bodies = site.rows("SELECT rule, body -> 'evidence' AS evidence FROM outcome")
    assert {row["rule"]: row["evidence"] for row in bodies} == {
        rule: row["evidence"] for rule, row in rows.items()
    }
    steps = site.rows("SELECT alert_id, body FROM alert_step WHERE step = 'noted'")
    assert {one["alert_id"] for one in steps} == {"e-strap", "e-exclusion", "e-inclusion"}
    assert len(steps) == 3
    auditor = bureau.travel.sign_in("auditor")
    proof = (await auditor.get(f"/api/v1/orders/{order['id']}/proof")).json()
    (gone,) = proof["destroyed"]
    assert (gone["reason"], gone["report_count"], gone["alert_count"]) == ("lifted", 0, 3)


@pytest.mark.article("law-29")
async def test_places_in_what_proves_a_fact_go_after_a_lifting_and_its_hash_stays(site, bureau):
    """Confirmed before anybody had heard of the lifting; one alert rests on nothing else."""
    order = await worn(bureau)
    before, after = (bureau.travel.clock.now + timedelta(minutes=n) for n in (-10, 20))
    place = {"longitude_deg": 120.1234567, "latitude_deg": 30.2, "accuracy_m": 8.0}
    seen = [place | {"fix_time": at.isoformat(), "battery_pct": 80} for at in (before, after)]
    of = {
        "subject": SUBJECT,
        "device": "wb-000002",
        "explanation": {"zh": "距边界41米", "en": "41 m"},
    }
    kinds = {"strap": after, "exclusion": after, "inclusion": before}
    sent = [
        outcome(
            episode=f"e-{rule}",
            rule=rule,
            begin_time=begin.isoformat(),
            evidence={"reports": seen, "parameters": {}},
            **of,
        )
        for rule, begin in kinds.items()
    ]
    officer = bureau.travel.sign_in("officer")
    facts = {}
    async with taking(site) as (client, upkeep):
        assert (await post_outcomes(client, sent)).status_code == 200
        for rule in kinds:
            path = f"/api/v1/alerts/e-{rule}"
            etag = (await officer.get(path)).headers["etag"]
            body = {"verdict": "confirmed", "note": "本人承认"}
            answer = await officer.post(f"{path}/resolve", json=body, headers={"If-Match": etag})
            assert answer.status_code == 200, answer.text
            of_alert = "SELECT id FROM fact WHERE evidence ->> 'alert_id' = %s"
            facts[rule] = site.one(of_alert, (f"e-{rule}",))
        kept = {row["fact_id"]: row for row in site.rows("SELECT * FROM fact_record")}
        await bureau.lift(order)
        for _ in range(2):
            await upkeep.round()
    for rule, fact_id in facts.items():
        record = (await officer.get(f"/api/v1/facts/{fact_id}")).json()
        assert record["content"] == kept[fact_id]["content"]
        content = opened(json.loads(record["content"]), record["openings"])
        if rule == "exclusion":
            assert [set(content["engine"]), set(content["alert"]["explanation"])] == [
                {"commitment"},
                {"commitment"},
            ]
            continue
        lawful, late = content["engine"]["reports"]
        assert lawful["place"] == place
        assert (set(late["place"]), late["battery_pct"]) == ({"commitment"}, 80)
    rows = site.rows("SELECT f::text, r::text FROM fact f JOIN fact_record r ON r.fact_id = f.id")
    # In the engine's and in the outcome's of two alerts, each before the lifting.
    assert str(rows).count("120.1234567") == 4
    (review,) = site.rows("SELECT fact_id, cause FROM fact_review")
    assert review == {"fact_id": facts["exclusion"], "cause": "lifted"}
    proof = await bureau.travel.sign_in("auditor").get(f"/api/v1/orders/{order['id']}/proof")
    assert sorted(one["fact_count"] for one in proof.json()["destroyed"]) == [0, 3]


@pytest.mark.article("law-29")
async def test_what_a_registry_put_on_somebody_ends_with_its_order_too(site):
    site.rows("DELETE FROM binding")
    site.rows("DELETE FROM positioning_order")
    site.rows(
        "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,"
        " valid_from, valid_to) VALUES ('eo-0', 'office-1', 's-4k2m9q', 1, 'x',"
        " now() - interval '9 days', now() - interval '9 days', now() - interval '1 day');"
        " INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
        " VALUES ('office-1', 'wb-000001', 'subject', 's-4k2m9q', now() - interval '8 days')"
    )
    async with taking(site) as (client, upkeep):
        before = (await client.get(URL)).json()["version"]
        for _ in range(2):
            await upkeep.round()
        after = (await client.get(URL)).json()
    order_end = site.one("SELECT valid_to FROM positioning_order")
    assert site.one("SELECT valid_to FROM binding") == order_end
    assert after["version"] == before + 1


@pytest.mark.article("law-29", "law-44")
@pytest.mark.parametrize("way", ["unbinding", "death"])
async def test_an_order_that_ran_out_since_the_last_round_keeps_nobody_from_taking_it_off(
    bureau, way
):
    order = await worn(bureau)
    bureau.travel.clock.now = datetime.fromisoformat(order["valid_to"]) + timedelta(seconds=9)
    if way == "unbinding":
        answer = await bureau.post(
            "officer", "/devices/wb-000002/unbinding", {"reason": "定位期限届满"}
        )
    else:
        day = bureau.travel.clock.now.date().isoformat()
        died = {"reason": "died", "instrument": "死亡证明", "decided_on": day}
        answer = await change(bureau.travel, "supervisor", SUBJECT, "POST /termination", died)
    assert answer.is_success, answer.text
    ended = bureau.site.one("SELECT valid_to FROM binding")
    assert ended == bureau.site.one("SELECT valid_to FROM positioning_order")

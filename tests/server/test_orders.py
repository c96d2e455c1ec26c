"""Positioning orders (Art. 29): by whom, on what ground, for how long, and what ends with them."""

from datetime import datetime, timedelta

import psycopg
import pytest

from tests.server.orders_world import OTHER, SUBJECT, Bureau, key, seen
from tests.server.travelling import travel_of


@pytest.fixture
async def bureau(site):
    """Nobody is under an order yet, and nobody wears anything."""
    site.rows("DELETE FROM binding")
    site.rows("DELETE FROM positioning_order")
    async with travel_of(site) as travel:
        yield Bureau(travel)


def rules(answer):
    assert answer.status_code == 409, answer.text
    return [error["rule"] for error in answer.json()["errors"]]


def instant(text):
    return datetime.fromisoformat(text)


@pytest.mark.article("law-29")
async def test_an_order_holds_from_its_approval_for_three_months_at_most(bureau):
    order = await bureau.order()
    assert instant(order["valid_from"]) == instant(order["approved_at"]) == bureau.travel.clock.now
    assert order["approved_by"] == "head"
    assert timedelta(days=88) < instant(order["valid_to"]) - instant(order["valid_from"])
    assert instant(order["valid_to"]) - instant(order["valid_from"]) <= timedelta(days=92)
    acts = [act["kind"] for act in bureau.travel.acts(subject_id=SUBJECT)]
    assert acts[1:] == ["order.applied", "document.issued", "order.approved"]


@pytest.mark.article("law-29")
async def test_more_than_three_months_are_refused_by_the_article_that_says_so(bureau):
    answer = await bureau.apply(months=4)
    assert rules(answer) == ["term_most"]
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["article"]) == ("/months", "law-29")
    assert "3" in fault["allowed"]["en"]


@pytest.mark.article("law-29")
@pytest.mark.parametrize("login", ["officer", "supervisor"])
async def test_only_the_head_of_the_bureau_approves(bureau, login):
    application = (await bureau.apply()).json()
    assert rules(await bureau.decide(application, login=login)) == ["power_approve"]
    assert bureau.site.rows("SELECT * FROM positioning_order") == []


@pytest.mark.article("law-29")
async def test_nobody_approves_the_own_application(bureau):
    bureau.site.rows("UPDATE app_user SET role = 'head' WHERE login = 'supervisor'")
    bureau.site.rows("UPDATE app_user SET role = 'supervisor' WHERE login = 'head'")
    application = (await bureau.apply(login="head")).json()
    bureau.site.rows("UPDATE app_user SET role = 'head' WHERE login = 'head'")
    assert rules(await bureau.decide(application)) == ["second_person"]
    approved = await bureau.decide(application, login="supervisor")
    assert approved.json()["state"] == "approved"


@pytest.mark.article("law-29")
async def test_an_alert_does_not_prove_an_act_of_an_authority(bureau, site):
    site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, subject_id, device_id, begin_time, late,"
        " evidence) VALUES ('ep-1', 'office-1', 'inclusion', 'major', %s, 'wb-000001', now(),"
        " false, '{}')",
        (SUBJECT,),
    )
    alert = [{"kind": "alert", "id": "ep-1"}]
    assert rules(await bureau.apply(ground=4, evidence=alert)) == ["ground_on_record"]
    assert (await bureau.apply(ground=2, evidence=alert)).status_code == 201


async def test_evidence_of_another_person_is_not_there(bureau):
    evidence = [{"kind": "act", "id": bureau.evidence[OTHER]}]
    answer = await bureau.apply(evidence=evidence)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/evidence/0"


@pytest.mark.article("law-29")
async def test_two_orders_of_one_person_do_not_overlap(bureau):
    order = await bureau.order()
    refused = await bureau.apply()
    assert rules(refused) == ["one_order_at_a_time"]
    assert order["id"] in refused.json()["errors"][0]["allowed"]["en"]
    with pytest.raises(psycopg.errors.ExclusionViolation):
        bureau.site.rows(
            "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by,"
            " approved_at, valid_from, valid_to) SELECT 'eo-2', org_id, subject_id, 1, 'x',"
            " approved_at, valid_from + interval '1 day', valid_to FROM positioning_order"
        )


async def test_one_application_waits_at_a_time(bureau):
    first = (await bureau.apply()).json()
    assert rules(await bureau.apply()) == ["one_application_at_a_time"]
    assert (await bureau.decide(first, "withdrawal", login="officer")).json()[
        "state"
    ] == "withdrawn"
    assert (await bureau.apply()).status_code == 201


async def test_a_decided_application_is_not_decided_again(bureau):
    application = (await bureau.apply()).json()
    refused = await bureau.decide(application, "refusal", reason="依据不足，不予批准")
    assert refused.json()["state"] == "refused"
    assert (await bureau.decide(application)).status_code == 412
    assert rules(await bureau.decide(refused.json())) == ["application_open"]


async def test_the_same_key_applies_once(bureau):
    body = {
        "subject": SUBJECT,
        "ground": 3,
        "reason": "拒不按规定报告活动情况",
        "evidence": [{"kind": "act", "id": bureau.evidence[SUBJECT]}],
        "months": 1,
    }
    client, headers = bureau.travel.sign_in("officer"), key()
    answers = [
        await client.post("/api/v1/order-applications", json=body, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    listed = (await client.get("/api/v1/order-applications?state=applied")).json()
    assert len(listed["items"]) == 1


@pytest.mark.article("law-29")
async def test_an_extension_needs_an_assessment_and_begins_where_the_order_ends(bureau):
    order = await bureau.order()
    await bureau.travel.move(days=80)
    application = (await bureau.apply(extends=order["id"], months=2)).json()
    assert rules(await bureau.decide(application)) == ["assessed_first"]
    await bureau.assess(order)
    approved = (await bureau.decide(application)).json()
    extension = await bureau.read(approved["order"])
    assert (extension["valid_from"], extension["extends"]) == (order["valid_to"], order["id"])
    kind = "SELECT kind FROM document WHERE ref_id = %s"
    assert bureau.site.one(kind, (extension["id"],)) == "positioning_extension_decision"


@pytest.mark.article("law-29")
async def test_an_order_that_ended_is_not_extended(bureau):
    order = await bureau.order()
    await bureau.assess(order)
    await bureau.travel.move(days=93)
    assert rules(await bureau.apply(extends=order["id"])) == ["extends_running_order"]
    assert (await bureau.apply()).status_code == 201


async def test_no_order_reaches_beyond_the_persons_term(bureau, site):
    site.rows("UPDATE subject SET term_to = (now() + interval '20 days')::date")
    order = await bureau.order()
    assert instant(order["valid_to"]) - bureau.travel.clock.now <= timedelta(days=21, hours=16)


@pytest.mark.article("measures-37")
async def test_a_wristband_is_put_on_under_an_order_that_the_person_was_told_of(bureau):
    assert rules(await bureau.bind()) == ["order_in_force"]
    order = await bureau.order()
    assert rules(await bureau.bind()) == ["told_first"]
    early = (bureau.travel.clock.now - timedelta(hours=1)).isoformat()
    assert (await bureau.tell(order, happened_time=early)).status_code == 422
    assert (await bureau.tell(order)).status_code == 200
    bound = await bureau.bind()
    assert (bound.status_code, bound.json()["order"]) == (201, order["id"])
    assert rules(await bureau.bind("wb-000001")) == ["one_wristband"]


@pytest.mark.article("measures-37")
async def test_a_phone_is_no_positioning_device(bureau):
    await bureau.tell(await bureau.order())
    assert rules(await bureau.bind("ph-0001")) == ["wristband_only"]


@pytest.mark.article("law-29")
async def test_the_database_takes_no_wristband_without_an_order(bureau):
    with pytest.raises(psycopg.errors.CheckViolation, match="outside of every positioning order"):
        bureau.site.rows(
            "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
            " VALUES ('office-1', 'wb-000001', 'subject', 's-4k2m9q', now());"
            " SET CONSTRAINTS within_orders IMMEDIATE"
        )


@pytest.mark.article("law-29")
async def test_a_registry_file_puts_no_wristband_on_without_an_order(bureau):
    binding = {"device": "wb-000002", "holder_kind": "subject", "holder": OTHER}
    binding |= {"valid_from": "2026-11-01T00:00:00Z", "valid_to": None}
    file = {"format": "guitu-registry/1", "bindings": [binding]}
    answer = await bureau.post("supervisor", "/registry", file)
    assert answer.status_code == 422
    assert "positioning order" in answer.json()["errors"][0]["detail"]


@pytest.mark.article("law-29")
async def test_a_lifting_ends_order_and_wristband_at_that_instant(bureau):
    order = await bureau.order()
    await bureau.tell(order)
    await bureau.bind()
    lifted_at = await bureau.travel.move(days=10)
    lifted = (await bureau.lift(order)).json()
    assert instant(lifted["ends_at"]) == lifted_at
    assert bureau.site.one("SELECT valid_to FROM binding") == lifted_at
    assert rules(await bureau.lift(order)) == ["order_running"]
    (act,) = bureau.travel.acts(kind="order.lifted")
    assert act["body"]["devices"] == ["wb-000002"]
    papers = bureau.site.rows("SELECT kind FROM document ORDER BY issued_at")
    assert [row["kind"] for row in papers] == [
        "positioning_decision",
        "positioning_lifting_notice",
    ]
    open_clocks = "SELECT count(*) FROM deadline WHERE state = 'open' AND ref_id = %s"
    assert bureau.site.one(open_clocks, (order["id"],)) == 0


async def test_an_office_does_not_lift(bureau, site):
    site.add_account("clerk", "office-1", "supervisor")
    order = await bureau.order()
    assert rules(await bureau.lift(order, "clerk")) == ["power_decide"]


@pytest.mark.article("law-29")
async def test_an_order_that_runs_out_ends_the_wristband_and_is_on_record(bureau):
    order = await bureau.order(months=1)
    await bureau.tell(order)
    await bureau.bind()
    await bureau.travel.move(days=32)
    assert bureau.site.one("SELECT valid_to FROM binding") == instant(order["valid_to"])
    (expired,) = bureau.travel.acts(kind="order.expired")
    assert (expired["authority"], expired["happened_time"]) == (
        "system",
        instant(order["valid_to"]),
    )
    assert expired["body"]["devices"] == ["wb-000002"]
    duties = (await bureau.travel.sign_in("officer").get("/api/v1/duties")).json()["items"]
    assert [duty for duty in duties if duty["ref_id"] == order["id"]] == []


@pytest.mark.article("law-29")
async def test_nobody_owes_the_review_of_an_order_that_has_ended(bureau):
    order = await bureau.order(months=3)

    async def owed():
        duties = (await bureau.travel.sign_in("officer").get("/api/v1/duties")).json()["items"]
        return [duty["kind"] for duty in duties if duty["ref_id"] == order["id"]]

    await bureau.travel.move(days=45)
    assert await owed() == ["order_review"]
    await bureau.travel.move(days=60)
    assert await owed() == []
    lapsed = bureau.travel.acts(kind="deadline.lapsed", ref_id=order["id"])
    assert "order_review" in {act["body"]["clock"] for act in lapsed}


@pytest.mark.article("law-29")
async def test_an_extended_wristband_stays_on(bureau):
    order = await bureau.order(months=1)
    await bureau.tell(order)
    await bureau.bind()
    await bureau.assess(order)
    await bureau.decide((await bureau.apply(extends=order["id"], months=1)).json())
    await bureau.travel.move(days=40)
    assert bureau.site.one("SELECT valid_to FROM binding") is None
    await bureau.travel.move(days=40)
    assert bureau.site.one("SELECT valid_to FROM binding") is not None


async def test_taking_a_wristband_off_leaves_the_order(bureau):
    order = await bureau.order()
    await bureau.tell(order)
    await bureau.bind()
    await bureau.travel.move(hours=1)
    path = "/devices/wb-000002/unbinding"
    assert (await bureau.post("officer", path, {"reason": "设备送修"})).status_code == 204
    assert rules(await bureau.post("officer", path, {"reason": "设备送修"})) == ["worn"]
    assert (await bureau.read(order["id"]))["lifted_at"] is None
    assert (await bureau.bind("wb-000001")).status_code == 201


async def test_two_decisions_at_once_are_one(bureau):
    application = (await bureau.apply()).json()
    newest = (
        await bureau.travel.sign_in("officer").get(
            f"/api/v1/order-applications/{application['id']}"
        )
    ).headers["etag"]
    assert newest == seen(application)["If-Match"]
    without = await bureau.travel.sign_in("head").post(
        f"/api/v1/order-applications/{application['id']}/approval", json={}
    )
    assert without.status_code == 428

"""Policies are signed by another; explanations name every point; order of arrival is nothing."""

import itertools
from datetime import date, timedelta

import pytest

from server.rounds import Rounds
from server.scoring.closing import CLOSES, last_month
from server.scoring.policy_file import default, default_text
from server.scoring.score import BEIJING, month_of
from server.trends.asking import month_text
from tests.server.measure_work import OF, PERSON, Work
from tests.server.sheets import csv_of
from tests.server.test_imports import send
from tests.server.travelling import travel_of

POLICIES = "/api/v1/score-policies"
TEXT = default_text().replace(f"version: {default().version}", "version: qingxi-2027", 1)
DOUBLED = TEXT.replace("month_cap: 12", "month_cap: 6")
EXPLAIN = f"{OF}/score"


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def first_of_month_after_next(work) -> str:
    day = (work.travel.clock.now + timedelta(days=1)).date().replace(day=1)
    for _ in range(2):
        day = (day + timedelta(days=32)).replace(day=1)
    return day.isoformat()


async def tried(work, version) -> str:
    """Try a policy over the last month; return the digest that its signer names."""
    last = month_text(last_month(work.travel.clock.now)[0])
    path = f"{POLICIES}/{version}/trials"
    return (await work.done("su-1", path, {"since": last, "until": last}))["sha256"]


async def enter(work, kind="public_service_hour", days=1.0, quantity=5, login="of-1"):
    body = {"indicator": kind, "occurred_at": work.ago(days=days), "quantity": quantity}
    return (await work.done(login, f"{OF}/facts", body | {"note": "敬老院劳动"}))["fact"]


async def test_a_policy_is_proposed_by_one_signed_by_another_and_in_force_from_its_month(work):
    broken = await work.post("su-1", POLICIES, {"content": TEXT.replace("points: 40", "points: x")})
    assert broken.status_code == 422
    assert "points is no number" in broken.json()["errors"][0]["detail"]
    made = await work.done("su-1", POLICIES, {"content": DOUBLED})
    again = await work.post("su-2", POLICIES, {"content": DOUBLED})
    assert again.status_code == 409
    path = f"{POLICIES}/qingxi-2027/decision"
    signed = {"outcome": "signed", "valid_from": first_of_month_after_next(work)}
    blind = await work.post("su-2", path, signed, version=made["edition"])
    assert "nobody has tried" in blind.json()["detail"]
    signed["trial"] = await tried(work, "qingxi-2027")
    own = await work.post("su-1", path, signed, version=made["edition"])
    assert own.json()["errors"][0]["rule"] == "second_person"
    for wrong in ("2020-01-01", first_of_month_after_next(work)[:8] + "02"):
        answer = await work.post("su-2", path, signed | {"valid_from": wrong}, version=1)
        assert answer.status_code == 422
    found = await work.done("su-2", path, signed, version=1)
    assert (found["state"], found["decided_by"]) == ("signed", "su-2")
    assert found["record"] is not None
    assert (await work.get("/api/v1/score-policy", "of-1"))["version"] == default().version
    work.travel.clock.move(
        days=(date.fromisoformat(signed["valid_from"]) - work.travel.clock.now.date()).days + 2
    )
    assert (await work.get("/api/v1/score-policy", "of-1"))["version"] == "qingxi-2027"
    # A fact is judged by the policy of its own month, whenever it comes.
    await enter(work, days=0.5, quantity=8)
    await enter(work, days=200, quantity=8)
    rows = work.travel.site.rows(
        "SELECT policy_version, points_milli FROM score_entry WHERE fact_id IS NOT NULL ORDER BY id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("qingxi-2027", 6000),
        (default().version, 8000),
    ]
    with pytest.raises(Exception, match="never rewritten"):
        work.travel.site.rows("UPDATE score_policy SET content = content || ' '")


async def test_any_order_of_the_same_facts_ends_in_the_same_balances(work):
    days = (2.0, 3.0, 4.0, 35.0)
    held = []
    for number, order in enumerate(itertools.islice(itertools.permutations(days), 0, 24, 7)):
        person = f"s-order-{number}"
        work.travel.site.rows(
            "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
            " SELECT %s, org_id, name, category, false, term_from, term_to FROM subject"
            " WHERE id = %s",
            (person, PERSON),
        )
        for day in order:
            body = {"indicator": "public_service_hour", "occurred_at": work.ago(days=day)}
            body |= {"quantity": 5 + int(day) % 7, "note": "敬老院劳动"}
            await work.done("of-1", f"/api/v1/subjects/{person}/facts", body)
        held.append(
            work.travel.site.rows(
                "SELECT date_trunc('month', effective_at AT TIME ZONE 'Asia/Shanghai') AS month,"
                " account, sum(points_milli)::int AS points FROM score_entry"
                " WHERE subject_id = %s GROUP BY 1, 2 ORDER BY 1, 2",
                (person,),
            )
        )
    for other in held[1:]:
        assert [row for row in other if row["account"] != "opening"] == [
            row for row in held[0] if row["account"] != "opening"
        ]


async def test_an_explanation_names_every_point_and_what_each_fact_changes(work):
    before = (await work.get(EXPLAIN))["score"]
    kept = await enter(work, days=1)
    capped = await enter(work, days=0.5, quantity=12)
    found = await work.get(EXPLAIN)
    assert found["score"]["total"] == before["total"] + 12
    shares = {one["fact"]: one for one in found["facts"]}
    assert shares[kept]["without"] == found["score"]["total"]
    assert shares[capped]["without"] == before["total"] + 5
    named = sum(one["counted"] for one in found["facts"])
    parts = sum(one["points"] - one["start"] for one in found["dimensions"])
    assert named == parts == 12
    assert all(one["fact"] in shares for one in found["facts"])
    for language in ("zh", "en"):
        text = found["text"][language]
        assert all(one[language] in text for one in found["facts"])
        assert "of-1" in text
    assert "public_service_hour" not in {one["indicator"] for one in found["to_raise"]}
    assert found["to_raise"][0]["this_month"] > 0
    own = await work.get("/api/v1/me/score", "person")
    assert own["text"] == found["text"]
    assert "复核" in own["objection"]["zh"]


async def test_as_shown_then_is_not_as_known_now_and_a_reversal_restores_exactly(work):
    before = (await work.get(EXPLAIN))["score"]
    fact = await enter(work, days=1, quantity=3)
    shown_at = work.travel.site.one("SELECT max(recorded_at) FROM score_entry").isoformat()
    review = await work.done(
        "of-1", f"/api/v1/facts/{fact}/reviews", {"note": "登记有误，本人未到场"}
    )
    decision = {"outcome": "reversed", "reason": "本人未到场", "verdict": "false"}
    path = f"/api/v1/fact-reviews/{review['id']}/decision"
    await work.done("su-1", path, decision, version=review["version"])
    assert (await work.get(EXPLAIN))["score"] == before
    work.travel.clock.move(minutes=10)
    asked = {"at": shown_at, "as_shown": "true"}
    client = work.travel.sign_in("su-1")
    then = (await client.get(EXPLAIN, params=asked)).json()
    assert then["score"]["total"] == before["total"] + 3
    now = (await client.get(EXPLAIN, params={"at": shown_at})).json()
    assert now["score"] == before
    packed = work.travel.site.rows("SELECT length(packed) AS bytes FROM score_month_facts")
    assert [row["bytes"] for row in packed] == [24]


async def test_a_closed_month_is_what_the_ledger_says_of_it_whatever_comes_later(work):
    await enter(work, days=0.1, quantity=3)
    begin, end = month_of(work.travel.clock.now)
    work.travel.clock.now = end + timedelta(days=4)
    rounds = Rounds(work.travel.app.state.parts, CLOSES, every_s=60.0)
    assert await rounds.round() > 0
    assert await rounds.round() == 0
    (closed,) = (await work.get(f"{OF}/score-months"))["items"]
    assert closed["month"] == f"{begin:%Y-%m}"
    (close,) = work.travel.site.rows("SELECT * FROM score_close WHERE org_id = 'office-1'")
    moment = (close["ends_at"] - timedelta(microseconds=1)).isoformat()
    client = work.travel.sign_in("su-1")
    late = {"indicator": "peer_help", "quantity": 1, "note": "月底的互助，补录"}
    late["occurred_at"] = (end - timedelta(hours=1)).isoformat()
    known = (await client.get(EXPLAIN, params={"at": moment})).json()["score"]
    assert {name: closed[name] for name in known} == known
    await work.done("of-1", f"{OF}/facts", late)
    after = (await client.get(EXPLAIN, params={"at": moment})).json()["score"]
    assert after["total"] == known["total"] + 3
    assert (await work.get(f"{OF}/score-months"))["items"] == [closed]


async def test_files_of_facts_and_public_figures_are_taken_whole_and_once(work):
    hours = {"subject": PERSON, "kind": "volunteer_hour", "occurred_at": "2026-11-01 08:00"}
    hours |= {"quantity": "4", "note": "社区敬老"}
    wrong = hours | {"kind": "device_removal"}
    client = work.travel.sign_in("su-1")
    refused = await send(client, csv_of("facts", [hours, wrong]), "facts")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "fact_kind"
    before = (await work.get(EXPLAIN))["score"]
    for _ in range(2):
        assert (await send(client, csv_of("facts", [hours]), "facts")).json()["written"] == 1
    work.travel.clock.move(days=1)
    local = work.travel.clock.now.astimezone(BEIJING) - timedelta(hours=1)
    figure = {"subject": PERSON, "figure": "850", "as_of": f"{local:%Y-%m-%d %H:%M}"}
    file = csv_of("credits", [figure | {"as_of": "2020-01-01"}, figure])
    taken = await send(client, file, "credits")
    assert taken.status_code == 200, taken.text
    after = (await work.get(EXPLAIN))["score"]
    assert (after["management"], after["public"]) == (before["management"] + 2, 340)

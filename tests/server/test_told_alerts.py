"""What an outcome says of itself; and that what is only told never becomes a fact."""

import json

import psycopg
import pytest

from server.alerts.confirming import confirmed_fact
from server.errors import ConflictError
from server.signing.commitments import opened
from tests.server.conftest import post_outcomes
from tests.server.events import outcome

ALERT = "/api/v1/alerts/episode-1"
TITLE = {"zh": "心率异常", "en": "Unusual heart rate"}
WHY = {"zh": "十分钟内心率高于 150。", "en": "Over 150 beats a minute for ten minutes."}


async def raise_alert(gateway, **given):
    answer = await post_outcomes(gateway, [outcome(**given)])
    assert (answer.status_code, answer.json()) == (200, {"through": 1}), answer.text


async def resolve(officer, verdict):
    body = {"verdict": verdict, "note": "已核实"}
    return await officer.post(f"{ALERT}/resolve", json=body, headers={"If-Match": '"1"'})


async def test_a_rule_that_the_server_does_not_know_is_taken_with_its_words(gateway, officer):
    told = {"category": "care", "title": TITLE, "explanation": WHY, "fence": None}
    await raise_alert(gateway, rule="heart_rate_high", fence_version=None, **told)
    alert = (await officer.get("/api/v1/alerts?rule=heart_rate_high")).json()["items"][0]
    assert {name: alert[name] for name in told} == told


async def test_a_later_explanation_replaces_an_earlier_one(gateway, officer):
    await raise_alert(gateway, title=TITLE, explanation=WHY)
    newer = {"zh": "新", "en": "new"}
    changes = [
        outcome("amended", entry_seq=2, explanation=newer, begin_time="2026-11-22T01:01:03.000Z"),
        outcome("cleared", entry_seq=3, explanation=WHY, end_time="2026-11-22T02:01:03.000Z"),
    ]
    assert (await post_outcomes(gateway, changes, first=2)).json() == {"through": 3}
    alert = (await officer.get(ALERT)).json()
    assert (alert["title"], alert["explanation"]) == (TITLE, newer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "gossip"},
        {"title": {"zh": "只有中文"}},
        {"explanation": {"zh": "长" * 4_001, "en": ""}},
        {"explanation": "text"},
    ],
    ids=["no category", "half a title", "too long", "no object"],
)
async def test_words_that_do_not_hold_to_the_page_are_quarantined(gateway, wrong):
    answer = await post_outcomes(gateway, [outcome(**wrong)])
    assert answer.json() == {"through": 1, "quarantined": 1}


@pytest.mark.parametrize("category", ["care", "notice"])
async def test_what_is_only_told_cannot_be_confirmed(gateway, officer, site, category):
    await raise_alert(gateway, category=category)
    entries = site.one("SELECT count(*) FROM score_entry")
    answer = await resolve(officer, "confirmed")
    assert answer.status_code == 409
    assert "never confirmed" in answer.json()["detail"]
    assert site.one("SELECT count(*) FROM fact") == 0
    assert site.one("SELECT count(*) FROM score_entry") == entries
    assert (await resolve(officer, "excused")).status_code == 200


@pytest.mark.parametrize("category", ["violation", "device", "integrity"])
async def test_what_is_not_only_told_can_be_confirmed(gateway, officer, site, category):
    await raise_alert(gateway, category=category, explanation=WHY)
    assert (await resolve(officer, "confirmed")).status_code == 200
    fact_id = site.one("SELECT id FROM fact")
    record = (await officer.get(f"/api/v1/facts/{fact_id}")).json()
    content = opened(json.loads(record["content"]), record["openings"])
    assert content["alert"]["explanation"] == WHY


@pytest.mark.parametrize("category", ["care", "notice"])
def test_the_scoring_path_refuses_what_is_only_told(category):
    with pytest.raises(ConflictError):
        confirmed_fact({"id": "x", "category": category}, by_login="officer", note="")


async def test_the_database_refuses_it_too(gateway, site):
    await raise_alert(gateway, category="care")
    with pytest.raises(psycopg.errors.CheckViolation, match="alert_told_only"):
        site.rows("UPDATE alert SET state = 'resolved', due_at = NULL, verdict = 'confirmed'")
    with pytest.raises(psycopg.errors.CheckViolation, match="no fact"):
        site.rows(
            "INSERT INTO fact (id, org_id, subject_id, indicator, occurred_at, quantity, evidence,"
            " confirmed_by, note) VALUES ('f', 'office-1', 's-4k2m9q', 'x', now(), 1,"
            " '{\"alert_id\": \"episode-1\"}', 'officer', 'x')"
        )


async def test_an_episode_keeps_its_first_category(gateway, officer):
    await raise_alert(gateway, category="care")
    later = outcome("amended", entry_seq=2, begin_time="2026-11-22T01:01:03.000Z")
    await post_outcomes(gateway, [later], first=2)
    assert (await officer.get(ALERT)).json()["category"] == "care"

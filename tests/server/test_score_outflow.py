"""City scores are told what a person's basis allows, once, and it is taken back."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from server.outflow.mapping import MappingContent, digest, message_id, revocation_content
from server.outflow.queueing import OUTFLOW
from server.rounds import Rounds
from server.scoring import ledger_store
from server.scoring.closing import CLOSES, last_month
from server.scoring.policy_file import default
from server.scoring.posting import Fact, record_fact, void_fact
from server.trends.asking import month_text
from tests.server.measure_work import OF, PERSON, Work
from tests.server.travelling import travel_of

BATCHES, MESSAGES = "/api/v1/outflow-batches", "/api/v1/outflow-messages"
MAPPINGS, BASES = "/api/v1/outflow-mappings", f"{OF}/outflow-bases"
POINTS = {"green": 20, "blue": 10, "yellow": 0, "orange": -10, "red": -20}
CONTENT = {
    "format": "guitu-outflow-mapping/1",
    "title": {"zh": "钱江分对照表", "en": "Mapping to the Qianjiang score"},
    "legal_basis": {"zh": "本人书面同意", "en": "The person's written consent"},
    "grades": {name: {"code": f"J{points}", "points": points} for name, points in POINTS.items()},
}
BASIS = {"receiver": "hangzhou", "ground": "consent", "document": "书面同意书", "reference": "HZ-1"}


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


async def rounds(work, *dues):
    return await Rounds(work.travel.app.state.parts, *dues, every_s=60.0).round()


async def seed(work):
    """A ledger of before the last month, with a breach in it, closed; a signed mapping."""
    site, now = work.travel.site, work.travel.clock.now
    _, ends_at = last_month(now)
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
        " SELECT name, 'office-1', name, 'probation', name = 's-minor', '2024-01-01', '2030-01-01'"
        " FROM unnest(ARRAY['s-told', 's-minor', 's-silent']) name"
    )
    opening = {"part": "management", "dimension": "opening", "indicator": "opening"}
    opening |= {"account": "opening", "points": Decimal(450), "fact_id": None, "evidence": {}}
    opening |= {"effective_at": ends_at - timedelta(days=60), "author": "test", "reverses": None}
    opening |= {"policy_version": default().version}
    fact = Fact(
        id="0" * 32,
        org_id="office-1",
        subject_id="s-told",
        indicator="unapproved_outing",
        occurred_at=ends_at - timedelta(days=5),
        quantity=Decimal(1),
        evidence={},
        confirmed_by="su-1",
        note="",
    )
    async with work.travel.app.state.parts.database.work() as connection:
        await ledger_store.lock_ledger(connection, "office-1")
        people = ("s-told", "s-silent")
        entries = [opening | {"subject_id": person} for person in people]
        await ledger_store.append(connection, "office-1", entries)
        await record_fact(connection, fact)
    await rounds(work, CLOSES)
    made = await work.done(
        "su-1", MAPPINGS, {"id": "hz-1", "receiver": "hangzhou", "content": CONTENT}
    )
    sign = f"{MAPPINGS}/hz-1/decision"
    own = await work.post("su-1", sign, {"outcome": "signed"}, version=made["version"])
    assert own.json()["errors"][0]["rule"] == "second_person"
    found = await work.done("su-2", sign, {"outcome": "signed"}, version=made["version"])
    assert found["state"] == "signed"
    return month_text(last_month(now)[0])


async def handed_over(work):
    batch = await work.done("su-1", BATCHES, {"receiver": "hangzhou"})
    answer = await work.travel.sign_in("su-1").get(f"{BATCHES}/{batch['id']}/file")
    return batch["id"], [json.loads(line) for line in answer.text.splitlines()]


def test_a_message_has_one_id_and_takes_back_no_more_than_was_said():
    assert message_id("ob-1", 24300, "") == message_id("ob-1", "24300", "")
    assert message_id("ob-1", 24300, "") != message_id("ob-1", 24300, "of-1")
    told = {"format": "guitu-outflow/1", "kind": "score", "reference": "HZ-1", "month": "2026-10"}
    told |= {"mapping": "hz-1", "code": "J0", "points": 0}
    back = revocation_content(told, "of-1", "withdrawn")
    assert back["kind"] == "revocation"
    assert {"code", "points"}.isdisjoint(back)
    content = MappingContent.model_validate(CONTENT)
    assert digest(content) == digest(MappingContent.model_validate_json(content.model_dump_json()))


@pytest.mark.article("pipl-28", "pipl-34")
async def test_a_receiver_is_told_once_and_a_fact_that_fell_is_taken_back(work):
    month = await seed(work)
    assert await rounds(work, *OUTFLOW) == 0
    minors = await work.post("of-1", "/api/v1/subjects/s-minor/outflow-bases", BASIS)
    assert minors.status_code in {404, 409}
    await work.done("of-1", "/api/v1/subjects/s-told/outflow-bases", BASIS)
    again = await work.post("of-1", "/api/v1/subjects/s-told/outflow-bases", BASIS)
    assert again.status_code == 409
    assert await rounds(work, *OUTFLOW) == 1
    assert await rounds(work, *OUTFLOW) == 0
    batch, lines = await handed_over(work)
    (line,) = lines
    message = line.pop("id")
    assert line == {
        "format": "guitu-outflow/1",
        "kind": "score",
        "reference": "HZ-1",
        "month": month,
        "mapping": "hz-1",
        "code": "J0",
        "points": 0,
    }
    empty = await work.post("su-1", BATCHES, {"receiver": "hangzhou"})
    assert empty.status_code == 409
    receipt = {"items": [{"id": message, "accepted": True, "receipt": "R-1"}]}
    for settled in (1, 0):
        found = await work.done("su-1", f"{BATCHES}/{batch}/receipt", receipt)
        assert found["settled"] == settled
    async with work.travel.app.state.parts.database.work() as connection:
        await void_fact(connection, "0" * 32, because="review rv-1", author="su-2", evidence={})
    assert await rounds(work, *OUTFLOW) == 1
    assert await rounds(work, *OUTFLOW) == 0
    _, lines = await handed_over(work)
    revocation, corrected = sorted(lines, key=lambda one: one["kind"])
    assert (revocation["revokes"], revocation["because"]) == (message, "corrected")
    assert (corrected["code"], corrected["points"]) == ("J10", 10)


async def test_a_withdrawn_consent_is_followed_by_a_revocation_or_by_nothing_at_all(work):
    await seed(work)
    own = f"/api/v1/subjects/{PERSON}/outflow-bases"
    consent = await work.done("of-1", own, BASIS)
    assert [one["id"] for one in (await work.get("/api/v1/me/outflow-bases", "person"))["items"]]
    ended = f"/api/v1/me/outflow-bases/{consent['id']}/withdrawal"
    assert (await work.done("person", ended, {}))["withdrawn_by"] == "person"
    assert (await work.post("person", ended, {})).status_code == 409
    law = await work.done("of-1", own, BASIS | {"ground": "law", "document": "省条例第一条"})
    refused = await work.post("person", f"/api/v1/me/outflow-bases/{law['id']}/withdrawal", {})
    assert refused.status_code == 409
    told = await work.done("of-1", "/api/v1/subjects/s-told/outflow-bases", BASIS)
    silent = await work.done("of-1", "/api/v1/subjects/s-silent/outflow-bases", BASIS)
    await rounds(work, *OUTFLOW)
    # Whoever takes it back before it left is told of to nobody.
    await work.done("of-1", f"/api/v1/outflow-bases/{silent['id']}/withdrawal", {})
    await rounds(work, *OUTFLOW)
    batch, lines = await handed_over(work)
    assert [one["kind"] for one in lines] == ["score"]
    refusal = {"items": [{"id": lines[0]["id"], "accepted": False, "receipt": "busy"}]}
    for _ in range(5):
        await work.done("su-1", f"{BATCHES}/{batch}/receipt", refusal)
        state = work.travel.site.one(
            "SELECT state FROM outflow_message WHERE id = %s", (lines[0]["id"],)
        )
        if state == "waiting":
            batch, _ = await handed_over(work)
    assert state == "dead"
    await work.done("of-1", f"/api/v1/outflow-bases/{told['id']}/withdrawal", {})
    await rounds(work, *OUTFLOW)
    _, lines = await handed_over(work)
    assert [(one["kind"], one["because"]) for one in lines] == [("revocation", "withdrawn")]
    assert (await work.get(f"{MESSAGES}?state=dead"))["items"][0]["attempts"] == 5
    kinds = [act["kind"] for act in work.travel.acts() if act["kind"].startswith("outflow")]
    assert kinds.count("outflow_basis.withdrawn") == 3

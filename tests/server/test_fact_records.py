"""What proves a fact, and what happens when late data contradicts it."""

import json

import pytest
from click.testing import CliRunner

from guitu.commands.fact import command
from server.app import create_app
from server.reviews.telling import REVIEWS
from server.rounds import Rounds
from server.signing.canonical import canonical
from server.signing.commitments import opened
from server.signing.keys import new_key
from tests.server.alert_work import AlertWork, refused
from tests.server.alert_world import add_handler, told
from tests.server.conftest import running
from tests.server.events import post_telemetry, report
from tests.server.travelling import Clock, Travel
from tests.vectors.uplink.make import T0_MS


@pytest.fixture
async def work(site, tmp_path):
    private, public = new_key()
    key = tmp_path / "fact-key.pem"
    key.touch(mode=0o600)
    key.write_text(private)
    (tmp_path / "fact-key.pub").write_text(public)
    clock = Clock()
    settings = site.settings(fact_key_file=key, deadline_sweep_s=3600.0)
    app = create_app(settings, clock=clock)
    async with running(app):
        desk = AlertWork(Travel(site, app, clock))
        yield desk
        await desk.gateway.aclose()
        for client in desk.travel.clients.values():
            await client.aclose()


async def confirmed(work, **given):
    await work.comes(**given)
    answer = await work.do("of-1", "resolve", verdict="confirmed", note="本人承认")
    assert answer.status_code == 200, answer.text
    return work.travel.site.one("SELECT id FROM fact ORDER BY confirmed_at DESC, id LIMIT 1")


async def fact_of(work, fact_id, login="su-1"):
    return await work.travel.sign_in(login).get(f"/api/v1/facts/{fact_id}")


async def total(work):
    ledger = await work.travel.sign_in("su-1").get("/api/v1/subjects/s-4k2m9q/ledger")
    return ledger.json()["score"]["total"]


async def decide(work, login, **body):
    listed = await work.travel.sign_in(login).get("/api/v1/fact-reviews?state=open")
    (review,) = listed.json()["items"]
    body = {"reason": "后到轨迹完整，未进入区域"} | body
    path = f"/fact-reviews/{review['id']}/decision"
    return review, await work.post(login, path, body, version=review["version"])


def verify(tmp_path, record):
    file = tmp_path / "fact.json"
    file.write_text(json.dumps(record))
    key = str(tmp_path / "fact-key.pub")
    return CliRunner().invoke(command, ["verify", str(file), "--key", key])


async def test_what_proves_a_fact_is_frozen_and_verifiable_without_a_server(work, tmp_path):
    rows = [report(fix_time_ms=T0_MS + 1000 * n, seq=n + 1, entry_seq=n + 1) for n in range(3)]
    for number, row in enumerate(rows, start=1):
        assert (await post_telemetry(work.gateway, [row], first=number)).status_code == 200
    evidence = {"reports": [], "parameters": {"persistence_reports": 3}}
    evidence |= {"rules_version": "2026-11-01", "directory_version": 2}
    end = "2026-11-22T01:30:00.000Z"
    fact_id = await confirmed(work, evidence=evidence, end_time=end)
    record = (await fact_of(work, fact_id)).json()
    assert "lon_e7" not in record["content"]
    content = opened(json.loads(record["content"]), record["openings"])
    assert [fix["place"]["lon_e7"] for fix in content["fixes"]] == [1_201_000_000] * 3
    assert content["engine"] == evidence
    assert content["versions"] == {
        "rules_version": "2026-11-01",
        "directory_version": 2,
        "fence_version": 1,
    }
    assert (content["fact"]["confirmed_by"], content["alert"]["subject"]) == ("of-1", "s-4k2m9q")
    assert [one["change"] for one in content["outcomes"]] == ["raised"]
    entry = work.travel.site.one("SELECT evidence FROM score_entry WHERE fact_id = %s", (fact_id,))
    assert entry["record_sha256"] == record["sha256"]
    looks = work.travel.site.rows("SELECT by_login FROM access_log WHERE act = 'fact'")
    assert looks == [{"by_login": "su-1"}]

    passed = verify(tmp_path, record)
    assert passed.exit_code == 0, passed.output
    assert json.loads(passed.output)["id"] == fact_id
    content["fixes"] = []
    forged = record | {"content": canonical(content)}
    assert "was changed" in str(verify(tmp_path, forged).exception)
    name, opening = next(iter(record["openings"].items()))
    moved = opening | {"content": opening["content"] + " "}
    forged = record | {"openings": record["openings"] | {name: moved}}
    assert "was changed" in str(verify(tmp_path, forged).exception)
    # What was destroyed is no lie: the rest stays proved.
    assert verify(tmp_path, record | {"openings": {}}).exit_code == 0
    for name, wrong in (("signature", "AAAA"), ("signature", None), ("key_id", "0" * 16)):
        assert verify(tmp_path, record | {name: wrong}).exit_code != 0


async def test_late_data_opens_a_review_and_changes_nothing_by_itself(work):
    before = await total(work)
    fact_id = await confirmed(work)
    assert await total(work) == pytest.approx(before - 20)
    for _ in range(2):
        await work.comes("superseded", late=True)
    alert = await work.alert()
    assert (alert["state"], alert["verdict"]) == ("resolved", "confirmed")
    assert await total(work) == pytest.approx(before - 20)
    assert refused(await work.do("su-1", "reopen")) == "is_a_fact"

    review, answer = await decide(work, "su-1", outcome="reversed", verdict="technical")
    assert (review["cause"], review["opened_by"]) == ("late_data", None)
    assert (answer.status_code, answer.json()["decided_by"]) == (200, "su-1"), answer.text
    assert await total(work) == pytest.approx(before)
    alert = await work.alert()
    assert (alert["state"], alert["verdict"]) == ("resolved", "technical")
    assert alert["steps"][-1]["step"] == "reviewed"
    assert (await fact_of(work, fact_id)).json()["is_reversed"] is True
    again = await work.post(
        "su-1",
        f"/fact-reviews/{review['id']}/decision",
        {"outcome": "upheld", "reason": "再看"},
        version=2,
    )
    assert refused(again) == "reviewed_once"

    # Opened again and confirmed again it is another fact, with an entry of its own.
    await work.do("su-1", "reopen", note="本人后来承认")
    await work.do("of-1", "resolve", verdict="confirmed", note="本人承认")
    assert work.travel.site.one("SELECT count(*) FROM fact") == 2
    assert await total(work) == pytest.approx(before - 20)


async def test_who_confirmed_a_fact_does_not_decide_on_it_and_an_upheld_one_stands(work):
    await work.comes()
    await work.do("su-1", "resolve", verdict="confirmed", note="本人承认")
    fact_id = work.travel.site.one("SELECT id FROM fact")
    asked = await work.post("of-1", f"/facts/{fact_id}/reviews", {"note": "有住院证明"})
    assert (asked.status_code, asked.json()["opened_by"]) == (201, "of-1"), asked.text
    twice = await work.post("of-2", f"/facts/{fact_id}/reviews", {"note": "有住院证明"})
    assert twice.status_code == 409
    after = await total(work)
    _, answer = await decide(work, "su-1", outcome="upheld")
    assert refused(answer) == "second_person"
    _, answer = await decide(work, "of-1", outcome="upheld")
    assert refused(answer) == "power_decide"
    _, answer = await decide(work, "su-2", outcome="upheld")
    assert (answer.status_code, answer.json()["state"]) == (200, "upheld"), answer.text
    assert await total(work) == after
    assert (await fact_of(work, fact_id)).json()["is_reversed"] is False


async def test_the_offices_lead_and_who_confirmed_are_told_of_a_review_and_of_its_end(work):
    travel = work.travel
    for login, role in (("zhou", "officer"), ("zheng", "supervisor")):
        add_handler(travel.site, login, "office-1", role)
    await confirmed(work)
    rounds = Rounds(travel.app.state.parts, REVIEWS, every_s=60.0)
    assert await rounds.round() == 0
    await work.comes("superseded", late=True)
    assert (await rounds.round(), await rounds.round()) == (1, 0)
    assert told(travel) == [("review_wanted", "zheng"), ("review_wanted", "of-1")]
    review, answer = await decide(work, "su-1", outcome="upheld")
    assert answer.status_code == 200, answer.text
    assert told(travel)[2:] == [("review_decided", "of-1")]
    values = travel.site.one("SELECT body FROM notification WHERE kind = 'review_decided'")
    assert values == {"review": review["id"], "outcome": "维持 upheld"}


async def test_a_review_where_nobody_leads_is_told_to_the_organisation(work):
    travel = work.travel
    await confirmed(work)
    travel.site.rows("UPDATE app_user SET disabled = true WHERE login IN ('officer', 'supervisor')")
    await work.comes("superseded", late=True)
    assert await Rounds(travel.app.state.parts, REVIEWS, every_s=60.0).round() == 1
    assert told(travel)[0] == ("review_wanted", None)

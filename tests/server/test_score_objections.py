"""A fact is objected to once; while that waits it counts for nobody's harm; another answers."""

from datetime import timedelta

import pytest

from tests.server.measure_work import OF, PERSON, Work, refusal
from tests.server.travelling import travel_of

EXPLAIN = f"{OF}/score"
WORDS = {"words": "当日因病住院，未能报告"}
NO_OBJECTION = {"outcome": "upheld", "reason": "住院日期与报告日不符"}


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


async def missed(work, kind="written_report") -> str:
    """A breach that an officer noted; its fact."""
    entry = {"subject": PERSON, "outcome": "missed"}
    await work.done("of-1", "/api/v1/duties/records", {"kind": kind, "entries": [entry]})
    facts = (await work.get(EXPLAIN))["facts"]
    return next(one["fact"] for one in facts if one["posted"] < 0)


async def shown(work, at):
    client = work.travel.sign_in("su-1")
    answer = await client.get(EXPLAIN, params={"at": at, "as_shown": "true"})
    assert answer.status_code == 200, answer.text
    return answer.json()["score"]["total"]


def now_of(work) -> str:
    return work.travel.site.one("SELECT clock_timestamp()").isoformat()


async def test_a_fact_under_objection_does_not_count_against_the_person_until_the_answer(work):
    fact = await missed(work)
    counted = await work.get(EXPLAIN)
    whole = next(one["without"] for one in counted["facts"] if one["fact"] == fact)
    assert counted["score"]["total"] == whole - 5
    marks = [(now_of(work), whole - 5)]
    filed = await work.done("person", f"/api/v1/me/facts/{fact}/objections", WORDS)
    own = await work.get("/api/v1/me/score", "person")
    assert own["score"]["total"] == whole
    assert [one["is_frozen"] for one in own["facts"] if one["fact"] == fact] == [True]
    (told,) = own["objections"]
    assert (told["id"], told["state"], told["answer"]) == (filed["id"], "open", None)
    assert told["due_at"] is not None
    assert "尚在处理" in own["text"]["zh"]
    assert "waits for its answer" in own["text"]["en"]
    assert (await work.get(f"{OF}/ledger"))["score"]["total"] == whole
    marks.append((now_of(work), whole))
    again = await work.post("of-1", f"/api/v1/facts/{fact}/objections", WORDS)
    assert refusal(again)[0] == "objected_once"
    path = f"/api/v1/fact-reviews/{filed['id']}"
    longer = await work.done("su-1", f"{path}/extension", {"note": "需调取就诊记录"}, version=1)
    later = (await work.get(EXPLAIN))["objections"][0]
    assert later["due_at"] > told["due_at"]
    assert later["extended_because"] == "需调取就诊记录"
    twice = await work.post("su-1", f"{path}/extension", {"note": "再延长"}, version=2)
    assert refusal(twice)[0] == "extended_once"
    await work.done("su-2", f"{path}/decision", NO_OBJECTION, version=longer["version"])
    own = await work.get("/api/v1/me/score", "person")
    assert own["score"]["total"] == whole - 5
    (told,) = own["objections"]
    assert (told["state"], told["answer"]) == ("upheld", NO_OBJECTION["reason"])
    assert NO_OBJECTION["reason"] in own["text"]["en"]
    marks.append((now_of(work), whole - 5))
    third = await work.post("person", f"/api/v1/me/facts/{fact}/objections", WORDS)
    assert refusal(third)[0] == "objected_once"
    owed = work.travel.site.rows("SELECT kind, state FROM deadline WHERE ref_kind = 'objection'")
    assert {row["kind"]: row["state"] for row in owed} == {
        "objection_answer": "cancelled",
        "objection_answer_extended": "met",
    }
    work.travel.clock.move(days=3)
    assert [await shown(work, at) for at, _ in marks] == [total for _, total in marks]


async def test_an_objection_that_is_upheld_takes_the_points_back_by_another_persons_answer(work):
    fact = await missed(work)
    found = await work.get(EXPLAIN)
    whole = found["score"]["total"] + 5
    filed = await work.done("su-1", f"/api/v1/facts/{fact}/objections", WORDS)
    path = f"/api/v1/fact-reviews/{filed['id']}/decision"
    reversed_ = {"outcome": "reversed", "verdict": "excused", "reason": "经查确在住院"}
    itself = await work.post("su-1", path, reversed_, version=1)
    assert refusal(itself)[0] == "second_person"
    late = work.travel.clock
    late.now += timedelta(hours=1)
    await work.done("su-2", path, reversed_, version=1)
    own = await work.get("/api/v1/me/score", "person")
    assert own["score"]["total"] == whole
    assert fact not in {one["fact"] for one in own["facts"]}
    assert own["objections"][0]["state"] == "reversed"
    assert "经查确在住院" in own["objections"][0]["zh"]
    twice = await work.post("person", f"/api/v1/me/facts/{fact}/objections", WORDS)
    assert refusal(twice)[0] == "fact_fell"
    with pytest.raises(Exception, match="answered once"):
        work.travel.site.rows(
            "UPDATE fact_review SET decision = '改写' WHERE id = %s", (filed["id"],)
        )


async def test_nobody_objects_to_another_persons_fact_and_an_officers_doubt_takes_none_away(work):
    fact = await missed(work)
    await work.done("of-1", f"/api/v1/facts/{fact}/reviews", {"note": "登记可能有误"})
    work.travel.site.add_account("other", "office-1", "subject", "s-7h3n2c")
    stranger = await work.post("other", f"/api/v1/me/facts/{fact}/objections", WORDS)
    assert stranger.status_code == 404
    await work.done("person", f"/api/v1/me/facts/{fact}/objections", WORDS)
    (own,) = (await work.get("/api/v1/me/score", "person"))["objections"]
    assert own["state"] == "open"
    assert {row["cause"] for row in (await work.get("/api/v1/fact-reviews"))["items"]} == {
        "officer",
        "objection",
    }

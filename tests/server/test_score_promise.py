"""A commitment that a person signed is a fact, once, and the explanation shows it."""

from datetime import datetime

import pytest

from server.scoring.promise import CURRENT, digest
from tests.server.measure_work import OF, PERSON, Work
from tests.server.travelling import travel_of

PROMISES, TEXTS = f"{OF}/score-promises", "/api/v1/score-promise-texts"


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def signed(work, **changed):
    return {"text_version": CURRENT, "signed_at": work.ago(hours=1)} | changed


def test_a_text_that_was_signed_is_never_changed():
    wanted = "c7996a746f7de17c360f2ba3cadb315a1a9b6aa609d6ea217094e7cbe28d71b1"
    assert digest(CURRENT).hex() == wanted


async def test_a_promise_is_recorded_with_its_text_and_told_to_the_person(work):
    texts = await work.get(TEXTS)
    assert texts["current"] == CURRENT
    made = await work.done("of-1", PROMISES, signed(work))
    assert made["text_sha256"] == texts["items"][0]["sha256"] == digest(CURRENT).hex()
    own = await work.get("/api/v1/me/score", "person")
    assert own["promises"] == [made]
    assert made["zh"] in own["text"]["zh"]
    assert made["en"] in own["text"]["en"]
    (share,) = [one for one in own["facts"] if one["fact"] == made["fact"]]
    assert (share["account"], share["posted"]) == ("commitment_signed", 5.0)


async def test_what_was_signed_later_is_not_told_of_an_earlier_day(work):
    made = await work.done("of-1", PROMISES, signed(work, signed_at=work.ago(days=3)))
    signed_at = datetime.fromisoformat(made["signed_at"])
    at = work.travel.clock.now.isoformat().replace("+", "%2B")
    known = await work.get(f"{OF}/score?at={at}")
    assert known["promises"] == [made]
    shown = await work.travel.sign_in("su-1").get(
        f"{OF}/score", params={"at": signed_at.isoformat(), "as_shown": True}
    )
    assert made["zh"] not in shown.text


async def test_a_promise_counts_once_however_it_came_in(work):
    fact = {
        "indicator": "commitment_signed",
        "occurred_at": work.ago(hours=2),
        "note": "纸质",
        "quantity": 1,
    }
    await work.done("of-1", f"{OF}/facts", fact)
    await work.done("of-1", PROMISES, signed(work))
    again = await work.post("of-1", PROMISES, signed(work))
    assert again.status_code == 409
    score = await work.get(f"{OF}/score")
    shares = [one["posted"] for one in score["facts"] if one["kind"] == "commitment_signed"]
    assert sum(shares) == 5.0
    assert len(score["promises"]) == 1


@pytest.mark.parametrize("column", ["is_minor", "is_sealed"])
async def test_a_minor_and_a_sealed_file_promise_nothing(work, column):
    work.travel.site.rows(f"UPDATE subject SET {column} = true WHERE id = '{PERSON}'")  # noqa: S608
    answer = await work.post("of-1", PROMISES, signed(work))
    assert answer.status_code in (404, 409)
    assert work.travel.site.rows("SELECT id FROM score_promise") == []
    assert work.travel.site.rows("SELECT id FROM fact WHERE indicator = 'commitment_signed'") == []


@pytest.mark.parametrize("changed", [{"text_version": "other"}, {"signed_at": "2099-01-01T00:00Z"}])
async def test_an_unknown_text_and_a_time_to_come_are_refused(work, changed):
    answer = await work.post("of-1", PROMISES, signed(work, **changed))
    assert answer.status_code == 422
    assert next(iter(changed)) in answer.text

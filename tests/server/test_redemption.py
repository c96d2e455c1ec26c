"""Redemption of points: an account beside the score that is never below nought."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.redemption.account import Line, entries, is_whole, lines, worth
from server.redemption.crediting import CREDITS
from server.rounds import Rounds
from server.scoring.closing import CLOSES
from server.scoring.policy import Redemption
from server.scoring.policy_file import default
from server.scoring.score import BEIJING
from tests.server.measure_work import OF, PERSON, Work, refusal
from tests.server.travelling import travel_of

ACCOUNT = f"{OF}/redemption-account"
ASK = "/api/v1/me/redemptions"
NOTE = "积分充足，同意兑换"
RULE = default().redemption
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MONTHS = st.dictionaries(st.integers(0, 5), st.integers(0, 40_000), max_size=6)


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        work = Work(travel)
        local = travel.clock.now.astimezone(BEIJING)
        travel.clock.now = (local.replace(day=15) + timedelta(days=31)).astimezone(UTC)
        yield work


async def enter(work, hours, days=1.0, kind="public_service_hour"):
    body = {"indicator": kind, "occurred_at": work.ago(days=days), "quantity": hours}
    return (await work.done("of-1", f"{OF}/facts", body | {"note": "敬老院劳动"}))["fact"]


async def close_month(work):
    local = work.travel.clock.now.astimezone(BEIJING)
    work.travel.clock.now = (local.replace(day=15) + timedelta(days=31)).astimezone(UTC)
    parts = work.travel.app.state.parts
    await Rounds(parts, CLOSES, every_s=60.0).round()
    # Two servers at once: a month is credited once.
    await asyncio.gather(*(Rounds(parts, CREDITS, every_s=60.0).round() for _ in range(2)))


async def asked(work, item="book", login="person", path=ASK):
    answer = await work.post(login, path, {"item": item})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def say(work, login, row, step, body):
    path = f"/api/v1/redemptions/{row['id']}/{step}"
    return await work.post(login, path, body, version=row["version"])


def test_a_month_is_worth_what_its_dimensions_gained_up_to_its_most():
    rule = Redemption(500, ("education",), 20_000, ())
    nets = {("education", "a"): 7_000, ("education", "b"): -9_000, ("employment", "c"): 9_000}
    assert worth(nets, rule) == 3_500
    assert worth(nets | {("education", "d"): 90_000}, rule) == 20_000
    assert worth(nets, None) == 0


@given(st.lists(st.tuples(MONTHS, st.integers(0, 30_000)), max_size=8))
def test_an_account_has_what_months_are_worth_less_what_was_spent_and_is_never_below_nought(drawn):
    of = {"subject_id": "s", "policy_version": "p", "author": "a", "redemption_id": None}
    rows, spent, waived, booked = [], 0, 0, {}
    for months, wish in drawn:
        wanted = dict.fromkeys(booked, 0) | months
        balance = rows[-1]["balance_milli"] if rows else 0
        new = lines(wanted, booked, balance)
        rows += entries(of, rows[-1] if rows else None, new, AT)
        booked = dict(wanted)
        waived += sum(line.points for line in new if line.kind == "waived")
        balance = rows[-1]["balance_milli"] if rows else 0
        assert balance == sum(wanted.values()) + waived - spent >= 0
        if 0 < wish <= balance:
            rows += entries(of, rows[-1], [Line("redeemed", None, -wish)], AT)
            spent += wish
        assert is_whole(rows)
        assert all(row["balance_milli"] >= 0 for row in rows)
        assert lines(wanted, booked, balance) == []
    for at in range(len(rows)):
        forged = [dict(row) for row in rows]
        forged[at]["points_milli"] += 1
        assert not is_whole(forged)


async def test_a_closed_month_is_credited_once_and_what_is_granted_is_taken_off(work):
    await enter(work, 12)
    await enter(work, 6, kind="education_hour")
    entries = "SELECT count(*), sum(points) FROM score_entry"
    before = work.travel.site.rows(entries)
    assert (await work.get(ACCOUNT))["balance"] == 0
    await close_month(work)
    account = await work.get(ACCOUNT)
    assert (account["balance"], account["available"], account["is_whole"]) == (15, 15, True)
    assert [one["id"] for one in account["offers"]] == [one.id for one in RULE.items]
    (line,) = account["lines"]
    assert (line["kind"], line["contra"]) == ("earned", f"policy/{default().version}")
    row = await asked(work)
    poor = await work.post("person", ASK, {"item": "book"})
    assert refusal(poor) == ("not_enough_points", None)
    unknown = await work.post("person", ASK, {"item": "freedom"})
    assert unknown.status_code == 422
    body = {"outcome": "granted", "note": NOTE}
    granted = await say(work, "of-1", row, "decision", body)
    assert granted.json()["state"] == "granted"
    own = await work.get("/api/v1/me/redemption-account", "person")
    assert (own["balance"], own["redemptions"][0]["note"]) == (0, NOTE)
    assert work.travel.site.rows(entries) == before
    again = await say(
        work, "of-1", granted.json(), "decision", {"outcome": "refused", "note": "x y"}
    )
    assert again.status_code == 409
    assert len((await work.get("/api/v1/redemptions?state=granted"))["items"]) == 1


async def test_who_asked_does_not_decide_and_who_granted_does_not_take_back(work):
    await enter(work, 12)
    await enter(work, 12, kind="education_hour")
    await close_month(work)
    row = await asked(work, login="of-1", path=f"{OF}/redemptions")
    body = {"outcome": "granted", "note": NOTE}
    assert refusal(await say(work, "of-1", row, "decision", body))[0] == "second_person"
    row = (await say(work, "su-1", row, "decision", body)).json()
    reason = {"reason": "本人未领取"}
    assert refusal(await say(work, "su-1", row, "reversal", reason))[0] == "second_person"
    before = (await work.get(ACCOUNT))["balance"]
    back = await say(work, "su-2", row, "reversal", reason)
    assert back.json()["state"] == "reversed"
    account = await work.get(ACCOUNT)
    assert account["balance"] == before + 15
    assert [one["kind"] for one in account["lines"]] == ["earned", "redeemed", "returned"]
    twice = await say(work, "su-1", back.json(), "reversal", reason)
    assert twice.status_code == 409


async def test_a_fact_that_fell_is_corrected_and_what_was_spent_is_waived(work):
    fact = await enter(work, 12)
    await enter(work, 6, kind="education_hour")
    await close_month(work)
    row = await asked(work)
    await say(work, "of-1", row, "decision", {"outcome": "granted", "note": NOTE})
    review = await work.done("of-1", f"/api/v1/facts/{fact}/reviews", {"note": "记录有误"})
    verdict = {"outcome": "reversed", "verdict": "technical", "reason": "当日并未参加"}
    await work.done("su-1", f"/api/v1/fact-reviews/{review['id']}/decision", verdict,
                    version=review["version"])  # fmt: skip
    await close_month(work)
    account = await work.get(ACCOUNT)
    assert (account["balance"], account["is_whole"]) == (0, True)
    assert [(one["kind"], one["points"]) for one in account["lines"]][2:] == [
        ("waived", 12), ("corrected", -12),
    ]  # fmt: skip
    await enter(work, 4)
    await close_month(work)
    assert (await work.get(ACCOUNT))["balance"] == 4


async def test_two_who_grant_at_once_cannot_take_an_account_below_nought(work):
    await enter(work, 12)
    await enter(work, 6, kind="education_hour")
    await close_month(work)
    first = await asked(work)
    # As if both had been asked for before either was counted.
    work.travel.site.rows(
        "INSERT INTO redemption SELECT 'rd-' || repeat('a', 24), org_id, subject_id, item, zh, en,"
        " cost_milli, policy_version, asked_by, asked_at FROM redemption"
    )
    second = first | {"id": "rd-" + "a" * 24}
    body = {"outcome": "granted", "note": NOTE}
    answers = await asyncio.gather(
        say(work, "of-1", first, "decision", body), say(work, "su-1", second, "decision", body)
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    account = await work.get(ACCOUNT)
    assert (account["balance"], account["is_whole"]) == (0, True)


async def test_minors_have_no_account(work):
    work.travel.site.rows("UPDATE subject SET is_minor = true WHERE id = %s", (PERSON,))
    answer = await work.travel.sign_in("person").get("/api/v1/me/redemption-account")
    assert answer.status_code == 409

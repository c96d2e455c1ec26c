"""How often alerts were right: tallies that every move keeps, and what is told of them."""

import asyncio
import random
from datetime import timedelta

import pytest

from server.precision.folding import Folding
from tests.server.alert_work import alert_work_of
from tests.server.tally_scan import scanned, tallied

PATH = "/api/v1/alert-precision"


@pytest.fixture
async def work(site):
    async with alert_work_of(site) as desk:
        yield desk


async def fold(work):
    return await Folding(work.travel.app.state.parts.database, every_s=60.0).round()


async def listed(work, login="su-1", **asked):
    answer = await work.travel.sign_in(login).get(PATH, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def judge(work, *verdicts, **given):
    """Alerts that were raised and got these verdicts."""
    for number, verdict in enumerate(verdicts):
        name = f"{verdict}-{given.get('rule', 'exclusion')}-{number}"
        await work.comes(episode=name, **given)
        if verdict != "undecided":
            answer = await work.do("su-1", "resolve", name, verdict=verdict)
            assert answer.status_code == 200, answer.text


async def test_each_rule_tells_what_officers_made_of_its_alerts(work):
    await judge(work, "confirmed", "false", "false", "technical", "excused", "undecided")
    await judge(work, "technical", rule="low_battery")
    page = await listed(work, grain="whole")
    assert [row["key"] for row in page["items"]] == ["exclusion", "low_battery"]
    exclusion = page["items"][0]
    counts = {name: exclusion[name] for name in ("raised", "undecided", "confirmed", "false")}
    assert counts == {"raised": 6, "undecided": 1, "confirmed": 1, "false": 2}
    assert exclusion["precision"] == {"share": 0.2, "low": 0.0362, "high": 0.6245}
    before = await listed(work)
    assert await fold(work) > 0
    assert await fold(work) == 0
    assert await listed(work) == before


async def test_an_alert_says_how_its_like_turned_out_and_leaves_itself_out(work):
    await judge(work, "confirmed", "false", "false")
    await judge(work, "technical", rule="low_battery")
    await work.comes(episode="new")
    alike = (await work.alert("new"))["alike"]
    assert (alike["by"], alike["judged"], alike["confirmed"]) == ("fence_kind", 3, 1)
    alike = (await work.alert("confirmed-exclusion-0"))["alike"]
    assert (alike["judged"], alike["confirmed"]) == (2, 0)
    alike = (await work.alert("technical-low_battery-0"))["alike"]
    assert (alike["by"], alike["judged"], alike["precision"]) == ("device_model", 0, None)


async def test_a_verdict_taken_back_is_counted_back(work):
    await judge(work, "false")
    await work.do("su-1", "reopen", "false-exclusion-0")
    (row,) = (await listed(work))["items"]
    assert (row["raised"], row["undecided"], row["false"], row["precision"]) == (1, 1, 0, None)


async def test_counts_end_with_the_scope_and_go_on_by_cursor(work):
    await judge(work, "false", "confirmed")
    await judge(work, "technical", rule="low_battery")
    work.travel.site.add_org("county-b", "/")
    work.travel.site.add_account("of-b", "county-b", "officer")
    assert (await listed(work, "of-b"))["items"] == []
    theirs = await work.travel.sign_in("of-b").get(PATH, params={"org": "office-1"})
    assert theirs.status_code == 404
    first = await listed(work, limit=1)
    second = await listed(work, limit=1, cursor=first["next_cursor"])
    assert [row["key"] for page in (first, second) for row in page["items"]] == [
        "exclusion",
        "low_battery",
    ]
    by_org = await listed(work, by="org", org="county-a", grain="whole")
    found = [(row["key"], row["raised"]) for row in by_org["items"]]
    assert found == [("county-a", 3), ("office-1", 3)]


async def test_a_period_is_at_most_a_year(work):
    for asked in ({"from": "2024-01-01"}, {"from": "2026-01-02", "until": "2026-01-02"}):
        answer = await work.travel.sign_in("su-1").get(PATH, params=asked)
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("seed", range(3))
async def test_tallies_are_what_a_scan_finds_after_any_history(work, seed):
    choose = random.Random(seed)  # noqa: S311 - a seeded choice of a test
    names = {"e-1": "exclusion", "e-2": "strap", "e-3": "low_battery"}
    for name, rule in names.items():
        await work.comes(episode=name, rule=rule)
    for _ in range(25):
        name, rule = choose.choice(list(names.items()))
        move = choose.choice(["news", "act", "act", "fold"])
        if move == "news":
            change = choose.choice(["raised", "amended", "cleared", "superseded"])
            severity = choose.choice(["minor", "major", "critical"])
            await work.comes(change, episode=name, rule=rule, severity=severity, late=True)
        elif move == "fold":
            await asyncio.gather(fold(work), fold(work))
        else:
            await act(work, choose, name)
        assert tallied(work.travel.site) == scanned(work.travel.site)


async def act(work, choose, name):
    """Two people at once; either may be refused."""
    version = (await work.alert(name))["version"]

    def one(login):
        action = choose.choice(["acknowledge", "resolve", "shelve", "unshelve", "reopen"])
        body = {"note": "已核实情况"}
        if action == "resolve":
            body["verdict"] = choose.choice(["confirmed", "false", "technical", "excused"])
        if action == "shelve":
            body["until"] = (work.travel.clock.now + timedelta(hours=5)).isoformat()
        return work.post(login, f"/alerts/{name}/{action}", body, version=version)

    answers = await asyncio.gather(one("of-1"), one("su-1"))
    assert {answer.status_code for answer in answers} <= {200, 409, 412}

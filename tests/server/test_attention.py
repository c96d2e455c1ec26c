"""Who was shown, opened and did what at the alert desk, in what time, and the nuisance budget."""

from datetime import timedelta

import pytest

from tests.server.alert_work import alert_work_of

BUDGET = "/api/v1/alert-budget"


@pytest.fixture
async def work(site):
    async with alert_work_of(site) as desk:
        yield desk


async def see(work, login, **ids):
    answer = await work.travel.sign_in(login).post("/api/v1/alerts/seen", json=ids)
    assert answer.status_code == 204, answer.text


async def lines(work, reader="of-1", **asked):
    items = (await work.get(reader, "/api/v1/alert-record", **asked)).json()["items"]
    return [(one["what"], one["alert"]) for one in items]


async def test_the_first_time_that_an_alert_was_shown_and_opened_stands(work):
    await work.comes(episode="e-1")
    await work.comes(episode="e-2", rule="strap")
    await see(work, "of-1", shown=["e-1", "e-2", "nobody's"])
    await see(work, "of-1", opened=["e-1"])
    before = (await work.get("of-1", "/api/v1/alert-record")).json()
    await see(work, "of-1", shown=["e-2", "e-1"], opened=["e-1"])
    assert (await work.get("of-1", "/api/v1/alert-record")).json() == before
    assert sorted(await lines(work)) == [("opened", "e-1"), ("shown", "e-1"), ("shown", "e-2")]
    assert all(one["after_s"] >= 0 for one in before["items"])


async def test_a_record_goes_on_by_cursor_and_holds_what_was_done(work):
    await work.comes(episode="e-1")
    await see(work, "of-1", shown=["e-1"], opened=["e-1"])
    await work.do("of-1", "acknowledge", "e-1")
    await work.do("of-1", "resolve", "e-1", verdict="false")
    whole = await lines(work)
    assert [what for what, _ in whole[:2]] == ["resolved", "acknowledged"]
    assert {what for what, _ in whole[2:]} == {"shown", "opened"}
    paged, cursor = [], None
    while True:
        asked = {"limit": 1} | ({} if cursor is None else {"cursor": cursor})
        page = (await work.get("of-1", "/api/v1/alert-record", **asked)).json()
        paged += [(one["what"], one["alert"]) for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole


async def test_an_officer_reads_the_own_record_and_a_supervisor_the_offices(work):
    await work.comes(episode="e-1")
    await see(work, "of-1", shown=["e-1"])
    assert await lines(work, "su-1", login="of-1") == [("shown", "e-1")]
    await work.get("of-2", "/api/v1/alert-record", 403, login="of-1")
    await work.get("su-1", "/api/v1/alert-record", 404, login="nobody")
    work.travel.site.add_org("county-b", "/")
    work.travel.site.add_account("su-b", "county-b", "supervisor")
    await work.get("su-b", "/api/v1/alert-record", 404, login="of-1")
    await see(work, "su-b", shown=["e-1"])
    assert await lines(work, "su-b") == []
    file = await work.get("of-1", "/api/v1/alert-record/file")
    text = file.content.decode("utf-8-sig")
    assert text.startswith("# 报警值守履职记录 of-1")
    assert ",shown,e-1,exclusion,critical,office-1," in text


async def test_times_are_from_raising_to_each_stage_and_a_reopening_takes_the_last_back(work):
    for name in ("e-1", "e-2"):
        await work.comes(episode=name)
    work.travel.site.rows("UPDATE alert SET raised_at = raised_at - interval '100 s'")
    await see(work, "of-1", shown=["e-1"])
    await work.do("of-1", "acknowledge", "e-1")
    await work.do("of-1", "resolve", "e-1", verdict="false")
    (row,) = (await work.get("su-1", "/api/v1/alert-times")).json()["items"]
    assert (row["org"], row["severity"], row["alerts"]) == ("office-1", "critical", 2)
    counts = [row[name]["count"] for name in ("shown", "acknowledged", "on_site", "resolved")]
    assert counts == [1, 1, 0, 1]
    assert 100 <= row["shown"]["median_s"] <= row["resolved"]["p95_s"] < 200
    assert row["on_site"]["median_s"] is None
    await work.do("su-1", "reopen", "e-1")
    (row,) = (await work.get("su-1", "/api/v1/alert-times")).json()["items"]
    assert (row["acknowledged"]["count"], row["resolved"]["count"]) == (1, 0)


async def test_the_budget_is_overdrawn_by_what_nobody_confirmed(work):
    await work.comes(episode="e-1")
    budget = (await work.get("su-1", BUDGET)).json()
    (people,) = work.travel.site.rows(
        "SELECT count(DISTINCT subject_id) AS n FROM positioning_order"
        " WHERE valid_from <= now() AND least(valid_to, lifted_at) > now()"
    )
    today = budget["periods"][-1]
    assert (today["subject_days"], today["alerts"], today["nuisance"]) == (people["n"], 1, 1)
    assert (budget["budget_per_subject_day"], budget["status"]) == (0.26, "product")
    assert len(budget["periods"]) in range(8, 15)
    assert today["is_overdrawn"]
    await work.do("of-1", "resolve", "e-1", verdict="confirmed")
    today = (await work.get("su-1", BUDGET)).json()["periods"][-1]
    assert (today["alerts"], today["nuisance"], today["is_overdrawn"]) == (1, 0, False)


async def test_days_to_come_are_nobodys_yet(work):
    budget = (
        await work.get("su-1", BUDGET, **{"from": "2099-01-01", "until": "2099-01-03"})
    ).json()
    assert (budget["subject_days"], budget["is_overdrawn"]) == (0, False)


async def test_people_with_several_orders_count_once_a_day(work):
    site = work.travel.site
    site.rows("DELETE FROM positioning_order")
    for number, (begin, end, lifted) in enumerate([(9, 5, None), (5, 2, 4), (1, -3, None)]):
        site.rows(
            "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by,"
            " approved_at, valid_from, valid_to, lifted_at) SELECT %(id)s, 'county-a',"
            " 's-4k2m9q', 1, 'head', d - make_interval(days => %(begin)s),"
            " d - make_interval(days => %(begin)s), d - make_interval(days => %(end)s),"
            " d - make_interval(days => %(lifted)s::int)"
            " FROM (SELECT date_trunc('day', now(), 'Asia/Shanghai') AS d) t",
            {"id": f"po-{number}", "begin": begin, "end": end, "lifted": lifted},
        )
    periods = (await work.get("su-1", BUDGET)).json()["periods"]
    # From nine days ago to before four days ago, and yesterday and today.
    assert [one["subject_days"] for one in periods][-8:] == [1, 1, 1, 0, 0, 0, 1, 1]
    days = sum(one["subject_days"] for one in periods)
    whole = (await work.get("su-1", BUDGET, grain="week")).json()
    assert (whole["subject_days"], len(whole["periods"])) == (days, 2)


async def test_the_budget_says_what_it_was_spent_on(work):
    for name in ("e-1", "e-2"):
        await work.comes(episode=name)
    await work.comes(episode="e-3", rule="low_battery", severity="minor")
    keys = {
        "rule": ("exclusion", 2),
        "device_model": ("wristband", 3),
        "device": ("wb-000001", 3),
        "fence": ("f-school", 2),
        "subject": ("s-4k2m9q", 3),
    }
    for by, (key, nuisance) in keys.items():
        page = (await work.get("su-1", BUDGET + "/reasons", by=by)).json()
        first = page["items"][0]
        assert (first["key"], first["nuisance"]) == (key, nuisance), by
        assert first["name"] == {"fence": "城关小学", "subject": "张三"}.get(by)
    await work.get("su-1", BUDGET + "/reasons", 404, org="county-x")


async def test_an_organisation_sets_its_own_budget(work):
    body = {"overrides": {"nuisance_budget_centi_per_day": 50}, "source": "青溪司〔2026〕3号"}
    answer = await work.travel.sign_in("su-1").post("/api/v1/policy", json=body)
    assert answer.status_code == 201, answer.text
    work.travel.clock.now += timedelta(seconds=1)
    budget = (await work.get("of-1", BUDGET)).json()
    assert (budget["budget_per_subject_day"], budget["source"]) == (0.5, "青溪司〔2026〕3号")

"""A policy is tried on people of a past period before anybody signs it."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.score_trials.fairness import (
    Limits,
    Outcome,
    age_band,
    bootstrap,
    fairness,
    newcombe,
    wilson,
)
from server.score_trials.trying import judged, reasons, with_draft
from server.scoring import ledger_store
from server.scoring.closing import last_month
from server.scoring.kinds import CODES, NUMBER_OF
from server.scoring.policy_file import default, default_text, policy_of
from server.scoring.population import Facts
from server.scoring.posting import Fact, record_fact
from server.scoring.schedule import Schedule, Signed
from server.trends.asking import month_text
from server.trends.grid import ABSENT, GRADES
from tests.server.measure_work import Work
from tests.server.travelling import travel_of

POLICIES = "/api/v1/score-policies"
TEXT = default_text().replace(f"version: {default().version}", "version: qingxi-2027", 1)
HALVED = TEXT.replace("            points: 40\n", "            points: 20\n", 1)
LIMITS = Limits(0.8, 10_000)
MONTH = 2026 * 12 + 9


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def test_intervals_are_those_of_the_published_examples():
    # Newcombe 1998, table II, method 10: 56/70 less 48/80.
    low, high = newcombe(56, 70, 48, 80)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    values, others = np.arange(100) + 20, np.arange(100)
    assert bootstrap(values, others, 1) == bootstrap(values, others, 1)
    low, high = bootstrap(values, others, 1)
    assert low < 20 < high


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (None, "unknown"),
        (date(1996, 11, 2), "under 30"),
        (date(1996, 11, 1), "30-39"),
        (date(1966, 11, 1), "60+"),
    ],
)
def test_an_age_band_is_of_whole_years(born, band):
    assert age_band(born, date(2026, 11, 1)) == band


def test_a_group_that_fares_worse_is_warned_of_and_small_ones_are_hidden():
    after = np.array([400_000] * 40 + [460_000] * 60, np.int64)
    grade = np.where(after < 420_000, GRADES.index("orange"), GRADES.index("blue"))
    outcome = Outcome(after, after, grade, grade)
    sex = ["female"] * 40 + ["male"] * 60
    rare = ["a"] * 3 + ["b"] * 47 + ["c"] * 50
    rows, warnings = fairness({"sex": sex, "category": rare}, outcome, LIMITS, 1)
    (female, male) = rows[0]["groups"]
    assert (female["ratio"], male["ratio"]) == (0.0, 1.0)
    assert female["gap"]["value"] == -60.0
    assert {(one["code"], one["group"]) for one in warnings if one["attribute"] == "sex"} == {
        ("share_ratio", "female"),
        ("mean_gap", "female"),
        ("mean_gap", "male"),
    }
    assert [one["hidden"] for one in rows[1]["groups"]] == [True, True, False]
    same = Outcome(after, np.full(100, 450_000), grade, np.ones(100, np.int64))
    assert fairness({"sex": sex}, same, LIMITS, 1)[1] == []


def test_a_draft_gives_way_to_what_a_nearer_organisation_signed():
    draft, near = policy_of(HALVED), policy_of(HALVED.replace("qingxi-2027", "office-2027"))
    base = Schedule((Signed(MONTH - 9, 20, near), Signed(MONTH - 3, 5, default())))
    tried = with_draft(base, draft, MONTH - 4, 5)
    assert tried.at(MONTH) is near
    assert with_draft(Schedule(base.signed[1:]), draft, MONTH - 4, 5).at(MONTH) is draft
    assert with_draft(Schedule(()), draft, MONTH - 4, 5).at(MONTH - 5) is default()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(CODES), st.integers(0, 12)), max_size=30)
)
def test_what_indicators_differ_by_is_what_unbounded_scores_differ_by(rows):
    columns = np.array(
        [(who, MONTH - back, NUMBER_OF[kind], 5, 1000, 0) for who, kind, back in rows], np.int64
    ).reshape(-1, 6)
    facts, opened = Facts(*columns.T), np.full(3, MONTH - 20, np.int64)
    before = Schedule(())
    after = with_draft(before, policy_of(HALVED), MONTH - 6, 1)
    why = reasons(facts, opened, MONTH, before, after)
    for who in range(3):
        praised = sum(row[:2] == (who, "praise") and row[2] <= 6 for row in rows)
        assert {one["indicator"] for one in why[who]} <= {"praise"}
        assert bool(why[who]) == (praised > 0)
    public = np.full(3, ABSENT, np.int64)
    old = judged(facts, opened, public, MONTH, before)
    new = judged(facts, opened, public, MONTH, after)
    assert (new.management <= old.management).all()
    assert all(not why[who] or old.total[who] >= new.total[who] for who in range(3))


async def seed(work):
    """Six women with a praise in the last month, six men without; a minor, a sealed file."""
    site, now = work.travel.site, work.travel.clock.now
    _, ends_at = last_month(now)
    people = [(f"s-f-{number}", "female") for number in range(6)]
    people += [(f"s-m-{number}", "male") for number in range(6)]
    people += [("s-minor", "female"), ("s-sealed", "female")]
    for person, sex in people:
        site.rows(
            "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
            " VALUES (%s, 'office-1', %s, 'probation', %s, '2024-01-01', '2030-01-01')",
            (person, person, person == "s-minor"),
        )
        site.rows("UPDATE case_file SET sex = %s WHERE subject_id = %s", (sex, person))
    opening = {"part": "management", "dimension": "opening", "indicator": "opening"}
    opening |= {"account": "opening", "points": Decimal(450), "fact_id": None, "evidence": {}}
    opening |= {"effective_at": ends_at - timedelta(days=100), "author": "test", "reverses": None}
    opening |= {"policy_version": default().version}
    async with work.travel.app.state.parts.database.work() as connection:
        await connection.execute("SET LOCAL guitu.opened = '*'")
        await ledger_store.lock_ledger(connection, "office-1")
        entries = [opening | {"subject_id": person} for person, _ in people]
        await ledger_store.append(connection, "office-1", entries)
        for person, sex in people:
            fact = Fact(
                id=hashlib.sha256(person.encode()).hexdigest()[:32],
                org_id="office-1",
                subject_id=person,
                indicator="praise",
                occurred_at=ends_at - timedelta(days=5),
                quantity=Decimal(1),
                evidence={},
                confirmed_by="su-1",
                note="",
            )
            if sex == "female":
                await record_fact(connection, fact)
    site.rows("UPDATE subject SET is_sealed = true WHERE id = 's-sealed'")
    return month_text(last_month(now)[0])


async def test_a_trial_says_who_would_move_and_why_and_its_signer_names_what_was_seen(work):
    month = await seed(work)
    made = await work.done("su-1", POLICIES, {"content": HALVED})
    months = {"since": month, "until": month}
    trial = await work.done("su-1", f"{POLICIES}/qingxi-2027/trials", months)
    figures = trial["figures"]
    assert (figures["people"], figures["moved"], figures["worse"]) == (12, 6, 6)
    assert figures["matrix"]["green"]["blue"] == 6
    assert [(one["indicator"], one["mean"]) for one in figures["indicators"]] == [("praise", -20.0)]
    assert {(one["code"], one["group"]) for one in figures["warnings"]} == {
        ("mean_gap", "female"),
        ("mean_gap", "male"),
    }
    kept = work.travel.site.one("SELECT content FROM score_trial")
    assert hashlib.sha256(kept.encode()).hexdigest() == trial["sha256"]
    movers = await work.get(f"/api/v1/score-trial-movers?trial={trial['id']}")
    assert [one["subject"] for one in movers["items"]] == [f"s-f-{number}" for number in range(6)]
    assert movers["items"][0]["reasons"][0]["points"] == -20.0
    admin = work.travel.sign_in("admin")
    assert (await admin.get(f"/api/v1/score-trials/{trial['id']}")).status_code == 200
    assert (await admin.get(f"/api/v1/score-trial-movers?trial={trial['id']}")).status_code == 403
    work.travel.site.rows("UPDATE subject SET is_sealed = true WHERE id = 's-f-0'")
    left = await work.get(f"/api/v1/score-trial-movers?trial={trial['id']}")
    assert len(left["items"]) == 5

    path = f"{POLICIES}/qingxi-2027/decision"
    signed: dict[str, object] = {"outcome": "signed", "valid_from": "2099-01-01"}
    signed["trial"] = "0" * 64
    other = await work.post("su-2", path, signed, version=made["edition"])
    assert "newest trial" in other.json()["errors"][0]["detail"]
    signed["trial"] = trial["sha256"]
    unsaid = await work.post("su-2", path, signed, version=made["edition"])
    assert unsaid.json()["errors"][0]["pointer"] == "/acknowledges_warnings"
    signed["acknowledges_warnings"] = True
    found = await work.done("su-2", path, signed, version=made["edition"])
    assert json.loads(found["record"])["trial"] == {"sha256": trial["sha256"], "warnings": 2}
    late = await work.post("su-1", f"{POLICIES}/qingxi-2027/trials", months)
    assert late.status_code == 409
    listed = await work.get(f"{POLICIES}/qingxi-2027/trials")
    assert [one["id"] for one in listed["items"]] == [trial["id"]]


async def test_a_text_is_tried_before_it_is_proposed_and_nothing_is_kept(work):
    month = await seed(work)
    asked = {"content": HALVED, "since": month, "until": month}
    found = await work.done("su-1", f"{POLICIES}/what-if", asked)
    assert found["figures"]["moved"] == len(found["movers"]) == 6
    broken = asked | {"content": HALVED.replace("points: 20", "points: x")}
    answer = await work.post("su-1", f"{POLICIES}/what-if", broken)
    assert "line " in answer.json()["errors"][0]["detail"]
    backwards = await work.post("su-1", f"{POLICIES}/what-if", asked | {"since": "2099-01"})
    assert backwards.status_code == 422
    assert work.travel.site.one("SELECT count(*) FROM score_trial") == 0

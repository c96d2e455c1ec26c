"""Distribution, movement, decline, comparison and notices through the interface."""

import pytest
from psycopg.types.json import Jsonb

from server.rounds import Rounds
from server.score_notices.raising import NOTICES
from server.scoring.closing import last_month
from server.trends.asking import month_text
from tests.server.measure_work import Work
from tests.server.travelling import travel_of

ANALYSIS = "/api/v1/score-analysis"
NOTES = "/api/v1/score-notices"
GRADES = ((480_000, "green"), (450_000, "blue"), (420_000, "yellow"), (390_000, "orange"))


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def grade(points):
    return next((name for limit, name in GRADES if points >= limit), "red")


def add_person(site, person, org, points, last, *, minor=False):
    """A person, and closed months of so many points each, the last one first."""
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
        " VALUES (%s, %s, %s, 'probation', %s, '2024-01-01', '2030-01-01')",
        (person, org, person, minor),
    )
    for back, now in enumerate(points):
        dimensions = {"daily_conduct": now - 350_000, "employment": 350_000}
        site.rows(
            "INSERT INTO score_month (org_id, subject_id, month, management_milli, dimensions,"
            " grade, out_of_milli) VALUES (%s, %s, %s, %s, %s, %s, 600000)",
            (org, person, last - back, now, Jsonb(dimensions), grade(now)),
        )


def seed(work):
    """Office 1 with six people, office 2 with three, office 3 with seven; all closed."""
    site, now = work.travel.site, work.travel.clock.now
    last, ends_at = last_month(now)
    for org in ("office-2", "office-3"):
        site.add_org(org, "/county-a/", "office")
    steady = [450_000] * 6
    add_person(site, "s-falls", "office-1", [410_000, 421_000, 429_000, 437_000, 445_000], last)
    for number in range(5):
        add_person(site, f"s-one-{number}", "office-1", steady, last)
    for number in range(3):
        add_person(site, f"s-two-{number}", "office-2", steady, last)
    for number in range(7):
        add_person(site, f"s-three-{number}", "office-3", [485_000, *steady[1:]], last)
    add_person(site, "s-minor", "office-1", [390_000, 420_000, 440_000, 460_000], last, minor=True)
    add_person(site, "s-sealed", "office-1", [390_000, 420_000, 440_000, 460_000], last)
    site.rows("UPDATE subject SET is_sealed = true WHERE id = 's-sealed'")
    for org in ("office-1", "office-2", "office-3"):
        site.rows(
            "INSERT INTO score_close (org_id, month, policy_version, people, total_milli, ends_at,"
            " closed_at) VALUES (%s, %s, 'guitu-2026-11', 1, 1, %s, %s)",
            (org, last, ends_at, now),
        )
    return last


async def test_an_office_reads_figures_of_its_people_and_no_small_group(work):
    last = seed(work)
    found = await work.get(f"{ANALYSIS}/distribution")
    assert (found["month"], found["people"]) == (month_text(last), 16)
    assert found["grades"] == {"green": 7, "blue": 8, "yellow": 0, "orange": 1, "red": 0}
    assert len(found["trend"]) == 12
    moved = await work.get(f"{ANALYSIS}/movement")
    assert moved["matrix"]["blue"]["green"] == 7
    assert (moved["better"], moved["worse"], moved["same"]) == (7, 1, 8)
    compared = await work.get(f"{ANALYSIS}/comparison")
    shown = {one["org"]: one["people"] for one in compared["items"] if not one["is_own"]}
    # Two of three shown would tell the three people of the third.
    assert shown == {"office-1": None, "office-2": None, "office-3": 7}
    assert compared["whole"]["people"] == 16
    alone = await work.get(f"{ANALYSIS}/distribution?org=office-1")
    assert (alone["people"], alone["hidden"], alone["grades"]) == (None, True, None)
    of_office = await work.get(f"{ANALYSIS}/distribution", "of-1")
    assert of_office["people"] == 6
    for view in ("distribution", "movement", "decline", "comparison"):
        answer = await work.travel.sign_in("su-1").get(f"{ANALYSIS}/file", params={"view": view})
        assert answer.status_code == 200, answer.text
        assert "s-sealed" not in answer.text
        assert "s-minor" not in answer.text
    other = await work.travel.sign_in("su-1").get(f"{ANALYSIS}/distribution?org=county-z")
    assert other.status_code == 404
    late = f"{ANALYSIS}/distribution?month={month_text(last + 1)}"
    assert (await work.travel.sign_in("su-1").get(late)).status_code == 422


async def test_who_declines_is_named_with_reasons_and_minors_and_sealed_files_are_not(work):
    seed(work)
    found = await work.get(f"{ANALYSIS}/decline")
    assert [one["subject"] for one in found["items"]] == ["s-falls"]
    (one,) = found["items"]
    assert (one["slope"], one["months"], one["grade"]) == (-8.0, 5, "orange")
    assert [why["dimension"] for why in one["reasons"]] == ["daily_conduct"]
    assert "日常行为" in one["text"]["zh"]
    assert {figure["status"] for figure in found["parameters"]} == {"product"}


async def test_a_changed_grade_is_in_effect_when_a_person_says_so_and_is_told_once(work):
    last = seed(work)
    rounds = Rounds(work.travel.app.state.parts, NOTICES, every_s=60.0)
    assert await rounds.round() == 3
    assert await rounds.round() == 0
    page = await work.get(f"{NOTES}?month={month_text(last)}&limit=5", "su-1")
    rest = await work.get(f"{NOTES}?limit=200&cursor={page['next_cursor']}", "su-1")
    items = page["items"] + rest["items"]
    kinds = sorted((one["subject"], one["kind"]) for one in items)
    assert kinds == [
        ("s-falls", "decline"),
        ("s-falls", "grade_change"),
        *((f"s-three-{number}", "grade_change") for number in range(7)),
    ]
    (changed,) = await _of(work, "s-falls", "grade_change")
    assert (changed["from_grade"], changed["to_grade"]) == ("yellow", "orange")
    assert "由轻微失信变为较重失信（421→410分）" in changed["text"]["zh"]
    assert "Daily conduct" in changed["text"]["en"]
    path = f"{NOTES}/{changed['id']}/decision"
    body = {"outcome": "confirmed", "note": "已约谈，情况属实"}
    stale = await work.post("of-1", path, body, version=7)
    assert stale.status_code == 412
    read = await work.travel.sign_in("auditor").post(path, json=body)
    assert read.status_code == 403
    decided = await work.done("of-1", path, body, version=1)
    assert (decided["state"], decided["decided_by"]) == ("confirmed", "of-1")
    again = await work.post("of-1", path, body, version=2)
    assert again.status_code == 409
    (act,) = work.travel.acts(kind="score_notice.confirmed")
    assert act["subject_id"] == "s-falls"
    with pytest.raises(Exception, match="stays"):
        work.travel.site.rows("UPDATE score_notice SET state = 'set_aside' WHERE state <> 'open'")
    assert (
        work.travel.site.one("SELECT count(*) FROM score_entry WHERE subject_id = 's-falls'") == 0
    )


async def _of(work, subject, kind):
    return (await work.get(f"{NOTES}?subject={subject}&kind={kind}", "of-1"))["items"]

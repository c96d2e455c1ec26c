"""Reward and restriction: a close proposes, a person decides, the person concerned may object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from server.rounds import Rounds
from server.scoring.closing import last_month
from server.scoring.policy import Treatment
from server.scoring.policy_file import default
from server.treatments.finding import Steps, since, steps
from server.treatments.proposing import TREATMENTS
from tests.server.measure_work import PERSON, Work, refusal
from tests.server.travelling import travel_of

OF = "/api/v1/score-treatments"
OWN = "/api/v1/me/score-treatments"
NOTE = "连续表现，经研究决定"
POINTS = {"green": 490_000, "blue": 455_000, "yellow": 430_000, "orange": 400_000, "red": 100_000}
GRADES = st.sampled_from(sorted(POINTS))
KNOWN = {one.id: one for one in default().treatments}


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def closed(work, grades, person=PERSON, org="office-1"):
    """Closed months with these grades, the last one first."""
    last, ends_at = last_month(work.travel.clock.now)
    for back, grade in enumerate(grades):
        work.travel.site.rows(
            "INSERT INTO score_month (org_id, subject_id, month, management_milli, dimensions,"
            " grade, out_of_milli) VALUES (%s, %s, %s, %s, %s, %s, 600000)",
            (org, person, last - back, POINTS[grade], Jsonb({}), grade),
        )
    work.travel.site.rows(
        "INSERT INTO score_close (org_id, month, policy_version, people, total_milli, ends_at,"
        " closed_at) VALUES (%s, %s, %s, 1, 1, %s, %s) ON CONFLICT DO NOTHING",
        (org, last, default().version, ends_at, work.travel.clock.now),
    )


def rounds(work):
    return Rounds(work.travel.app.state.parts, TREATMENTS, every_s=60.0)


async def next_month(work, grade, person=PERSON):
    work.travel.clock.move(days=31)
    closed(work, [grade], person)
    await rounds(work).round()


async def found(work, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return (await work.get(f"{OF}?{query}"))["items"]


async def one(work, treatment, **asked):
    (row,) = await found(work, treatment=treatment, **asked)
    return row


async def say(work, login, row, step, body):
    return await work.post(login, f"{OF}/{row['id']}/{step}", body, version=row["version"])


async def decided(work, login, row, outcome="in_force"):
    answer = await say(work, login, row, "decision", {"outcome": outcome, "note": NOTE})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_run_of_grades_is_broken_by_another_grade_and_by_a_month_without_a_close():
    first = KNOWN["leave_first"]
    assert since({10: "green"}, first, 10) is None
    assert since({10: "green", 9: "green"}, first, 10) == 9
    assert since({10: "green", 9: "blue", 8: "green"}, first, 10) is None
    assert since({10: "green", 8: "green", 7: "green"}, first, 10) is None
    assert since({10: "blue", 9: "green", 8: "blue"}, KNOWN["activities_first"], 10) == 8


@given(st.lists(GRADES, min_size=1, max_size=30), st.sampled_from(default().treatments))
def test_a_run_is_the_longest_that_ends_now(grades, treatment: Treatment):
    months = dict(enumerate(grades))
    last = len(grades) - 1
    begin = since(months, treatment, last)
    longest = 0
    while longest <= last and grades[last - longest] in treatment.grades:
        longest += 1
    assert begin == (last - longest + 1 if longest >= treatment.months else None)


@given(st.lists(st.tuples(st.sampled_from(["s-1", "s-2", "s-3"]), GRADES), max_size=3))
def test_what_a_close_proposes_once_in_force_it_neither_proposes_again_nor_doubts(drawn):
    people = {subject: dict.fromkeys(range(6), grade) for subject, grade in drawn}
    first = steps(people, [], 5, default())
    rows = [
        row | {"id": str(number), "state": "in_force", "doubted_month": None}
        for number, row in enumerate(first.proposed)
    ]
    again = steps(people, rows, 5, default())
    assert again == Steps((), (), (), (), ())
    gone = steps({}, rows, 5, default())
    assert (gone.proposed, set(gone.over)) == ((), {row["id"] for row in rows})


async def test_a_close_proposes_a_reward_and_it_holds_once_an_officer_says_so(work):
    closed(work, ["green", "green", "blue"])
    entries = "SELECT count(*) FROM score_entry"
    before = work.travel.site.one(entries)
    assert await rounds(work).round() == 1
    assert await rounds(work).round() == 0
    proposed = {row["treatment"] for row in await found(work, state="proposed")}
    assert proposed == {"leave_first", "activities_first"}
    row = await one(work, "leave_first")
    assert (row["kind"], row["grade"], row["is_carried_out"]) == ("reward", "green", False)
    assert "外出请假优先办理" in row["text"]["zh"]
    assert "连续2个月末" in row["reason"]["zh"]
    assert "2 months in a row" in row["reason"]["en"]
    assert (await work.get(OWN, "person"))["items"] == []
    stale = await work.post("of-1", f"{OF}/{row['id']}/decision",
                            {"outcome": "in_force", "note": NOTE}, version=7)  # fmt: skip
    assert stale.status_code == 412
    given = await decided(work, "of-1", row)
    assert (given["state"], given["decided_by"], given["is_carried_out"]) == (
        "in_force", "of-1", True,
    )  # fmt: skip
    (own,) = (await work.get(OWN, "person"))["items"]
    assert (own["id"], own["note"]) == (row["id"], NOTE)
    again = await say(work, "of-1", given, "decision", {"outcome": "in_force", "note": NOTE})
    assert refusal(again) == ("treatment_state", "pipl-24")
    assert work.travel.site.one(entries) == before
    (act,) = work.travel.acts(kind="score_treatment.in_force")
    assert (act["subject_id"], act["by_login"]) == (PERSON, "of-1")


async def test_what_is_against_the_person_only_the_county_decides(work):
    closed(work, ["orange"])
    await rounds(work).round()
    row = await one(work, "more_talks")
    answer = await say(work, "of-1", row, "decision", {"outcome": "in_force", "note": NOTE})
    assert refusal(answer) == ("power_decide", "pipl-24")
    row = await decided(work, "su-1", row)
    kept = await say(work, "su-1", row, "ending", {"outcome": "kept", "note": NOTE})
    assert refusal(kept) == ("treatment_undoubted", "pipl-24")
    ended = await say(work, "of-1", row, "ending", {"outcome": "ended", "note": NOTE})
    assert ended.json()["state"] == "ended"
    await next_month(work, "orange")
    assert [row["state"] for row in await found(work, treatment="more_talks")] == ["ended"]


async def test_a_reward_that_an_officer_gave_only_the_county_takes_and_a_close_proposes_it(work):
    closed(work, ["green", "green"])
    await rounds(work).round()
    row = await decided(work, "of-1", await one(work, "leave_first"))
    await next_month(work, "blue")
    row = await one(work, "leave_first", waiting="true")
    assert (row["state"], row["doubted_grade"], row["is_carried_out"]) == (
        "in_force", "blue", True,
    )  # fmt: skip
    assert "建议终止" in row["reason"]["zh"]
    taken = await say(work, "of-1", row, "ending", {"outcome": "ended", "note": NOTE})
    assert refusal(taken)[0] == "power_decide"
    kept = await say(work, "of-1", row, "ending", {"outcome": "kept", "note": NOTE})
    assert kept.json()["doubted"] is None
    await next_month(work, "blue")
    row = await one(work, "leave_first", waiting="true")
    ended = (await say(work, "su-1", row, "ending", {"outcome": "ended", "note": NOTE})).json()
    assert (ended["state"], ended["ended_by"]) == ("ended", "su-1")
    await next_month(work, "green")
    await next_month(work, "green")
    assert [row["state"] for row in await found(work, treatment="leave_first")] == [
        "proposed", "ended",
    ]  # fmt: skip


async def test_a_close_that_doubts_no_more_takes_its_doubt_back(work):
    closed(work, ["red", "red"])
    await rounds(work).round()
    row = await decided(work, "su-1", await one(work, "more_talks"))
    await next_month(work, "yellow")
    assert (await one(work, "more_talks"))["doubted_grade"] == "yellow"
    await next_month(work, "orange")
    assert (await one(work, "more_talks"))["doubted"] is None
    assert row["id"] == (await one(work, "more_talks"))["id"]


async def test_a_proposal_lapses_with_its_reason_and_what_was_set_aside_is_not_asked_again(work):
    closed(work, ["orange"])
    await rounds(work).round()
    await next_month(work, "yellow")
    assert (await one(work, "more_talks"))["state"] == "lapsed"
    await next_month(work, "orange")
    row = await one(work, "more_talks", state="proposed")
    await decided(work, "of-1", row, "set_aside")
    await next_month(work, "red")
    assert await found(work, treatment="more_talks", state="proposed") == []


async def test_minors_sealed_files_and_people_who_were_released_have_none(work):
    site = work.travel.site
    closed(work, ["red", "red"])
    for person, minor in (("s-minor", True), ("s-sealed", False)):
        site.rows(
            "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
            " VALUES (%s, 'office-1', %s, 'probation', %s, '2024-01-01', '2030-01-01')",
            (person, person, minor),
        )
        closed(work, ["red", "red"], person)
    site.rows("UPDATE subject SET is_sealed = true WHERE id = 's-sealed'")
    await rounds(work).round()
    assert {row["subject"] for row in await found(work)} == {PERSON}
    row = await decided(work, "su-1", await one(work, "more_talks"))
    site.rows(
        "UPDATE case_file SET stage = 'released', ended_at = now(), end_reason = 'expired'"
        " WHERE subject_id = %s",
        (PERSON,),
    )
    work.travel.clock.move(days=31)
    closed(work, ["red"], PERSON)
    await rounds(work).round()
    row = await work.get(f"{OF}/{row['id']}")
    assert (row["state"], row["ended_by"]) == ("ended", None)


async def test_an_objection_suspends_a_restriction_and_another_person_answers_it(work):
    closed(work, ["red"])
    await rounds(work).round()
    row = await decided(work, "su-1", await one(work, "more_talks"))
    words = {"words": "该月所依据的事实已经申诉"}
    filed = await work.post("person", f"{OWN}/{row['id']}/objections", words)
    assert filed.status_code == 201, filed.text
    assert filed.json()["is_carried_out"] is False
    again = await work.post("person", f"{OWN}/{row['id']}/objections", words)
    assert refusal(again) == ("objected_once", "measures-32")
    (clock,) = work.travel.site.rows(
        "SELECT kind, state FROM deadline WHERE ref_id = %s", (filed.json()["objection"]["id"],)
    )
    assert (clock["kind"], clock["state"]) == ("objection_answer", "open")
    (waits,) = await found(work, waiting="true", treatment="more_talks")
    body = {"outcome": "upheld", "answer": "所依据的事实已经撤销"}
    same = await say(work, "su-1", waits, "objection-decision", body)
    assert refusal(same) == ("second_person", "measures-32")
    lifted = (await say(work, "su-2", waits, "objection-decision", body)).json()
    assert (lifted["state"], lifted["ended_by"]) == ("ended", "su-2")
    assert lifted["objection"]["state"] == "upheld"
    late = await say(work, "su-2", lifted, "objection-decision", body)
    assert refusal(late)[0] == "no_open_objection"
    assert work.travel.site.one(
        "SELECT state FROM deadline WHERE ref_id = %s", (lifted["objection"]["id"],)
    ) == "met"  # fmt: skip


async def test_a_reward_that_was_not_given_may_be_objected_to_and_given(work):
    closed(work, ["green", "green"])
    await rounds(work).round()
    row = await one(work, "leave_first")
    unseen = await work.post("person", f"{OWN}/{row['id']}/objections", {"words": "请给予"})
    assert unseen.status_code == 404
    row = await decided(work, "su-1", row, "set_aside")
    taken = await work.done("of-1", f"{OF}/{row['id']}/objections", {"words": "请重新考虑"})
    body = {"outcome": "rejected", "answer": "理由充分，维持原决定"}
    given = await say(work, "su-2", taken, "objection-decision", body | {"outcome": "upheld"})
    assert given.json()["is_carried_out"] is True
    praised = await work.post("person", f"{OWN}/{row['id']}/objections", {"words": "再次"})
    assert refusal(praised)[0] in {"treatment_not_against", "objected_once"}


async def test_what_came_of_a_treatment_is_not_taken_back_by_hand(work):
    closed(work, ["orange"])
    await rounds(work).round()
    await next_month(work, "yellow")
    for statement in (
        "UPDATE score_treatment SET state = 'proposed' WHERE state = 'lapsed'",
        "DELETE FROM score_treatment",
    ):
        with pytest.raises(Exception, match="stays"):
            work.travel.site.rows(statement)

"""At the end of the term a person is given the score's course as a document."""

from datetime import date, datetime, timedelta

import pytest

from server.rounds import Rounds
from server.scoring.closing import CLOSES
from server.scoring.handover import may_be_made, merit_lines
from server.scoring.policy_file import default
from server.scoring.schedule import Schedule
from server.scoring.score import BEIJING
from tests.server.measure_work import OF, PERSON, Work
from tests.server.pdf_reading import text_of
from tests.server.travelling import travel_of

SUMMARIES = f"{OF}/score-summaries"
END = date(2027, 5, 31)


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


def ends_in(work, **parts):
    ends_on = (work.travel.clock.now.astimezone(BEIJING) + timedelta(**parts)).date()
    work.travel.site.rows("UPDATE subject SET term_to = %s WHERE id = %s", (ends_on, PERSON))


async def closed(work):
    """What counts for and against the person, and a month that is closed."""
    for fact in (
        {"indicator": "peer_help", "note": "帮助他人"},
        {"indicator": "commitment_signed", "note": "纸质承诺书"},
    ):
        await work.done(
            "of-1", f"{OF}/facts", fact | {"quantity": 1, "occurred_at": work.ago(days=0.1)}
        )
    work.travel.clock.move(days=35)
    work.travel.clock.now = work.travel.clock.now.astimezone(BEIJING).replace(day=5)
    await Rounds(work.travel.app.state.parts, CLOSES, every_s=60.0).round()


@pytest.mark.parametrize(
    ("stage", "today", "may"),
    [
        ("in_correction", END - timedelta(days=31), False),
        ("in_correction", END - timedelta(days=30), True),
        ("released", END + timedelta(days=400), True),
        ("released", END - timedelta(days=200), True),
        ("terminated", END, False),
        (None, END, False),
    ],
)
def test_it_is_made_at_release_or_shortly_before(stage, today, may):
    assert may_be_made(stage, END, today) is may


def test_what_counted_against_is_not_in_it():
    at = datetime(2027, 4, 18, 8, tzinfo=BEIJING)
    fact = {"occurred_at": at, "policy_version": default().version, "account": "unapproved_outing"}
    help_given = fact | {"account": "peer_help", "counted": 3.0}
    facts = [fact | {"counted": -8.9}, help_given]
    assert merit_lines(facts, Schedule(())) == ["2027-04-18 帮助其他矫正对象：现计3分"]
    assert merit_lines(facts[:1], Schedule(())) == ["无"]


@pytest.mark.article("pipl-24")
async def test_the_summary_says_each_month_and_what_counts_in_favour(work):
    ends_in(work, days=300)
    early = await work.post("of-1", SUMMARIES)
    assert early.status_code == 409
    assert "last 30 days of the term" in early.text
    await closed(work)
    ends_in(work, days=10)
    made = await work.done("of-1", SUMMARIES)
    person = work.travel.sign_in("person")
    answer = await person.get(f"/api/v1/documents/{made['document']}/content")
    text = text_of(answer.content)
    for wanted in (made["number"], "各月月末情况", "矫正管理", "帮助其他矫正对象：现计3分"):
        assert wanted in text
    assert work.travel.acts(kind="document.issued")[-1]["subject_id"] == PERSON


async def test_nothing_is_made_up_where_no_month_was_closed(work):
    ends_in(work, days=10)
    refused = await work.post("of-1", SUMMARIES)
    assert "no month of this person's score has been closed" in refused.text


@pytest.mark.parametrize("mark", ["is_minor", "is_sealed"])
async def test_a_minor_and_a_sealed_file_have_none(work, mark):
    await closed(work)
    ends_in(work, days=10)
    work.travel.site.rows(f"UPDATE subject SET {mark} = true WHERE id = %s", (PERSON,))  # noqa: S608 - from above
    refused = await work.post("of-1", SUMMARIES)
    assert refused.status_code in {403, 404, 409}
    assert work.travel.acts(kind="document.issued") == []

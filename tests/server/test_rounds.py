"""What falls due is settled, whatever becomes of the row before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rounds import LONGEST_BACKOFF, Due, Resting, Rounds, backoff
from tests.server.poisoned import BAD, CASES, GOOD
from tests.server.travelling import Clock, travel_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
POISON = """
  CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'poison'; END $$;
  CREATE CONSTRAINT TRIGGER poison AFTER {on} {when}
    FOR EACH ROW WHEN (NEW.{key} LIKE 'bad%') EXECUTE FUNCTION poison()"""


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


def settled(travel, case):
    query = f"SELECT {case.key} AS id FROM {case.settled} ORDER BY 1"  # noqa: S608 - constants
    rows = travel.site.rows(query)
    return [row["id"] for row in rows if row["id"] in (*BAD, *GOOD)]


@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.due.name)
async def test_a_poison_row_stops_no_other_and_is_tried_again(travel, case, when):
    await case.begin(travel)
    travel.site.rows(POISON.format(on=case.on, key=case.key, when=when))
    # On a clock of its own: what the app does by itself finds nothing due.
    clock = Clock(travel.clock.now)
    clock.move(hours=case.after_h)
    parts = replace(travel.app.state.parts, clock=clock)
    # The batch is full of rows that fail, and there are more of them.
    rounds = Rounds(parts, replace(case.due, most=2), every_s=60.0)
    assert (await rounds.round(), settled(travel, case)) == (2, list(GOOD))
    failed = parts.metrics.rows_failed.labels(case.due.name)
    assert failed._value.get() == len(BAD)
    travel.site.rows("DROP FUNCTION poison CASCADE")
    assert await rounds.round() == 0, "what failed is left alone for a while"
    clock.move(minutes=10)
    assert (await rounds.round(), settled(travel, case)) == (3, [*BAD, *GOOD])
    assert await rounds.round() == 0


async def test_what_is_found_again_at_once_keeps_no_round_going_for_ever(travel):
    tried = []

    async def find(work):
        return [{"id": "same"}] * work.most

    async def settle(_work, row):
        tried.append(row["id"])

    due = Due(name="x", find=find, settle=settle, most=1)
    await Rounds(travel.app.state.parts, due, every_s=1.0).round()
    assert len(tried) == 500


def test_a_row_rests_longer_every_time_up_to_ten_minutes():
    resting = Resting()
    ends = [resting.fails("row", NOW) - NOW for _ in range(9)]
    assert ends[:4] == [timedelta(seconds=seconds) for seconds in (10, 20, 40, 80)]
    assert ends[-1] == LONGEST_BACKOFF
    assert resting.ids(NOW) == ["row"]
    assert resting.ids(NOW + LONGEST_BACKOFF) == []
    resting.works("row")
    assert resting.fails("row", NOW) == NOW + backoff(1)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=50))
def test_what_rests_is_bounded_and_who_failed_longest_ago_goes_first(failing):
    resting = Resting(most=3)
    for row_id in failing:
        resting.fails(row_id, NOW)
    newest_first = list(dict.fromkeys(reversed(failing)))
    assert resting.ids(NOW) == newest_first[:3][::-1]

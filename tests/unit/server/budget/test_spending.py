"""What an organisation spent of its nuisance budget."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.budget.spending import Day, by_period, spent

MONDAY = date(2026, 11, 16)
DAYS = st.dictionaries(
    st.integers(0, 30).map(lambda number: MONDAY + timedelta(days=number)),
    st.tuples(st.integers(0, 50), st.integers(0, 40), st.integers(0, 40)),
).map(
    lambda found: {
        day: Day(day, people, alerts, min(alerts, confirmed))
        for day, (people, alerts, confirmed) in found.items()
    }
)


def test_at_the_budget_is_within_it_and_one_more_is_not():
    day = Day(MONDAY, people=100, alerts=30, confirmed=4)
    within = spent([day], 26)
    assert (within["nuisance"], within["left"], within["is_overdrawn"]) == (26, 0.0, False)
    over = spent([Day(MONDAY, people=100, alerts=30, confirmed=3)], 26)
    assert (over["left"], over["per_subject_day"], over["is_overdrawn"]) == (-1.0, 0.27, True)


def test_an_alert_where_nobody_is_watched_is_too_many():
    none = spent([Day(MONDAY, people=0, alerts=1, confirmed=0)], 26)
    assert (none["per_subject_day"], none["is_overdrawn"]) == (None, True)
    assert not spent([], 26)["is_overdrawn"]


@given(DAYS, st.integers(1, 1000), st.sampled_from(["day", "week"]))
def test_periods_add_up_to_the_whole(days, budget, grain):
    until = MONDAY + timedelta(days=31)
    periods = by_period(days, since=MONDAY, until=until, grain=grain, budget_centi=budget)
    whole = spent(days.values(), budget)
    for name in ("subject_days", "alerts", "nuisance"):
        assert sum(one[name] for one in periods) == whole[name]
    begins = [one["begins_on"] for one in periods]
    assert begins == sorted(set(begins))
    assert len(begins) == (31 if grain == "day" else 5)


def test_a_cut_week_begins_where_the_period_does():
    wednesday = MONDAY + timedelta(days=2)
    periods = by_period(
        {}, since=wednesday, until=wednesday + timedelta(days=7), grain="week", budget_centi=26
    )
    assert [one["begins_on"] for one in periods] == [wednesday, MONDAY + timedelta(days=7)]

"""Populations are folded as one ledger is, and as the oracle counts by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from server.scoring.kinds import CODES, NUMBER_OF
from server.scoring.policy_file import default, default_text
from server.scoring.population import Facts, fold_population, grades
from server.scoring.schedule import Schedule
from server.scoring.score import OPENING, Cell, fold, month_number
from server.scoring.targets import Standing, targets
from tests.oracles.score_fold import management

POLICY = default()
DOCUMENT = yaml.safe_load(default_text())
BEGIN = date(2023, 12, 1)
ON = date(2026, 11, 22)
FACTS = st.lists(
    st.tuples(
        st.integers(0, (ON - BEGIN).days).map(lambda days: BEGIN + timedelta(days=days)),
        st.sampled_from(CODES),
        st.integers(1, 24),
    ),
    max_size=40,
)
PEOPLE = st.lists(FACTS, min_size=1, max_size=4)


def columns(people):
    rows = [
        (number, day.year * 12 + day.month - 1, NUMBER_OF[kind], day.day, quantity * 1000, 0)
        for number, facts in enumerate(people)
        for day, kind, quantity in facts
    ]
    return Facts(*np.array(rows, np.int64).reshape(-1, 6).T)


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.randoms())
def test_a_population_is_folded_as_the_oracle_counts_and_in_any_order(people, random):
    month = ON.year * 12 + ON.month - 1
    opened = np.full(len(people), BEGIN.year * 12 + 11, np.int64)
    mixed = [random.sample(facts, len(facts)) for facts in people]
    found = fold_population(columns(mixed), len(people), opened, month, Schedule(()))
    for number, facts in enumerate(people):
        asked = [(day, kind, Fraction(quantity)) for day, kind, quantity in facts]
        total, dimensions = management(DOCUMENT, asked, ON)
        assert found.management[number] == total
        assert list(found.dimensions[number]) == list(dimensions.values())


@settings(max_examples=40, deadline=None)
@given(FACTS)
def test_the_fold_of_a_ledger_is_the_oracles(facts):
    cells = [Cell("management", OPENING, 0, POLICY.start)]
    standing: dict[str, list[Standing]] = {}
    for number, (day, kind, quantity) in enumerate(facts):
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        of = standing.setdefault(POLICY.of_fact[kind].id, [])
        of.append(Standing(str(number), at, Decimal(quantity)))
    for account, of in standing.items():
        wanted = targets(of, POLICY.indicators[account])
        cells += [
            Cell("management", account, month_number(one.occurred_at), wanted[one.id]) for one in of
        ]
    score = fold(cells, month_number(datetime(2026, 11, 22, tzinfo=UTC)), POLICY)
    asked = [(day, kind, Fraction(quantity)) for day, kind, quantity in facts]
    assert score is not None
    assert (score.management, dict(score.dimensions)) == management(DOCUMENT, asked, ON)


def test_a_fact_that_fell_leaves_nothing_and_later_ones_are_not_seen_before():
    strap = ("device_removal", 1)
    facts = columns([[(date(2026, 11, 3), *strap), (date(2026, 11, 20), *strap)]])
    fallen = Facts(
        *(
            np.append(getattr(facts, name), getattr(facts, name)[0] * sign)
            for name, sign in zip(facts.__slots__, (1, 1, 1, 1, -1, 1), strict=True)
        )
    )
    month, opened = ON.year * 12 + 10, np.zeros(1, np.int64)
    for chosen, points in ((facts, 390_000), (fallen, 420_000), (facts.until(month, 4), 420_000)):
        found = fold_population(chosen, 1, opened, month, Schedule(()))
        assert found.management.tolist() == [points]
    assert grades(np.array([480_000, 389_999]), POLICY, has_public=False) == ["green", "red"]

"""The score as a fold: pure, order-free, with the policy's figures."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.scoring import chain
from server.scoring.policy import WHOLE
from server.scoring.policy_file import default
from server.scoring.score import (
    BEIJING,
    OPENING,
    Cell,
    fold,
    grade_of,
    month_number,
    month_of,
    opening_points,
    public_points,
    weighted,
)
from server.scoring.targets import Standing, public_targets, targets

POLICY = default()
NOW = month_number(datetime(2026, 11, 22, tzinfo=UTC))
OPEN = Cell("management", OPENING, NOW - 40, 450_000)
CELLS = st.lists(
    st.builds(
        Cell,
        st.sampled_from(["management", "public"]),
        st.sampled_from(sorted(POLICY.indicators)),
        st.integers(NOW - 36, NOW),
        st.integers(-300_000, 300_000),
    ),
    max_size=20,
)


@given(CELLS, st.randoms())
def test_the_order_of_lines_does_not_matter(cells, random):
    shuffled = [OPEN, *cells]
    random.shuffle(shuffled)
    assert fold(shuffled, NOW, POLICY) == fold([OPEN, *cells], NOW, POLICY)


@given(CELLS)
def test_each_part_stays_within_its_most(cells):
    score = fold([OPEN, *cells], NOW, POLICY)
    assert score is not None
    assert 0 <= (score.public or 0) <= 400_000
    assert 0 <= score.management <= 600_000
    assert score.total == (score.public or 0) + score.management


def test_without_an_opening_there_is_no_score():
    assert fold([], NOW, POLICY) is None


def test_without_a_public_figure_the_total_is_out_of_600():
    score = fold([OPEN], NOW, POLICY)
    assert score is not None
    assert (score.public, score.total, score.out_of) == (None, 450_000, 600_000)
    assert score.grade == "blue"


@given(st.integers(-300_000, 300_000), st.integers(0, WHOLE))
def test_a_reversal_leaves_nothing_of_what_it_reverses(points, weight):
    assert weighted(points, weight) + weighted(-points, weight) == 0


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        (1_000_000, "green"),
        (800_000, "green"),
        (799_999, "blue"),
        (750_000, "blue"),
        (749_900, "yellow"),
        (700_000, "yellow"),
        (699_900, "orange"),
        (650_000, "orange"),
        (649_900, "red"),
        (0, "red"),
    ],
)
def test_a_grade_begins_on_its_cut_off(total, grade):
    assert grade_of(total, POLICY, has_public=True) == grade


def test_a_ledger_opens_with_forty_percent_and_the_starting_points():
    opening = opening_points(Decimal(812), POLICY)
    assert opening == {"public": Decimal("324.8"), "management": Decimal(450)}
    assert public_points(Decimal(812), POLICY) == Decimal("324.8")
    score = fold([OPEN, Cell("public", OPENING, NOW, 324_800)], NOW, POLICY)
    assert score is not None
    shown = score.described()
    assert sum(shown.pop("dimensions").values()) == 450
    assert shown == {
        "total": 774.8,
        "public": 324.8,
        "management": 450.0,
        "out_of": 1000.0,
        "grade": "blue",
    }


@given(st.lists(st.integers(1, 8), max_size=10), st.randoms())
def test_a_months_cap_holds_in_any_order(hours, random):
    service = POLICY.indicators["public_service_hour"]
    facts = [
        Standing(str(number), datetime(2026, 11, 1 + number, tzinfo=UTC), Decimal(quantity))
        for number, quantity in enumerate(hours)
    ]
    wanted = targets(facts, service)
    random.shuffle(facts)
    assert targets(facts, service) == wanted
    assert sum(wanted.values()) == min(sum(hours), 12) * 1000


def test_what_a_term_allows_is_not_exceeded_over_many_months():
    lowered = POLICY.indicators["risk_lowered"]
    facts = [
        Standing(str(month), datetime(2026, month, 5, tzinfo=UTC), Decimal(1))
        for month in range(1, 7)
    ]
    assert list(targets(facts, lowered).values()) == [5000, 5000, 5000, 0, 0, 0]


@given(st.lists(st.integers(300, 900), min_size=1, max_size=6))
def test_public_figures_add_up_to_the_last_one(figures):
    dated = [
        (Standing(str(day), datetime(2026, 11, day, tzinfo=UTC), Decimal(1)), figure)
        for day, figure in enumerate(figures, 1)
    ]
    assert sum(public_targets(dated, 320).values()) + 320 == figures[-1]
    assert sum(public_targets(dated, None).values()) == figures[-1]


def test_half_of_a_deduction_is_left_after_its_half_life():
    outing = POLICY.indicators["unapproved_outing"]
    assert outing.half_life_months == 6
    left = [weighted(-20_000, outing.weight(months)) for months in (0, 6, 12)]
    assert left == [-20_000, -10_000, -5_000]


def test_a_month_is_beijings():
    begin, end = month_of(datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    assert begin == datetime(2026, 12, 1, tzinfo=BEIJING)
    assert end == datetime(2027, 1, 1, tzinfo=BEIJING)
    assert month_number(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)) == 2026 * 12 + 11


def chained(count):
    entries = []
    prev_hash = chain.GENESIS
    for number in range(count):
        entry = dict.fromkeys(chain.CONTENT, "x") | {
            "id": number,
            "points": Decimal(number),
            "recorded_at": datetime(2026, 11, 22, tzinfo=UTC),
            "salt": bytes(16),
        }
        entry |= {"prev_hash": prev_hash, "commitment": chain.commitment_of(entry)}
        entry["hash"] = prev_hash = chain.hash_of(entry["prev_hash"], entry["commitment"])
        entries.append(entry)
    return entries


def test_an_untouched_chain_holds():
    assert chain.first_fault(chained(5)) is None
    assert chain.first_fault([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"points": Decimal(100)},
        {"author": "someone else"},
        {"salt": bytes(15) + b"x"},
        {"commitment": bytes(32)},
        {"hash": bytes(32)},
        {"prev_hash": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_breaks_the_chain_at_its_place(change):
    entries = chained(5)
    entries[2] |= change
    fault = chain.first_fault(entries)
    assert fault is not None
    assert fault.startswith("entry 2:")


def test_a_removed_entry_breaks_the_chain():
    entries = chained(5)
    del entries[2]
    assert chain.first_fault(entries) == "entry 3: does not follow the entry before it"

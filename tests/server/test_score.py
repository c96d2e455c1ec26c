"""The score as a fold: pure, order-free, with the policy's figures."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.scoring import chain
from server.scoring.policy import CURRENT
from server.scoring.score import BEIJING, fold, grade_of, month_of, opening_points, points_for

POINTS = st.decimals(min_value=-300, max_value=300, places=1)
ENTRIES = st.lists(st.tuples(st.sampled_from(["public", "management"]), POINTS), max_size=20)


@given(ENTRIES, st.randoms())
def test_the_order_of_facts_does_not_matter(entries, random):
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert fold(shuffled, CURRENT) == fold(entries, CURRENT)


@given(ENTRIES)
def test_each_part_stays_within_its_most(entries):
    score = fold(entries, CURRENT)
    if score is None:
        assert entries == []
        return
    assert 0 <= score.public <= 400
    assert 0 <= score.management <= 600
    assert score.total == score.public + score.management


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("1000", "green"),
        ("800", "green"),
        ("799.9", "blue"),
        ("750", "blue"),
        ("749.9", "yellow"),
        ("700", "yellow"),
        ("699.9", "orange"),
        ("650", "orange"),
        ("649.9", "red"),
        ("0", "red"),
    ],
)
def test_a_grade_begins_on_its_cut_off(total, grade):
    assert grade_of(Decimal(total), CURRENT) == grade


def test_a_ledger_opens_with_forty_percent_and_the_starting_points():
    opening = opening_points(Decimal(812), CURRENT)
    assert opening == {"public": Decimal("324.8"), "management": Decimal(450)}
    score = fold(opening.items(), CURRENT)
    assert score is not None
    assert score.described() == {
        "total": 774.8,
        "public": 324.8,
        "management": 450.0,
        "grade": "blue",
    }


@given(st.lists(st.integers(1, 8), max_size=10), st.randoms())
def test_a_months_cap_holds_in_any_order(hours, random):
    service = CURRENT.indicators["public_service_hour"]
    random.shuffle(hours)
    total, already = Decimal(0), Decimal(0)
    for quantity in map(Decimal, hours):
        total += points_for(service, quantity, already)
        already += quantity
    assert total == min(sum(hours), 12)


def test_nothing_left_of_a_months_cap_is_zero_and_not_minus_zero():
    neglect = CURRENT.indicators["low_battery_neglect"]
    assert str(points_for(neglect, Decimal(1), Decimal(2))) == "0"


def test_a_month_is_beijings():
    begin, end = month_of(datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    assert begin == datetime(2026, 12, 1, tzinfo=BEIJING)
    assert end == datetime(2027, 1, 1, tzinfo=BEIJING)


def test_every_figure_names_its_source_and_both_languages():
    for indicator in CURRENT.indicators.values():
        assert indicator.source
        assert indicator.reason_zh
        assert indicator.reason_en
    assert set(CURRENT.rule_indicators.values()) <= set(CURRENT.indicators)


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

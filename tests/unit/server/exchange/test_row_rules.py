"""What must hold between the cells of a row, and between rows."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exchange.kinds import KINDS
from server.exchange.order_rules import KnownOrders, order_faults
from server.exchange.parsing import parsed
from server.exchange.reading import rows_of
from server.exchange.subject_rules import Known, is_minor, subject_faults
from tests.server.sheets import ORDER, PERSON, csv_of

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
KNOWN = Known(
    levels={"county-a": "county", "office-1": "office", "city-1": "city"},
    subjects=frozenset({"s-4k2m9q"}),
    identities=frozenset({"11010519491231002X"}),
    logins=frozenset({"officer-1"}),
)
KNOWN_ORDERS = KnownOrders(
    subjects=frozenset({"s-7h3n2c", "s-4k2m9q"}),
    orders=frozenset({"eo-1"}),
    spans={"s-4k2m9q": [(NOW, NOW + timedelta(days=60))]},
)


def rows(kind, *given_rows):
    found = parsed(KINDS[kind], rows_of(csv_of(kind, list(given_rows))))
    assert found.faults == []
    return found.rows


def of_person(**changed):
    found = subject_faults(rows("subjects", PERSON | changed), KNOWN, TODAY)
    return [(one.column, one.why.rule, one.why.article) for one in found]


def of_orders(*changed):
    given_rows = [ORDER | one for one in changed]
    found = order_faults(rows("orders", *given_rows), KNOWN_ORDERS, NOW)
    return [(one.row, one.column, one.why.rule) for one in found]


def test_a_person_as_documents_say_has_no_fault():
    assert of_person() == []


@pytest.mark.article("law-17", "law-21", "law-22", "law-44", "law-54", "cpl-286")
@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        (
            {"birth_date": "2025-11-03", "officer": "officer-1"},
            [("offence_date", "order_of_dates", "law-22")],
        ),
        ({"judged_on": "2025-11-02"}, [("judged_on", "order_of_dates", "law-22")]),
        ({"effective_on": "2026-11-23"}, [("effective_on", "in_effect", "law-21")]),
        ({"effective_on": "2026-11-22"}, []),
        (
            {"term_from": "2026-01-01", "term_to": "2026-11-21"},
            [
                ("term_from", "order_of_dates", "law-22"),
                ("term_to", "term_runs", "law-44"),
            ],
        ),
        ({"term_to": "2026-11-22"}, []),
        ({"org": "city-1"}, [("org", "place_of_execution", "law-17")]),
        ({"org": "office-9"}, [("org", "place_of_execution", "law-17")]),
        ({"subject": "s-4k2m9q"}, [("subject", "exists", "law-22")]),
        ({"stage": "解矫"}, [("stage", "stage", None)]),
        ({"stage": "入矫"}, []),
        ({"is_sealed": "是"}, [("officer", "closed_file", "cpl-286")]),
        ({"is_sealed": "是", "officer": "officer-1"}, []),
        ({"is_sealed": "是", "officer": "officer-9"}, [("officer", "officer", None)]),
        ({"birth_date": "2007-11-04"}, [("officer", "closed_file", "law-54")]),
        ({"birth_date": "2007-11-01"}, []),
        (
            {"identity_number": "11010519491231002X", "birth_date": "1949-12-31", "sex": "女"},
            [("identity_number", "exists", "law-22")],
        ),
        ({"identity_number": "440524188001010013"}, [("identity_number", "identity_number", None)]),
        ({"identity_number": "440524188001010014"}, [("birth_date", "identity_number", None)]),
        ({"identity_number": "H12345678"}, []),
    ],
)
def test_what_contradicts_is_a_fault_at_its_cell(changed, faults):
    assert of_person(**changed) == faults


def test_a_person_stands_once_in_a_file():
    found = list(subject_faults(rows("subjects", *[PERSON | {"subject": "s-1"}] * 3), KNOWN, TODAY))
    assert [(one.row, one.column, one.why.rule) for one in found] == [
        (3, "subject", "repeated"),
        (4, "subject", "repeated"),
    ]


@given(st.dates(date(1950, 1, 1), date(2020, 1, 1)), st.dates(date(1950, 1, 2), date(2026, 1, 1)))
def test_a_minor_is_who_was_under_eighteen_at_the_offence(born, offended):
    if offended <= born:
        return
    values = {"birth_date": born, "offence_date": offended}
    try:
        grown = born.replace(year=born.year + 18)
    except ValueError:
        grown = date(born.year + 18, 2, 28)
    # The birthday itself still counts as seventeen (SPC on juvenile cases, Art. 2).
    assert is_minor(values) is (offended <= grown)


@pytest.mark.article("law-29")
@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ([{}], []),
        (
            [{"approved_at": "2026-11-22 12:01", "valid_from": "2026-11-23"}],
            [
                (2, "approved_at", "not_in_future"),
                (2, "valid_to", "order_of_dates"),
            ],
        ),
        ([{"approved_at": "2026-02-01 00:01"}], [(2, "valid_from", "back_dated")]),
        ([{"valid_to": "2026-05-01 00:00:01"}], [(2, "valid_to", "three_months")]),
        ([{"subject": "s-9"}], [(2, "subject", "subject")]),
        ([{"order": "eo-1"}], [(2, "order", "exists")]),
        ([{}, {"valid_from": "2026-05-01", "valid_to": "2026-06-01"}], [(3, "order", "repeated")]),
        (
            [{}, {"order": "eo-3", "valid_from": "2026-04-30", "valid_to": "2026-06-01"}],
            [(3, "valid_from", "overlap")],
        ),
        (
            [{"subject": "s-4k2m9q", "valid_from": "2026-10-01", "valid_to": "2026-11-23"}],
            [(2, "valid_from", "overlap")],
        ),
    ],
)
def test_an_order_breaks_no_part_of_article_29(changed, faults):
    assert of_orders(*changed) == faults

"""What must hold of contacts and leave that offices bring along."""

from datetime import UTC, datetime, timedelta

import pytest

from server.exchange.contact_rules import MOST_CONTACTS, KnownContacts, contact_faults
from server.exchange.kinds import KINDS
from server.exchange.leave_rules import KnownLeaves, leave_faults
from server.exchange.parsing import parsed
from server.exchange.reading import rows_of
from tests.server.sheets import CONTACT, LEAVE, csv_of

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = "s-7h3n2c"
KNOWN = KnownContacts(subjects={WHO}, contacts={WHO: {("kin", "李某")}})
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
KNOWN_LEAVES = KnownLeaves({WHO}, {WHO: [(BEGIN, BEGIN + timedelta(days=2))]}, "supervisor")


def rows(kind, *given):
    found = parsed(KINDS[kind], rows_of(csv_of(kind, list(given))))
    assert found.faults == []
    return found.rows


def of_contacts(*given):
    return [
        (one.row, one.column, one.why.rule)
        for one in contact_faults(rows("contacts", *given), KNOWN)
    ]


def of_leaves(*given):
    return [
        (one.row, one.column, one.why.rule, one.why.article)
        for one in leave_faults(rows("leaves", *given), KNOWN_LEAVES, NOW)
    ]


def test_a_contact_of_somebody_who_is_supervised_is_right():
    assert of_contacts(CONTACT) == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param({"subject": "s-none"}, (3, "subject", "subject"), id="nobody"),
        pytest.param({"kind": "1", "name": "李某"}, (3, "name", "exists"), id="here"),
        pytest.param({}, (3, "name", "repeated"), id="twice"),
    ],
)
def test_a_fault_of_a_contact_has_its_row_and_column(second, expected):
    assert of_contacts(CONTACT, CONTACT | second) == [expected]


def test_more_contacts_than_a_file_holds_are_one_fault():
    many = [CONTACT | {"name": f"孙{number}"} for number in range(MOST_CONTACTS + 5)]
    assert of_contacts(*many) == [(MOST_CONTACTS + 1, "", "most_contacts")]


@pytest.mark.article("measures-27", "measures-28")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, [], id="right"),
        pytest.param(
            {"approved_at": "2026-10-02 09:00"},
            [("from_time", "not_back_dated", "measures-27")],
            id="approved afterwards",
        ),
        pytest.param(
            {"approved_by": "supervisor"},
            [("approved_by", "another_person", "measures-27")],
            id="approved by who imports",
        ),
        pytest.param(
            {"returned_time": ""}, [("returned_time", "returned", "measures-28")], id="no return"
        ),
        pytest.param(
            {"returned_time": "2026-09-30 09:00"},
            [("returned_time", "order_of_dates", None)],
            id="back before the leave",
        ),
        pytest.param(
            {"to_time": "2026-10-01 07:00"}, [("to_time", "order_of_dates", None)], id="order"
        ),
        pytest.param(
            {"to_time": "2027-12-01 07:00", "returned_time": ""},
            [("to_time", "most_days", None)],
            id="too long",
        ),
        pytest.param({"subject": "s-none"}, [("subject", "subject", None)], id="nobody"),
        pytest.param(
            {
                "from_time": "2026-09-02 08:00",
                "to_time": "2026-09-02 20:00",
                "approved_at": "2026-08-28 08:00",
            },
            [("from_time", "one_leave_at_a_time", "measures-27")],
            id="overlaps what is here",
        ),
    ],
)
def test_a_fault_of_leave_has_its_column_and_article(changed, expected):
    assert of_leaves(LEAVE | changed) == [(2, *one) for one in expected]


def test_two_leaves_of_a_file_do_not_overlap():
    assert of_leaves(LEAVE, LEAVE) == [(3, "from_time", "one_leave_at_a_time", "measures-27")]


def test_leave_that_is_to_come_needs_no_return():
    times = {"from_time": "2026-12-01 08:00", "to_time": "2026-12-02 08:00", "returned_time": ""}
    assert of_leaves(LEAVE | times) == []

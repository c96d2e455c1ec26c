"""Contacts and leave of offices through the interface: whole, or nothing of them."""

import pytest

from tests.server.sheets import CONTACT, LEAVE, csv_of, xlsx_of
from tests.server.test_imports import send

WHO = "s-7h3n2c"


@pytest.fixture
def supervisor(people):
    return people("supervisor")


def counted(site):
    return site.rows(
        "SELECT (SELECT count(*) FROM file_contact) AS contacts,"
        " (SELECT count(*) FROM leave_application) AS applications,"
        " (SELECT count(*) FROM leave) AS leaves, (SELECT count(*) FROM act) AS acts,"
        " (SELECT count(*) FROM deadline) AS deadlines"
    )[0]


@pytest.mark.parametrize("encode", [csv_of, xlsx_of])
async def test_contacts_come_beside_those_of_the_file(supervisor, site, encode):
    first = await send(supervisor, csv_of("contacts", [CONTACT | {"name": "李某"}]), "contacts")
    assert first.json()["written"] == 1, first.text
    second = await send(supervisor, encode("contacts", [CONTACT]), "contacts")
    assert second.json()["written"] == 1, second.text
    file = (await supervisor.get(f"/api/v1/subjects/{WHO}/file")).json()
    assert [one["name"] for one in file["contacts"]] == ["李****", "孙****"]
    acts = site.rows("SELECT articles, body FROM act WHERE kind = 'contacts.imported'")
    assert acts[0] == {"articles": ["measures-25"], "body": {"kinds": ["protected"]}}


@pytest.mark.article("measures-27")
async def test_imported_leave_counts_in_what_is_cumulated(supervisor, site):
    coming = {"from_time": "2099-12-01 08:00", "to_time": "2099-12-30 20:00", "returned_time": ""}
    answer = await send(supervisor, csv_of("leaves", [LEAVE, LEAVE | coming]), "leaves")
    assert answer.json()["written"] == 2, answer.text
    listed = (await supervisor.get(f"/api/v1/leaves?subject={WHO}")).json()["items"]
    assert {(one["state"], one["days"], one["tier"]) for one in listed} == {
        ("returned", 5, "office"),
        ("approved", 30, "county"),
    }
    (clock,) = site.rows("SELECT subject_id FROM deadline WHERE kind = 'leave_return_report'")
    assert clock == {"subject_id": WHO}
    (held,) = site.rows("SELECT valid_to FROM leave WHERE valid_from < '2027-01-01'")
    assert held["valid_to"].isoformat() == "2026-10-05T10:00:00+00:00"


@pytest.mark.parametrize("kind", ["contacts", "leaves"])
async def test_a_file_with_one_fault_writes_nothing(supervisor, site, kind):
    row = {"contacts": CONTACT, "leaves": LEAVE}[kind]
    before = counted(site)
    content = csv_of(kind, [row, row | {"subject": "s-none"}])
    tried = await send(supervisor, content, kind, dry_run=True)
    refused = await send(supervisor, content, kind)
    assert refused.status_code == 409
    (fault,) = refused.json()["errors"]
    assert (fault["row"], fault["column"], fault["rule"]) == (3, "subject", "subject")
    assert tried.json()["faults"] == [fault]
    assert counted(site) == before


@pytest.mark.article("law-54")
async def test_nothing_is_brought_to_a_closed_file(supervisor, site):
    site.rows("UPDATE subject SET is_sealed = true WHERE id = %s", (WHO,))
    refused = await send(supervisor, csv_of("contacts", [CONTACT]), "contacts")
    assert [one["rule"] for one in refused.json()["errors"]] == ["subject"]

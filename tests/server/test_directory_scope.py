"""Queries of the directory name the scope for the indexes: the answer is the policies' own."""

import pytest

from server.db import Database, fetch_all
from server.directory.rule_store import rule_sections
from server.directory.store import orders

SUBJECT = "s-4k2m9q"
STATES = (
    *("applied", "verified", "asked", "agreed", "declined", "approved"),
    *("refused", "moved", "reported", "missing", "withdrawn"),
)
PLACES = ("office-1", "office-b")
SCOPES = ("/", "/county-a/", "/county-a/office-1/", "/county-b/", "/county-c/", "")
PLAIN_ORDERS = (
    'SELECT id AS "order", subject_id AS subject, valid_from,'
    " least(valid_to, lifted_at) AS valid_to FROM positioning_order"
    " WHERE valid_to > now() - interval '30 days' ORDER BY id"
)
PLAIN_LAPSES = (
    "SELECT o.id AS lapse FROM positioning_order o WHERE NOT EXISTS (SELECT FROM"
    " positioning_order n WHERE n.subject_id = o.subject_id"
    " AND n.valid_from <= least(o.valid_to, o.lifted_at)"
    " AND least(n.valid_to, n.lifted_at) > least(o.valid_to, o.lifted_at))"
    " AND least(o.valid_to, o.lifted_at) > now() - interval '30 days' ORDER BY lapse"
)


@pytest.fixture
def two_counties(site):
    """A person whom each of two counties has ordered once, and a transfer from the first."""
    for county, office in (("county-b", "office-b"), ("county-c", "office-c")):
        site.add_org(county, "/")
        site.add_org(office, f"/{county}/", "office")
    site.rows(
        "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,"
        " valid_from, valid_to) VALUES ('order-b', 'office-b', %s, 1, 'x', now(),"
        " now() + interval '200 days', now() + interval '260 days')",
        (SUBJECT,),
    )
    site.rows(
        "INSERT INTO transfer (id, org_id, subject_id, to_county, to_org, reason, address, move_on,"
        " applied_by, applied_at, state_at) VALUES ('t-1', 'office-1', %s, 'county-b', 'office-b',"
        " '随配偶迁居', '安平县中山路2号', current_date, 'officer-1', now(), now())",
        (SUBJECT,),
    )
    return site


async def told(database, scope):
    """What the directory says of orders in a scope, and what the policies alone let through."""
    async with database.upkeep(scope) as connection:
        lapses = (await rule_sections(connection))["lapses"]
        said = await orders(connection), [r["lapse"] for r in lapses if r["kind"] == "order"]
        plain = await fetch_all(connection, PLAIN_ORDERS), await fetch_all(connection, PLAIN_LAPSES)
    return (said[0], sorted(said[1])), (plain[0], [row["lapse"] for row in plain[1]])


async def test_wherever_a_file_is_the_directory_has_the_orders_that_the_policies_show(
    app, two_counties
):
    database: Database = app.state.parts.database
    seen = {}
    for place in PLACES:
        two_counties.rows("UPDATE subject SET org_id = %s WHERE id = %s", (place, SUBJECT))
        for state in STATES:
            two_counties.rows("UPDATE transfer SET state = %s", (state,))
            for scope in SCOPES:
                said, plain = await told(database, scope)
                assert said == plain, (place, state, scope)
                seen[place, state, scope] = {row["order"] for row in said[0]}
    both = seen["office-1", "applied", "/"]
    (first,) = both - {"order-b"}
    assert len(both) == 2
    # The county that has the person sees both orders, another one its own, a third none.
    assert seen["office-1", "applied", "/county-a/"] == both
    assert seen["office-1", "applied", "/county-b/"] == {"order-b"}
    assert seen["office-b", "moved", "/county-b/"] == both
    assert seen["office-b", "moved", "/county-a/"] == both
    assert seen["office-b", "withdrawn", "/county-a/"] == {first}
    assert seen["office-b", "moved", "/county-c/"] == seen["office-b", "moved", ""] == set()

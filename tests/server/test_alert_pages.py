"""The alert list, page by page: each scope in order, whichever way its rows are found."""

from itertools import product

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from server.alerts import page_store
from server.alerts.group_page import newest_of_groups
from server.alerts.store import matching
from server.db import set_scope

_RAISED = """
  INSERT INTO alert (id, org_id, rule, severity, subject_id, device_id, state, verdict, due_at,
    begin_time, late, evidence, category, assigned_to, raised_at, group_id)
  SELECT 'a-' || n, o.id, (ARRAY['exclusion', 'curfew', 'strap'])[1 + n % 3], 'major',
    (SELECT id FROM subject WHERE org_id = o.id ORDER BY id LIMIT 1), 'wb', t.state,
    CASE WHEN t.state = 'resolved' THEN 'false' END,
    CASE WHEN t.state <> 'resolved' THEN now() END, now(), false, '{}', 'violation',
    CASE WHEN n % 4 = 0 THEN 'officer' END, timestamptz '2026-01-01' + n / 3 * interval '1 hour',
    CASE WHEN o.k = 0 AND n % 3 < 2 THEN 'group-' || n / 7 % 4 END
  FROM generate_series(1, 120) n
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k, count(*) OVER () AS every FROM org) o
    ON o.k = CASE WHEN n % 2 = 0 THEN 0 ELSE n % o.every END
  CROSS JOIN LATERAL (SELECT
    (ARRAY['open', 'acknowledged', 'resolved', 'resolved', 'resolved'])[1 + n % 5] AS state) t"""


@pytest.fixture
def world(site):
    """120 alerts, three at each instant, over more organisations than are read one by one.

    One has half of them, most of those in four groups.
    """
    for number in range(64):
        site.add_org(f"county-{number:02}", "/")
    site.rows(_RAISED)
    return site


async def pages(connection, scope, page=page_store.page, **wanted):
    await set_scope(connection, scope, role="guitu_app")
    found, before = [], None
    filters = matching(
        **{"states": None, "rule": None, "subject": None, "assigned_to": None} | wanted
    )
    while rows := await page(connection, filters, before=before, limit=7):
        found += [row["id"] for row in rows]
        before = rows[-1]["raised_at"], rows[-1]["id"]
    return found


@pytest.mark.parametrize("scope", ["/", "/county-00/", "/county-01/"])
async def test_pages_show_every_alert_of_the_scope_once_and_the_newest_first(world, scope):
    states = (None, ["open"], ["open", "acknowledged"], ["resolved", "open"])
    async with await AsyncConnection.connect(
        world.database.worker_dsn, row_factory=dict_row
    ) as connection:
        for asked, rule, assigned_to in product(states, (None, "curfew"), (None, "officer")):
            expected = world.rows(
                "SELECT a.id, a.group_id FROM alert a JOIN org o ON o.id = a.org_id"
                " WHERE starts_with(o.path, %s) AND (%s::text[] IS NULL OR a.state = ANY (%s))"
                " AND (%s::text IS NULL OR a.rule = %s)"
                " AND (%s::text IS NULL OR a.assigned_to = %s)"
                " ORDER BY a.raised_at DESC, a.id DESC",
                (scope, asked, asked, rule, rule, assigned_to, assigned_to),
            )
            wanted = {"states": asked, "rule": rule, "assigned_to": assigned_to}
            found = await pages(connection, scope, **wanted)
            assert found == [row["id"] for row in expected]
            # By group: of each the first that is met.
            found = await pages(connection, scope, newest_of_groups, **wanted)
            groups = [row["group_id"] or row["id"] for row in expected]
            firsts = [n for n, group in enumerate(groups) if groups.index(group) == n]
            assert found == [expected[n]["id"] for n in firsts]
    if scope == "/":
        assert len(world.rows("SELECT id FROM org")) > 64

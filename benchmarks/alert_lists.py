"""Pages of the alert list beside millions of past ones, as a province, a county and an office ask.

Claim: each takes less than 100 ms at p99.
"""

import time
from typing import Any, Final

import psycopg

from benchmarks.alert_site import desk_client, row, sign_in
from benchmarks.cases_world import OFFICE, PERSON, fill, seed_people
from benchmarks.uplink_site import UplinkSite

_RUNS: Final = 100
_AT_ONCE: Final = 500_000

# Three years of a province: most were nothing and are resolved, one in two thousand waits.
_PAST_ALERTS: Final = """
  INSERT INTO alert (id, org_id, rule, severity, category, subject_id, device_id, state, condition,
    verdict, begin_time, end_time, late, raised_at, due_at, level, assigned_to, title, evidence)
  SELECT 'past-' || n, s.org_id,
    CASE WHEN n %% 601 = 0 THEN 'strap' ELSE
      (ARRAY['inclusion', 'exclusion', 'curfew', 'silence', 'low_battery'])[1 + n %% 5] END,
    (ARRAY['critical', 'major', 'minor'])[1 + n %% 3], 'violation', s.id, 'wb-' || s.id,
    CASE WHEN n %% 1999 = 0 THEN 'open' ELSE 'resolved' END, 'cleared',
    CASE WHEN n %% 1999 <> 0 THEN (ARRAY['false', 'technical', 'excused'])[1 + n %% 3] END,
    at, at + interval '20 min', false, at,
    CASE WHEN n %% 1999 = 0 THEN '2999-01-01'::timestamptz END,
    0, CASE WHEN s.org_id = %(office)s AND n %% 7 = 0 THEN 'office' ELSE s.org_id || '-officer' END,
    '{"zh": "离开活动范围", "en": "Outside of the permitted area"}',
    jsonb_build_object('reports', jsonb_build_array(jsonb_build_object('device', 'wb-' || s.id,
      'boot', 1, 'seq', n)), 'distance_m', n %% 900, 'parameters', '{"persistence_s": 180}'::jsonb)
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
  JOIN bench_person s ON s.k = n * 7919 %% %(people)s
  CROSS JOIN LATERAL (SELECT now() - (%(past)s - n) * interval '3 years' / %(past)s AS at) t"""

_PAGES: Final = (
    ("newest, province", "province", ""),
    ("newest, county", "county", ""),
    ("newest, office", "office", ""),
    ("what is open, province", "province", "?state=open"),
    ("what is open, office", "office", "?state=open"),
    ("in work, county", "county", "?state=open&state=acknowledged&state=dispatched"),
    ("a rare rule, province", "province", "?rule=strap"),
    ("a rare rule, office", "office", "?rule=strap"),
    ("a common rule, county", "county", "?rule=curfew"),
    ("of a person, county", "county", f"?subject={PERSON}"),
    ("my own, office", "office", "?assigned_to=me"),
    ("counts, province", "province", "/counts"),
)


def list_rows(site: UplinkSite, past: int) -> list[dict[str, Any]]:
    """Fill the database and return a row for each page, and one for the filling."""
    filling = _fill(site, past)
    cookies = {login: sign_in(site, login) for login in ("province", "county", "office")}
    rows = [_page(site, cookies[login], name, query, past) for name, login, query in _PAGES]
    return [filling, *rows, _deep(site, cookies["province"], past)]


def _fill(site: UplinkSite, past: int) -> dict[str, Any]:
    began = time.perf_counter()
    with psycopg.connect(site.owner_dsn, autocommit=True) as owner:
        people = seed_people(owner)
        fill(
            owner,
            "CREATE TABLE bench_person AS SELECT id, org_id, row_number() OVER (ORDER BY id) - 1"
            " AS k FROM subject WHERE org_id LIKE 'o-%%'",
        )
        fill(owner, "CREATE INDEX ON bench_person (k)")
        for first in range(1, past + 1, _AT_ONCE):
            last = min(first + _AT_ONCE - 1, past)
            values = {"first": first, "last": last, "past": past, "people": people}
            fill(owner, _PAST_ALERTS, values | {"office": OFFICE})
        owner.execute("VACUUM ANALYZE")
        size = owner.execute("SELECT pg_total_relation_size('alert')").fetchone()
    return {
        "row": f"{past} past alerts of {people} people filled in",
        "seconds": round(time.perf_counter() - began, 1),
        "table_mib": round(size[0] / 2**20) if size else None,
    }


def _page(site: UplinkSite, cookie: str, name: str, query: str, past: int) -> dict[str, Any]:
    took = []
    count = 0
    with desk_client(site, cookie) as client:
        for _ in range(_RUNS + 1):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/alerts{query}")
            took.append(time.perf_counter() - began)
            answer.raise_for_status()
            count = len(answer.json().get("items", ()))
    # The first warms.
    return row(f"{name}, beside {past}", took[1:], limit_ms=100) | {"alerts": count}


def _deep(site: UplinkSite, cookie: str, past: int) -> dict[str, Any]:
    took = []
    cursor = ""
    with desk_client(site, cookie) as client:
        for _ in range(_RUNS + 2):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/alerts?limit=200{cursor}").raise_for_status().json()
            took.append(time.perf_counter() - began)
            if answer["next_cursor"] is None:
                break
            cursor = f"&cursor={answer['next_cursor']}"
    # The first of each form warms: without a cursor and with one.
    return row(f"one page of 200 after another, province, beside {past}", took[2:], limit_ms=100)

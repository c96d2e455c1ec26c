"""What the database's scope costs: a list under row-level security beside the same filter by hand.

Claim: row-level security under 20 % of query time. The baseline reads as the owner, whom
no policy binds, with the filter that a handler would write. Statements of all rows take turns.
"""

import hashlib
import time
from collections.abc import Mapping
from statistics import median
from typing import Any, Final

import psycopg

from benchmarks.scratch_database import scratch_database

_ROUNDS: Final = 300
_PROOF: Final = hashlib.sha256(b"a session of the benchmark").digest()

_WORLD: Final = """
  INSERT INTO org (id, parent_id, path, level, name_zh, name_en)
  VALUES ('p', NULL, '/p/', 'province', 'p', 'p');
  INSERT INTO org SELECT 'c' || n, 'p', '/p/c' || n || '/', 'county', 'c', 'c'
  FROM generate_series(1, 100) n;
  INSERT INTO org SELECT 'o' || n, 'c' || (1 + n % 100),
    '/p/c' || (1 + n % 100) || '/o' || n || '/', 'office', 'o', 'o'
  FROM generate_series(1, 1000) n;
  INSERT INTO app_user (login, org_id, role, name) VALUES ('county', 'c1', 'supervisor', 'x');
  INSERT INTO subject (id, org_id, name, category, term_from, term_to)
  SELECT 's' || n, 'o' || (1 + n % 1000), '张' || n, 'probation', '2026-01-01', '2027-01-01'
  FROM generate_series(1, 40000) n"""
_LIST: Final = (
    "SELECT s.id, s.name, f.stage FROM subject s JOIN case_file f ON f.subject_id = s.id"
    " {} ORDER BY s.name_key, s.id LIMIT 100"
)
_BY_HAND: Final = (
    "WHERE s.org_id = ANY (ARRAY(SELECT o.id FROM org o WHERE starts_with(o.path, '/p/c1/')))"
    " AND f.org_id = ANY (ARRAY(SELECT o.id FROM org o WHERE starts_with(o.path, '/p/c1/')))"
)


def run(seed: int) -> list[dict[str, Any]]:
    """Return a row for each way to read a county's list, and for opening a scope."""
    del seed  # nothing in it is random
    with scratch_database() as database:
        _fill(database.owner)
        with psycopg.connect(database.app) as people, psycopg.connect(database.owner) as by_hand:
            people.execute("SELECT open_session_scope(%s)", (_PROOF,))
            return _rows(people, by_hand)


def _fill(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(_WORLD.encode())
        owner.execute(
            "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at)"
            " SELECT %s, id, org_id, 'x', now() + interval '1 hour' FROM app_user",
            (_PROOF,),
        )
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def _rows(
    people: psycopg.Connection[Any], by_hand: psycopg.Connection[Any]
) -> list[dict[str, Any]]:
    asked: Mapping[str, tuple[psycopg.Connection[Any], str]] = {
        "a county's list, filtered by hand": (by_hand, _LIST.format(_BY_HAND)),
        "the same under row-level security": (people, _LIST.format("")),
        "the scope's organisations, once in a query": (people, "SELECT scope_orgs()"),
        "nothing: one round trip": (people, "SELECT 1"),
    }
    took_ms: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(_ROUNDS):
        for name, (connection, query) in asked.items():
            began = time.perf_counter()
            connection.execute(query.encode()).fetchall()
            took_ms[name].append((time.perf_counter() - began) * 1000)
    base = median(took_ms["a county's list, filtered by hand"])
    return [
        {
            "row": name,
            "p50_ms": round(median(took), 3),
            "of_baseline": round(median(took) / base, 2),
        }
        for name, took in took_ms.items()
    ]

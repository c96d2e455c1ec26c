"""A province's case files for the benchmark: 40,000 people, three years of acts and deadlines.

Everybody is under an order with a home fence, and 15 % wear a wristband: a load profile, of which a
real province has a twentieth. Clocks that ran out have lapsed already, as a server that runs leaves
them.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

import psycopg

SUBJECTS: Final = 40_000
COUNTIES: Final = 72
_OFFICES_OF_EACH: Final = 4
_ACTS_OF_EACH: Final = 30
_DEADLINES_OF_EACH: Final = 12
COUNTY: Final = "c-001"
OFFICE: Final = "o-001-1"
PERSON: Final = "s-000072"
_A_MINOR_IN: Final = 400
COUNTY_PEOPLE: Final = tuple(
    f"s-{n:06d}" for n in range(COUNTIES, SUBJECTS, COUNTIES) if n % _A_MINOR_IN
)
"""Of the first county, but the minors: their files are closed."""

_ORGS: Final = """
  INSERT INTO org (id, parent_id, path, level, name_zh, name_en)
  SELECT * FROM (
    SELECT 'p' AS id, NULL AS parent_id, '/p/' AS path, 'province' AS level, '某省' AS zh, 'P' AS en
    UNION ALL
    SELECT format('c-%%s', lpad(c::text, 3, '0')), 'p',
      format('/p/c-%%s/', lpad(c::text, 3, '0')), 'county', format('第%%s县', c),
      format('County %%s', c)
    FROM generate_series(1, %(counties)s) c
    UNION ALL
    SELECT format('o-%%s-%%s', lpad(c::text, 3, '0'), o), format('c-%%s', lpad(c::text, 3, '0')),
      format('/p/c-%%s/o-%%s-%%s/', lpad(c::text, 3, '0'),
        lpad(c::text, 3, '0'), o), 'office',
      format('第%%s县第%%s所', c, o), format('Office %%s of county %%s', o, c)
    FROM generate_series(1, %(counties)s) c, generate_series(1, %(offices)s) o) orgs
  ORDER BY length(path)"""

_SUBJECTS: Final = """
  INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)
  SELECT format('s-%%s', lpad(n::text, 6, '0')),
    format('o-%%s-%%s', lpad((n %% %(counties)s + 1)::text, 3, '0'),
      n / %(counties)s %% %(offices)s + 1),
    substr('赵钱孙李周吴郑王冯陈', n %% 10 + 1, 1)
      || substr('伟芳娜敏静丽强磊军洋', n / 10 %% 10 + 1, 1)
      || substr('一二三四五六七八九十', n / 100 %% 10 + 1, 1),
    (ARRAY['probation', 'probation', 'parole', 'control', 'medical'])[n %% 5 + 1],
    n %% %(minor_in)s = 0,
    current_date - (n %% 1000), current_date + (n %% 900) + 1
  FROM generate_series(1, %(subjects)s) n"""

_ACTS: Final = """
  INSERT INTO act (org_id, subject_id, kind, authority, by_login, by_org, happened_time, articles,
    ref_kind, ref_id, body)
  SELECT s.org_id, s.id, (ARRAY['duty.noted', 'file.changed', 'activity.noted'])[k %% 3 + 1],
    'delegated', 'bench', s.org_id, now() - k * interval '36 days', '{law-23}', 'file', s.id, '{}'
  FROM generate_series(1, %(acts)s) k, subject s"""

_DEADLINES: Final = """
  INSERT INTO deadline (org_id, subject_id, kind, who, article, ref_kind, ref_id, begins_at, due_at,
    warn_at, state, ended_at)
  SELECT s.org_id, s.id, 'release_summary', 'office', 'measures-53', 'bench', s.id || '-' || k,
    due - interval '90 days', due, due - interval '2 days',
    CASE WHEN k > 2 THEN 'met' WHEN due < now() THEN 'lapsed' ELSE 'open' END,
    CASE WHEN k > 2 THEN due - interval '1 day' WHEN due < now() THEN due END
  FROM generate_series(1, %(deadlines)s) k, subject s,
    LATERAL (SELECT now() + (hashtext(s.id) %% 40) * interval '1 day'
      - (k - 1) * interval '90 days' AS due) d"""

_ORDERS: Final = """
  INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,
    valid_from, valid_to)
  SELECT 'order-' || id, org_id, id, 1, 'bench', now() - interval '32 days',
    now() - interval '31 days', now() + interval '31 days'
  FROM subject WHERE org_id LIKE 'o-%%' AND hashtext(id) & 31 = %(part)s"""
# Each order takes a lock until its transaction ends, and a server has some thousands.
_PARTS: Final = 32

_FENCES: Final = """
  INSERT INTO fence (id, version, org_id, name, use, datum, source_datum, geometry, radius_m,
    valid_from)
  SELECT 'home-' || id, 1, org_id, '居住地', 'inclusion', 'WGS84', 'WGS84',
    jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(
      119 + (hashtext(id) & 16383) / 8192.0, 28 + (hashtext('n' || id) & 16383) / 8192.0)),
    300, now() - interval '31 days'
  FROM subject WHERE org_id LIKE 'o-%%'"""

_ASSIGNMENTS: Final = """
  INSERT INTO fence_assignment (org_id, fence_id, version, subject_id)
  SELECT org_id, 'home-' || id, 1, id FROM subject WHERE org_id LIKE 'o-%%'"""

_DEVICES: Final = """
  INSERT INTO device (id, org_id, kind, expected_interval_s)
  SELECT 'wb-' || id, org_id, 'wristband', 60 FROM subject
  WHERE org_id LIKE 'o-%%' AND right(id, 2) < '15'"""

_BINDINGS: Final = """
  INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)
  SELECT org_id, id, 'subject', substr(id, 4), now() - interval '31 days' FROM device
  WHERE org_id LIKE 'o-%%'"""

_CHANGE: Final = "INSERT INTO directory_version (org_id, changed_by) VALUES (%(org)s, 'bench')"

_ACCOUNTS: Final = (
    ("province", "p", "supervisor"),
    ("county", COUNTY, "supervisor"),
    ("office", OFFICE, "officer"),
)


def seed_world(owner_dsn: str) -> dict[str, Any]:
    """Fill a migrated database; return cookies, CSRF tokens and gateway tokens by name."""
    keys: dict[str, Any] = {}
    counts = {"acts": _ACTS_OF_EACH, "deadlines": _DEADLINES_OF_EACH}
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        seed_people(owner)
        for part in range(_PARTS):
            fill(owner, _ORDERS, {"part": part})
        for statement in (_ACTS, _DEADLINES, _FENCES, _ASSIGNMENTS, _DEVICES, _BINDINGS):
            fill(owner, statement, counts)
        for login, _, _ in _ACCOUNTS:
            keys[login] = _session(owner, login)
        for name, org in (("gw-p", "p"), ("gw-c", COUNTY)):
            fill(owner, _CHANGE, {"org": org})
            keys[name] = secrets.token_hex(16)
            owner.execute(
                "INSERT INTO gateway (id, org_id, token_hash) VALUES (%s, %s, %s)",
                (name, org, hashlib.sha256(keys[name].encode()).digest()),
            )
        owner.execute("VACUUM ANALYZE")
    return keys


def seed_people(owner: "psycopg.Connection[Any]") -> int:
    """Write the province's organisations, people and accounts; return how many people."""
    counts = {"counties": COUNTIES, "offices": _OFFICES_OF_EACH, "subjects": SUBJECTS}
    counts["minor_in"] = _A_MINOR_IN
    for statement in (_ORGS, _SUBJECTS):
        fill(owner, statement, counts)
    for login, org, role in _ACCOUNTS:
        owner.execute(
            "INSERT INTO app_user (login, org_id, role, name) VALUES (%s, %s, %s, %s)",
            (login, org, role, login),
        )
    return SUBJECTS


def fill(
    owner: "psycopg.Connection[Any]", statement: str, values: Mapping[str, Any] | None = None
) -> None:
    """Write many rows by a statement of the benchmark's own; `%%` in it stands for `%`."""
    owner.execute(statement.encode(), values or {})


def _session(owner: "psycopg.Connection[Any]", login: str) -> tuple[str, str]:
    secret, csrf = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    owner.execute(
        "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at)"
        " SELECT %s, id, org_id, %s, now() + interval '12 hours' FROM app_user WHERE login = %s",
        (hashlib.sha256(secret.encode()).digest(), csrf, login),
    )
    return secret, csrf

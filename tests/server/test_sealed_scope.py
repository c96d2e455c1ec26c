"""SQL issued directly as the application roles: what it reads with which proof."""

import hashlib

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.server.conftest import TOKEN
from tests.server.test_schema import POSITION_TABLES, as_role
from tests.services.database import APP_PASSWORD, INGEST_PASSWORD

SETTINGS = ("scope", "subject", "login", "seal")
SUBJECT = "s-4k2m9q"
PASSWORD_OF = {"guitu_app": APP_PASSWORD, "guitu_ingest": INGEST_PASSWORD}
NO_PROOF = b"no session has this"

# What a role may call beside tables. A new function fails the test until it stands in one of these.
ASKED = {
    "scope_orgs": "scope_orgs()",
    "open_scope": "open_scope()",
    "closed_files": "closed_files()",
    "closed_media": "closed_media()",
    "score_month_grid": "score_month_grid('county-a', 0, 99999) WHERE people <> '{}'",
    "track": f"track('{SUBJECT}', 'epoch', 'infinity', 10)",
    "latest_positions": "latest_positions(-1)",
    "position_hours": f"position_hours('{SUBJECT}', 'epoch', now())",
    "position_days": f"position_days('{SUBJECT}', 'epoch', now())",
    "files_open_to": "files_open_to('officer', now())",
    "own_forbidden_areas": "own_forbidden_areas('epoch')",
    "own_no_contact": "own_no_contact('epoch')",
    "own_subject": "own_subject()",
    "due_counts": "due_counts('quarantine', '0') WHERE due_count + held_count > 0",
    "own_referred": "own_referred(own_ref('s-4k2m9q', 'area', 'f-school'))",
    "gateway_silences": "gateway_silences('county-a', 'epoch', 'infinity')",
    "watched_people": "watched_people('county-a', '2020-01-01', '2090-01-01')",
    "unwatched_orgs": "unwatched_orgs('gw-1', '0 s')",
    "last_report_times": f"last_report_times(ARRAY['{SUBJECT}'])",
    "standing_place_permissions": "standing_place_permissions('{f-school}')",
    "district_boundaries": "district_boundaries('{county-a}')",
    "covered_here_until": f"covered_here_until('{SUBJECT}', '2026-11-22T01:00:00Z')",
    "end_wristbands_here": f"end_wristbands_here('{SUBJECT}', 'infinity')",
    "number_directory": "nullif(number_directory(ARRAY['county-a'], 'x'), 0)",
    "session_lookup": "session_lookup('')",
    "open_session_scope": "nullif(open_session_scope(''), false)",
    "sessions_alive": "sessions_alive(ARRAY[''::bytea])",
    "looks_at": f"looks_at('{SUBJECT}')",
    "looks_of": "looks_of('officer', 'epoch', 'epoch', 'epoch', 'epoch', 1) WHERE day_persons > 0",
    "exports_of": "exports_of('officer', 'epoch') WHERE exports > 0",
    "scope_line": "scope_line()",
    "directory_head": "nullif(directory_head(), 0)",
    "directory_schedules": "directory_schedules()",
    "directory_periods": "directory_periods()",
    "rule_set_in_force": "rule_set_in_force()",
    "directory_shifts": "directory_shifts('epoch', 'infinity')",
    "directory_absences": "directory_absences('epoch', 'infinity')",
    "gateway_lookup": "gateway_lookup('')",
    "open_gateway_scope": "nullif(open_gateway_scope(''), false)",
}
REFUSED = {
    "move_file": "move_file('t-1')",
    "end_fences": f"end_fences('{SUBJECT}', now())",
    "ask_archive_destruction": "ask_archive_destruction('county-a', 'subject', 'x', 'o', 'y', 'x')",
    "archive_keys_of": "archive_keys_of('{county-a}', '{subject}', '{x}', '{o}')",
}
UNSCOPED = {
    "county_of": "which county an organisation is of",
    "county_name": "where a person may move to",
    "law_policies": "figures of the law, for whatever organisation",
    "score_policies": "figures of the score, for whatever organisation",
    "participant_policies": "what deeds are worth, for whatever organisation",
    "holiday_notices": "days off",
    "incident_plans": "a plan without a name",
    "feed_ends": "two numbers",
    "migrations_done": "names of migrations",
    "data_keys_of": "keys that open nothing without the master key",
    "own_ref": "a keyed digest of its arguments",
    "media_held": "whether one recording must be kept, by its id",
    "opened_files": "what the caller said",
    "alert_is_heard": "of its arguments only",
    "alert_standing": "of its arguments only",
    "note_look": "reads as the caller",
    "announce": "writes, returns nothing",
    "enqueue_notifications": "writes, returns nothing",
    **dict.fromkeys(
        (
            *("end_session", "session_seen", "session_factor_passed", "sessions_beside"),
            *("end_session_beside", "factor_of_session", "factor_step_used"),
            *("recovery_code_used", "factor_enrolled", "address_attempted", "address_passed"),
            *("account_granted", "account_unlocked", "recovery_asked", "recovery_decided"),
        ),
        "of whom the session's own hash proves, or of no row",
    ),
    "end_sessions": "writes, in the scope",
    "hand_transfer_clocks": "writes, in the scope",
    "fold_alert_tally": "a count of work done",
    "trim_feed": "a count of work done",
    "broker_devices": "ids of devices, for the one broker of the site",
    "broker_credentials": "ids of devices, for the one broker of the site",
    "note_position_hours": "writes, returns nothing",
    "ensure_position_partition": "writes, returns nothing",
    **dict.fromkeys(
        (
            *("count_due_position_hours", "drop_empty_position_day", "end_due_wristbands"),
            *("destroy_lifted_evidence", "destroy_lifted_fact_places", "destroy_lifted_positions"),
            "merge_late_positions",
            *("own_backlog", "retire_positions", "seal_position_days", "sweep_positions"),
            *("trim_ingest_quarantine", "trim_request_keys"),
        ),
        "upkeep of the whole site: counts, days and ids of orders",
    ),
}


def app(site):
    return psycopg.connect(site.database.app_dsn)


def hash_of(site, login):
    secret, _ = site.open_session(login)
    return hashlib.sha256(secret.encode()).digest()


def settings(connection):
    row = connection.execute(
        "SELECT " + ", ".join(f"current_setting('guitu.{name}', true)" for name in SETTINGS)
    ).fetchone()
    return dict(zip(SETTINGS, row, strict=True))


def claim(connection, **values):
    for name, value in values.items():
        connection.execute("SELECT set_config(%s, %s, false)", (f"guitu.{name}", value))


def prove(connection, proof):
    return connection.execute("SELECT open_session_scope(%s)", (proof,)).fetchone()[0]


@pytest.fixture
def stranger(site):
    """The session's hash of a supervisor of another county."""
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    return hash_of(site, "stranger")


def readable(site, role):
    """Every table that a role may read, and the columns that it may."""
    return site.rows(
        "SELECT c.relname AS name, array_agg(a.attname::text) AS columns FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND has_column_privilege(%s, c.oid, a.attnum, 'SELECT') GROUP BY 1 ORDER BY 1",
        (role,),
    )


def foreign(connection, tables):
    """Which tables show this connection a row that is not of county-b."""
    found = set()
    for table in tables:
        column = "id" if table["name"] == "org" else "org_id"
        shown = column if column in table["columns"] else "'?'"
        rows = connection.execute(f"SELECT DISTINCT {shown} FROM {table['name']}".encode())  # noqa: S608 - of the catalogue
        if {row[0] for row in rows} - {"county-b"}:
            found.add(table["name"])
    return found


def test_without_a_proof_or_with_a_foreign_one_no_table_shows_a_foreign_row(site, stranger):
    tables = readable(site, "guitu_app")
    assert len(tables) > 60
    with app(site) as connection:
        claim(connection, scope="/", login="supervisor", subject="", seal="0" * 64)
        assert foreign(connection, tables) == set()
        connection.execute("SELECT set_config('guitu.opened', '*', true)")
        assert prove(connection, stranger) is True
        assert foreign(connection, tables) == set()
        assert connection.execute("SELECT id FROM org").fetchall() == [("county-b",)]
        connection.rollback()
        # The same look finds them where they may be seen: it is no test of empty tables.
        prove(connection, hash_of(site, "supervisor"))
        assert {"subject", "device", "fence", "org"} <= foreign(connection, tables)


def test_a_gateway_role_sees_nothing_without_a_token_that_stands(site):
    # Positions take no row-level security (decision 0010): who writes them reads them.
    tables = [t for t in readable(site, "guitu_ingest") if t["name"] not in POSITION_TABLES]
    proof = hashlib.sha256(TOKEN.encode()).digest()
    with psycopg.connect(site.database.ingest_dsn) as connection:
        claim(connection, scope="/", seal="0" * 64)
        assert foreign(connection, tables) == set()
        connection.execute("SELECT open_gateway_scope(%s)", (proof,))
        assert "device" in foreign(connection, tables)
        connection.rollback()
        site.rows("UPDATE gateway SET token_hash = 'revoked'")
        assert connection.execute("SELECT open_gateway_scope(%s)", (proof,)).fetchone() == (False,)
        assert foreign(connection, tables) == set()


@pytest.mark.parametrize("role", ["guitu_app", "guitu_ingest"])
def test_every_function_of_a_role_answers_nothing_foreign(site, stranger, role):
    names = {
        row["proname"]
        for row in site.rows(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND prorettype <> 'trigger'::regtype AND has_function_privilege(%s, oid, 'EXECUTE')"
            # TimescaleDB's own ask who owns the table.
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass"
            " AND d.objid = pg_proc.oid AND d.deptype = 'e')",
            (role,),
        )
    }
    assert names - ASKED.keys() - REFUSED.keys() - UNSCOPED.keys() == set()
    dsn = make_conninfo(site.database.owner_dsn, user=role, password=PASSWORD_OF[role])
    with psycopg.connect(dsn) as connection:
        for proof in (None, stranger) if role == "guitu_app" else (None,):
            for name in sorted(names & ASKED.keys()):
                if proof:
                    prove(connection, proof)
                else:
                    claim(connection, subject=SUBJECT, scope="/", login="officer")
                rows = connection.execute(f"SELECT * FROM {ASKED[name]}".encode()).fetchall()  # noqa: S608 - from above
                said = [cell for row in rows for cell in row if cell not in (None, [])]
                own = {"scope_orgs": [["county-b"]], "open_scope": ["/county-b/"]}
                assert said == (own.get(name, []) if proof else []), name
                connection.rollback()
            for name in sorted(names & REFUSED.keys()):
                with pytest.raises(psycopg.Error, match=r"not in the scope|is not approved"):
                    connection.execute(f"SELECT {REFUSED[name]}".encode())
                connection.rollback()


def test_what_was_proven_cannot_be_widened(site, stranger):
    site.add_account("own", "office-1", "subject", SUBJECT)
    own = hash_of(site, "own")
    with app(site) as connection:
        for proof, forged in (
            (stranger, {"scope": "/"}),
            (stranger, {"scope": "/county-a/"}),
            (stranger, {"login": "officer"}),
            (own, {"subject": ""}),
            (own, {"subject": "s-7h3n2c"}),
        ):
            assert prove(connection, proof) is True
            assert connection.execute("SELECT open_scope()").fetchone() != (None,)
            claim(connection, **forged)
            assert connection.execute("SELECT open_scope()").fetchone() == (None,), forged
            assert connection.execute("SELECT count(*) FROM subject").fetchone() == (0,)
            connection.rollback()


def test_a_seal_is_of_one_transaction_of_one_connection(site):
    proof = hash_of(site, "supervisor")
    with app(site) as connection, app(site) as other:
        prove(connection, proof)
        kept = settings(connection)
        claim(other, **kept)
        assert other.execute("SELECT open_scope()").fetchone() == (None,)
        connection.commit()
        assert connection.execute("SELECT open_scope()").fetchone() == (None,)
        claim(connection, **kept)
        assert connection.execute("SELECT open_scope()").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM subject").fetchone() == (0,)


def test_a_proof_that_has_ended_opens_nothing(site, stranger):
    with app(site) as connection:
        for change, is_good in (
            ("UPDATE session SET expires_at = now() - interval '1 s'", False),
            ("UPDATE session SET expires_at = now() + interval '1 h'", True),
            ("UPDATE app_user SET disabled = true", False),
            ("UPDATE app_user SET disabled = false", True),
            ("DELETE FROM session", False),
        ):
            site.rows(change)
            assert prove(connection, stranger) is is_good
            assert connection.execute("SELECT count(*) FROM org").fetchone() == (int(is_good),)
            connection.rollback()
        assert prove(connection, NO_PROOF) is False


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE guitu_worker",
        "SET ROLE guitu_ingest",
        "SET SESSION AUTHORIZATION guitu_worker",
        "SELECT seal_scope('/', '', '')",
        "SELECT scope_seal('/', '', '')",
        "SELECT key FROM scope_key",
        "SELECT token_hash FROM session",
        "INSERT INTO session SELECT 'mine', 1, 'county-b', 'c', now(), now() + interval '1 h'",
        "SELECT * FROM sign_in_lookup('admin')",
        "UPDATE app_user SET org_id = 'county-a' WHERE login = 'stranger'",
        "UPDATE org SET path = '/' WHERE id = 'county-b'",
        "UPDATE org SET path = '/county-a/x/' WHERE id = 'county-b'",
        "CREATE FUNCTION public.own_subject() RETURNS text LANGUAGE sql AS 'SELECT NULL'",
    ],
)
def test_no_statement_of_the_role_makes_a_proof(site, stranger, statement):
    with app(site) as connection:
        prove(connection, stranger)
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)):
            connection.execute(statement.encode())


def test_only_one_function_reads_the_scope_and_all_policies_ask_it(site):
    readers = site.rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND prosrc LIKE '%current_setting(''guitu.scope''%'"
    )
    assert [row["proname"] for row in readers] == ["open_scope"]
    loose = site.rows(
        "SELECT polrelid::regclass::text, polname FROM pg_policy WHERE polpermissive"
        " AND pg_get_expr(polqual, polrelid) !~ '(scope_orgs|open_scope)\\(\\)'"
    )
    assert loose == []


def test_the_servers_own_login_alone_needs_no_proof(site):
    with as_role(site.database.worker_dsn) as worker:
        worker.execute("SELECT set_config('guitu.scope', '/county-a/', false)")
        assert worker.execute("SELECT open_scope()").fetchone() == ("/county-a/",)
        rights = worker.execute(
            "SELECT rolname FROM pg_roles WHERE pg_has_role('guitu_worker', oid, 'USAGE')"
            " AND rolname LIKE 'guitu%' ORDER BY 1"
        ).fetchall()
    assert rights == [("guitu_app",), ("guitu_worker",)]

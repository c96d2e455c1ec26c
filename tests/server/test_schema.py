"""Migrations, and what the catalogue says about who may read what."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from psycopg import sql

from server.errors import MigrationError
from server.migrate import adapted, migrate, migration_files
from tests.services.database import PASSWORDS, Database

POSITION_TABLES = {"position_report", "position_late", "position_hour", "latest_position"}


def as_role(dsn):
    return psycopg.connect(dsn, autocommit=True)


def at_work(database, scope, role="guitu_app"):
    """The server's own connection, with a role's rights in a scope."""
    connection = as_role(database.worker_dsn)
    connection.execute(
        "SELECT set_config('role', %s, false), set_config('guitu.scope', %s, false)",
        (role, scope or ""),
    )
    return connection


def test_migrations_run_once_and_in_order(empty_database):
    names = list(migration_files())
    assert names == sorted(names)
    assert migrate(empty_database.owner_dsn, **PASSWORDS) == names
    assert migrate(empty_database.owner_dsn, **PASSWORDS) == []


def test_a_migration_that_was_changed_after_it_had_run_is_refused(database):
    with as_role(database.owner_dsn) as owner:
        owner.execute("UPDATE schema_migration SET checksum = 'x' WHERE name LIKE '0002%'")
    with pytest.raises(MigrationError, match=r"0002_position_report\.sql was changed"):
        migrate(database.owner_dsn, **PASSWORDS)


def test_a_database_of_a_newer_version_is_refused(database):
    with as_role(database.owner_dsn) as owner:
        owner.execute("INSERT INTO schema_migration VALUES ('9999_later.sql', 'x')")
    with pytest.raises(MigrationError, match=r"9999_later\.sql, which this version does not know"):
        migrate(database.owner_dsn, **PASSWORDS)


def test_a_migration_that_fails_leaves_nothing(empty_database):
    with as_role(empty_database.owner_dsn) as owner:
        owner.execute("CREATE TABLE outcome (mine int)")
    with pytest.raises(MigrationError, match=r"0003_alert_and_score\.sql failed and was undone"):
        migrate(empty_database.owner_dsn, **PASSWORDS)
    with as_role(empty_database.owner_dsn) as owner:
        assert owner.execute("SELECT to_regclass('position_report')").fetchone() != (None,)
        assert owner.execute("SELECT to_regclass('alert')").fetchone() == (None,)


def test_positions_are_partitioned_by_day_or_a_hypertable():
    text = migration_files()["0002_position_report.sql"]
    plain, timescale = (adapted(text, has_timescale=flag) for flag in (False, True))
    assert plain.count(") PARTITION BY RANGE (fix_time);") == 1
    assert "SELECT create_hypertable" not in plain
    assert ") PARTITION BY RANGE (fix_time);" not in timescale
    assert timescale.count("SELECT create_hypertable('position_report'") == 1


def test_late_positions_wait_in_the_same_columns(database):
    with as_role(database.owner_dsn) as owner:
        columns = [
            owner.execute(
                "SELECT attname, atttypid, attnotnull FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " ORDER BY attnum",
                (table,),
            ).fetchall()
            for table in ("position_report", "position_late")
        ]
    assert columns[0] == columns[1]


def test_a_days_partition_is_made_once_and_only_for_days_of_this_century(database):
    with as_role(database.ingest_dsn) as ingest:
        for _ in range(2):
            ingest.execute("SELECT ensure_position_partition('2026-11-22')")
        with pytest.raises(psycopg.errors.RaiseException, match="2020 to 2099 only"):
            ingest.execute("SELECT ensure_position_partition('1970-01-01')")


def test_roles_own_nothing_and_are_no_superusers(database):
    with as_role(database.owner_dsn) as owner:
        rows = owner.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles"
            " WHERE rolname IN ('guitu_app', 'guitu_ingest', 'guitu_worker')"
        ).fetchall()
        assert rows == [(False,)] * 3
        owned = owner.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE r.rolname IN ('guitu_app', 'guitu_ingest', 'guitu_worker')"
        ).fetchone()
        assert owned == (0,)


def test_every_table_that_people_may_read_has_row_level_security(database):
    with as_role(database.owner_dsn) as owner:
        readable = owner.execute(
            "SELECT c.relname, c.relrowsecurity, ARRAY(SELECT p.polname::text FROM pg_policy p"
            "  WHERE p.polrelid = c.oid AND p.polpermissive = (p.polname = 'scope')"
            "  ORDER BY 1) AS policies FROM pg_class c"
            " WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
            " AND (has_table_privilege('guitu_app', c.oid, 'SELECT')"
            "   OR has_any_column_privilege('guitu_app', c.oid, 'SELECT'))"
        ).fetchall()
    assert len(readable) > 15
    assert [row for row in readable if not row[1] or "scope" not in row[2]] == []
    # What a supervised person's own account reads is narrowed once more; a sealed file is too.
    assert {row[0] for row in readable if "own" not in row[2]} == {"org", "session"}
    assert POSITION_TABLES.isdisjoint({row[0] for row in readable})


def test_people_have_no_grant_on_any_position_table(database):
    with as_role(database.ingest_dsn) as ingest:
        ingest.execute("SELECT ensure_position_partition('2026-11-22')")
    with as_role(database.owner_dsn) as owner:
        granted = owner.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm')"
            " AND (c.relname ~ '^(position_report|position_late|position_hour|latest_position)'"
            "   OR c.relname ~ '^(_hyper_|compress_hyper_|_materialized_|_partial_|_direct_)')"
            " AND (has_table_privilege('guitu_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
            "   OR has_any_column_privilege('guitu_app', c.oid, 'SELECT, INSERT, UPDATE'))"
        ).fetchall()
    assert granted == []


def test_functions_that_see_more_are_these_and_cannot_be_misled(database):
    with as_role(database.owner_dsn) as owner:
        rows = owner.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE prosecdef"
            " AND pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert {name for name, _ in rows} == {
        *("scope_orgs", "announce", "track", "latest_positions", "ensure_position_partition"),
        *("trim_feed", "feed_ends", "sessions_alive", "session_lookup", "gateway_lookup"),
        *("sign_in_lookup", "sign_in_attempted", "sign_in_passed"),
        *("trim_ingest_quarantine", "seal_position_day", "seal_position_days"),
        *("merge_late_positions", "retire_positions", "destroy_lifted_positions"),
        *(
            "destroy_lifted_fact_places",
            "destroy_lifted_evidence",
            "own_forbidden_areas",
            "own_no_contact",
        ),
        *("own_ref", "own_referred"),
        *("destroy_archive_keys", "ask_archive_destruction", "end_archive_with_positions"),
        *("archive_keys_of", "scope_seal", "open_scope", "seal_scope", "open_session_scope"),
        *("open_gateway_scope", "end_session", "end_sessions", "broker_devices"),
        "broker_credentials",
        *("is_of_scope", "covered_here_until", "end_wristbands_here"),
        *("note_position_hours", "count_position_hours", "count_due_position_hours"),
        *("count_after_destruction", "position_hours", "position_days"),
        *("position_days_stored", "sweep_positions", "drop_empty_position_day"),
        *("scope_line", "directory_head", "directory_schedules", "directory_periods"),
        *("covered_until", "check_wristband", "end_wristbands", "end_with_order", "keep_worn_kind"),
        *(
            "end_due_wristbands",
            "refuse_order_overlap",
            "meet_assistance",
            "number_directory",
        ),
        *("rule_set_in_force", "law_policies", "holiday_notices"),
        *("closed_files", "county_of", "files_open_to", "county_name", "move_file"),
        *("end_fences", "standing_place_permissions", "district_boundaries"),
        *("hand_transfer_clocks", "enqueue_notifications", "trim_request_keys"),
        *("refuse_double_duty", "look_again", "look_again_at_theirs", "incident_plans"),
        "hasten_position_hours",
        *("name_alert_kinds", "tally_alert", "fold_alert_tally"),
        *("watched_people", "gateway_silences"),
        *("unwatched_orgs", "last_report_times", "own_backlog"),
        *("await_sealing", "destroy_audited", "reseal_outcomes"),
        *("number_duty_change", "directory_shifts", "directory_absences"),
        *("score_policies", "participant_policies", "score_month_grid", "migrations_done"),
        *("session_seen", "session_factor_passed", "sessions_beside", "end_session_beside"),
        *("factor_of_session", "factor_step_used", "recovery_code_used", "factor_enrolled"),
        *("address_attempted", "address_passed"),
        *("account_for_security", "account_granted", "account_unlocked"),
        *("recovery_asked", "recovery_decided"),
        *("data_keys_of", "looks_at"),
        *("is_held", "due_records", "due_counts", "destroy_due"),
        *("closed_media", "media_held"),
        *("looks_of", "exports_of"),
    }
    assert all(config == ["search_path=public, pg_temp"] for _, config in rows)


def test_no_function_is_for_everybody(database):
    with as_role(database.owner_dsn) as owner:
        public = owner.execute(
            "SELECT proname FROM pg_proc p,"
            " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))"
            " WHERE pronamespace = 'public'::regnamespace AND grantee = 0"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        ).fetchall()
    assert public == []


TABLES = (
    *("org", "app_user", "subject", "device", "binding", "positioning_order", "fence"),
    *("fence_assignment", "directory_version", "gateway", "gateway_mark", "outcome", "alert"),
    *("alert_step", "fact", "score_entry", "feed", "access_log", "command", "command_step"),
    *("ingest_quarantine", "position_destruction", "archive_destruction"),
    *("act", "deadline", "law_policy", "request_key", "holiday_notice"),
    *("case_file", "group_member", "file_look", "file_step", "file_contact", "prohibition"),
    *("plan", "plan_review", "class_proposal", "exit_ban", "identity_check", "file_archive"),
    "transfer",
    *("document", "document_count", "document_service", "document_copy", "document_receipt"),
    *("finding", "measure", "measure_evidence", "measure_ruling", "objection", "missing_person"),
    *("search_step", "duty_schedule", "duty_record", "activity", "attendance", "assessment"),
    "investigation",
    *("notification_channel", "notification_secret", "notification", "notification_delivery"),
    *("alert_verification", "fact_record", "fact_review", "alert_tally", "alert_tally_change"),
    *("alert_seen", "alert_report"),
    *("duty_shift", "duty_absence", "duty_handover", "incident_plan", "incident"),
    *("incident_alert", "incident_task", "incident_entry"),
    *("dispatch_task", "dispatch_step"),
    *("score_policy", "fact_void", "score_month_facts", "score_close", "score_month"),
    *("score_notice", "score_notice_round", "score_trial", "score_trial_mover"),
    "score_promise",
    *("score_treatment", "score_treatment_objection", "score_treatment_round"),
    *("redemption", "redemption_entry", "redemption_round"),
    *("participant", "participant_policy", "participant_deed", "participant_deed_void"),
    *("outflow_mapping", "outflow_basis", "outflow_message"),
    *("account_recovery", "procurator_look", "look_alarm"),
    *("legal_hold", "retention_destruction"),
    "device_credential",
    *("data_request", "impact_assessment"),
    *("audit_pending", "audit_destruction", "audit_block", "audit_leaf", "audit_checkpoint"),
    "audit_anchor",
    *("media", "media_upload", "media_link", "media_manifest"),
    "checkin_attempt",
)
COLUMNS = {"app_user": "login", "gateway": "id"}


@pytest.mark.parametrize("scope", [None, "", "/county-b/", "/county", "county-a"])
def test_without_its_scope_a_transaction_sees_no_row(site, scope):
    with at_work(site.database, scope) as app:
        for table in TABLES:
            query = f"SELECT {COLUMNS.get(table, '*')} FROM {table}"  # noqa: S608 - from above
            assert app.execute(query.encode()).fetchall() == [], table
        assert app.execute("SELECT * FROM latest_positions(-1)").fetchall() == []


def test_within_its_scope_it_sees_its_own_rows_only(site):
    site.add_org("county-b", "/")
    for scope, count in (
        ("/county-a/", 2),
        ("/county-b/", 1),
        ("/county-a/office-1/", 1),
        ("/", 3),
    ):
        with at_work(site.database, scope) as app:
            assert app.execute("SELECT count(*) FROM org").fetchone() == (count,)


def test_a_row_of_another_organisation_cannot_be_written(site):
    site.add_org("county-b", "/")
    with at_work(site.database, "/county-b/") as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(
                "INSERT INTO access_log (org_id, by_login, act) VALUES ('county-a', 'x', 'track')"
            )
        moved = app.execute("UPDATE alert SET state = 'acknowledged'").rowcount
    assert moved == 0


def test_secrets_are_readable_by_neither_role(site):
    for name in ("guitu_app", "guitu_ingest"):
        with at_work(site.database, "/", name) as role:
            for query in (
                "SELECT password_hash FROM app_user",
                "SELECT token_hash FROM gateway",
                "SELECT token_hash FROM session",
                "SELECT * FROM sign_in_attempt",
                "SELECT * FROM address_attempt",
                "SELECT * FROM second_factor",
                "SELECT * FROM recovery_code",
                "SELECT * FROM scope_key",
                "SELECT * FROM data_key",
                "SELECT * FROM sign_in_lookup('admin')",
                "SELECT scope_seal('/', '', '')",
                "SELECT seal_scope('/', '', '')",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    role.execute(query)


@pytest.mark.parametrize(
    "table",
    [
        *("score_entry", "outcome", "alert_step", "fact", "access_log", "command_step"),
        *(
            "position_destruction",
            "archive_destruction",
            "act",
            "law_policy",
            "file_step",
            "plan",
            "file_archive",
        ),
        *("holiday_notice", "document", "document_service", "document_copy", "document_receipt"),
        *("measure_evidence", "measure_ruling", "search_step", "duty_record"),
        "fact_record",
        *("incident_plan", "incident_entry"),
        *("dispatch_step", "alert_report", "fact_void", "score_close", "score_month"),
        *("procurator_look", "look_alarm", "score_notice_round", "retention_destruction"),
        *("score_treatment_round", "redemption_entry", "redemption_round"),
        *("score_trial", "score_trial_mover", "score_promise"),
        *("audit_destruction", "audit_block", "audit_checkpoint", "audit_anchor"),
    ],
)
def test_what_happened_cannot_be_rewritten_even_by_the_owner(site, table):
    with as_role(site.database.owner_dsn) as owner:
        for statement in ("DELETE FROM {}", "UPDATE {} SET org_id = org_id", "TRUNCATE {} CASCADE"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                owner.execute(sql.SQL(statement).format(sql.Identifier(table)))


def test_a_temporary_table_does_not_mislead_the_scope(site):
    with at_work(site.database, "/county-b/") as app:
        app.execute("CREATE TEMP TABLE org (id text, path text)")
        app.execute("INSERT INTO pg_temp.org VALUES ('county-a', '/county-b/')")
        assert app.execute("SELECT scope_orgs()").fetchone() == ([],)


def test_passwords_of_the_roles_can_be_changed(private_database):
    # Roles are the server's: with another's, this would lock other tests out meanwhile.
    database = Database(private_database.dsn())
    migrate(database.owner_dsn, **PASSWORDS)
    psycopg.connect(database.app_dsn).close()
    migrate(database.owner_dsn, **PASSWORDS | {"app_password": "another one"})
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.app_dsn)


def test_databases_of_one_server_may_be_migrated_at_once(database_server):
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        dsns = [stack.enter_context(database_server.migrated()).owner_dsn for _ in range(4)]
        again = [pool.submit(migrate, dsn, **PASSWORDS) for dsn in dsns * 10]
        assert [done.result() for done in again] == [[]] * 40


def test_checksums_are_of_the_files_as_they_are(database):
    with as_role(database.owner_dsn) as owner:
        kept = dict(owner.execute("SELECT name, checksum FROM schema_migration").fetchall())
    texts = migration_files()
    assert kept == {name: hashlib.sha256(t.encode()).hexdigest() for name, t in texts.items()}

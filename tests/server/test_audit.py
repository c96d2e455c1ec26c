"""The evidence chain: what was sealed cannot be changed unseen."""

import json

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from guitu.cli import main
from server.audit.sealing import Sealer
from server.audit.sources import SOURCES
from tests.server.sealed import Sealed, fill

ORG = "office-1"
# The values of a bit flipped, and of null made into something, by type.
FLIPS = {
    "bytea": "set_bit({c}, %(n)s %% (8 * length({c})),"
    " 1 - get_bit({c}, %(n)s %% (8 * length({c}))))",
    "text": "overlay({c} placing chr((ascii(substr({c}, 1 + %(n)s %% length({c}), 1))) # 1)"
    " from 1 + %(n)s %% length({c}) for 1)",
    "int8": "{c} # (1::bigint << (%(n)s %% 20))",
    "int4": "{c} # (1 << (%(n)s %% 20))",
    "int2": "({c}::int # 1)::int2",
    "bool": "NOT {c}",
    "timestamptz": "{c} + interval '1 microsecond'",
    "date": "{c} + 1",
    "numeric": "{c} + 1",
    "jsonb": "jsonb_build_array({c})",
    "_text": "{c} || 'x'::text",
    "_int8": "{c} || 9::bigint",
}
NULLS = {"text": "'x'", "bytea": "'\\x00'", "int8": "1", "jsonb": "'1'", "timestamptz": "now()"}
CHAIN = ("audit_leaf", "audit_block", "audit_checkpoint")
KEYS = dict.fromkeys(("fact_record", "fact_void"), "fact_id") | dict.fromkeys(CHAIN, "ctid")


@pytest.fixture
async def sealed(site):
    """Three blocks, all anchored; the third has a lawful destruction in it."""
    found = Sealed(site)
    await found.seal()
    await fill(site)
    await found.seal()
    site.rows("INSERT INTO access_log (org_id, by_login, act) VALUES (%s, 'a', 'track')", (ORG,))
    site.rows(
        "SELECT destroy_audited('access_log', ARRAY[(SELECT min(id)::text FROM access_log)],"
        " '保存期限届满 / its time was over', 'au-1')"
    )
    with psycopg.connect(site.database.owner_dsn) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM access_log WHERE id = (SELECT min(id) FROM access_log)")
    await found.seal()
    return found


def columns_of(owner, table):
    return dict(
        owner.execute(
            "SELECT a.attname::text, t.typname::text FROM pg_attribute a"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"
            " ORDER BY a.attnum",
            (table,),
        ).fetchall()
    )


def test_every_column_of_a_covered_table_is_sealed_or_left_out_by_name(database):
    with psycopg.connect(database.owner_dsn) as owner:
        for name, source in SOURCES.items():
            told = {*source.forms[source.form], *source.left_out}
            assert set(columns_of(owner, name)) == told, name


async def test_everything_is_sealed_anchored_and_whole(sealed):
    report = sealed.verify()
    assert report.faults == []
    assert report.chains[ORG].unanchored == 0
    assert report.chains[ORG].destroyed == 1
    sealed_tables = {row["source"] for row in sealed.site.rows("SELECT source FROM audit_leaf")}
    assert sealed_tables == set(SOURCES)
    # Nothing is left to do, and a round more does nothing.
    assert await sealed.seal() == 0


async def test_what_only_a_newer_release_covers_waits_for_it_and_holds_up_nothing(sealed):
    sealed.site.rows(
        "INSERT INTO audit_pending (org_id, source, row_id) VALUES (%s, 'of_tomorrow', '1')", (ORG,)
    )
    sealed.site.rows(
        "INSERT INTO access_log (org_id, by_login, act) VALUES (%s, 'a', 'track')", (ORG,)
    )
    assert await sealed.seal() > 0
    assert sealed.site.one("SELECT array_agg(source) FROM audit_pending") == ["of_tomorrow"]
    assert await sealed.seal() == 0


async def test_what_lies_after_the_last_anchor_is_stated(sealed):
    sealed.site.rows(
        "INSERT INTO access_log (org_id, by_login, act) VALUES (%s, 'a', 'track')", (ORG,)
    )
    chain = sealed.verify().chains[ORG]
    assert (chain.pending, chain.unanchored) == (1, 1)


def flip(owner, table, column, kind, *, number):
    """Flip a bit of some row; its key and organisation, or None where the database refuses."""
    row = number % owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - from above
    empty = f"CASE WHEN {column} IS NULL THEN {NULLS.get(kind, 'NULL')}"
    value = f"{empty} ELSE {FLIPS[kind].format(c=column)} END"
    try:
        return owner.execute(
            f"UPDATE {table} SET {column} = {value} WHERE ctid ="  # noqa: S608 - from above
            f" (SELECT ctid FROM {table} ORDER BY ctid OFFSET %(row)s LIMIT 1)"
            f" RETURNING {KEYS.get(table, 'id')}::text, org_id",
            {"n": number, "row": row},
        ).fetchone()
    except (psycopg.errors.IntegrityError, psycopg.errors.GeneratedAlways):
        return None


@pytest.mark.slow
async def test_a_bit_flipped_anywhere_is_found_and_located(sealed):
    with sealed.owner() as owner:
        every = [
            (table, column, kind)
            for table in (*SOURCES, *CHAIN)
            for column, kind in columns_of(owner, table).items()
            if column not in getattr(SOURCES.get(table), "left_out", ())
        ]
        for table in SOURCES:
            key = KEYS.get(table, "id")
            owner.execute(f"ALTER TABLE {table} ALTER {key} DROP IDENTITY IF EXISTS")
        flipped = 0
        for number, (table, column, kind) in enumerate(every):
            owner.execute("SAVEPOINT one")
            found = flip(owner, table, column, kind, number=number)
            report = sealed.seen(owner) if found else None
            owner.execute("ROLLBACK TO one")
            if report is None:
                continue
            flipped += 1
            assert report.faults, (table, column)
            if table in SOURCES and column not in ("id", "fact_id", "org_id"):
                first = report.faults[0]
                assert (first.table, first.id, first.org) == (table, *found), column
    assert flipped > 0.8 * len(every)


OPERATIONS = {
    "delete a row": "DELETE FROM {source} WHERE ctid = {some}",
    "delete a leaf": "DELETE FROM audit_leaf WHERE ctid = {leaf}",
    "delete a row with its leaf": "WITH gone AS (DELETE FROM {source} t WHERE ctid = {some}"
    " RETURNING t.*) DELETE FROM audit_leaf WHERE source = '{source}'"
    " AND row_id = (SELECT {key}::text FROM gone)",
    "delete a block": "DELETE FROM audit_block WHERE number = {block}",
    "delete a checkpoint": "DELETE FROM audit_checkpoint WHERE number = {block}",
    "delete a note of an anchor": "WITH c AS (DELETE FROM audit_checkpoint WHERE number = {block}"
    " RETURNING number) DELETE FROM audit_anchor WHERE number IN (SELECT number FROM c)",
    "put a row in": "INSERT INTO access_log (org_id, by_login, act) VALUES ('office-1', 'x', 'x')",
    "put a leaf in": "INSERT INTO audit_leaf SELECT org_id, position + 100, source, form,"
    " row_id || 'x', salt, commitment, destruction_id FROM audit_leaf WHERE ctid = {leaf}",
    "put a block in": "INSERT INTO audit_block SELECT org_id, number + 100, first_position + 100,"
    " leaf_count, algorithm, software, sealed_at, root, prev_hash, hash FROM audit_block"
    " WHERE number = {block}",
    "swap two leaves": "UPDATE audit_leaf SET commitment = CASE position WHEN 1 THEN"
    " (SELECT commitment FROM audit_leaf WHERE position = 3) ELSE (SELECT commitment FROM"
    " audit_leaf WHERE position = 1) END WHERE position IN (1, 3)",
    "swap two blocks": "UPDATE audit_block SET root = CASE number WHEN 1 THEN (SELECT root FROM"
    " audit_block WHERE number = 2) ELSE (SELECT root FROM audit_block WHERE number = 1) END",
    "call a row destroyed": "UPDATE audit_leaf SET salt = NULL, row_id = NULL, destruction_id ="
    " (SELECT min(id) FROM audit_destruction) WHERE ctid = {leaf}"
    " AND salt IS NOT NULL",
    "cut the end off": "WITH b AS (DELETE FROM audit_block WHERE number >= {block} RETURNING *),"
    " c AS (DELETE FROM audit_checkpoint WHERE number >= {block}),"
    " a AS (DELETE FROM audit_anchor WHERE number >= {block}), l AS (DELETE FROM audit_leaf"
    " WHERE position >= (SELECT min(first_position) FROM b) RETURNING *)"
    " INSERT INTO audit_pending (org_id, source, row_id) SELECT org_id, source, row_id FROM l"
    " WHERE row_id IS NOT NULL",
}


@pytest.mark.slow
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(sorted(OPERATIONS)),
    source=st.sampled_from(sorted(SOURCES)),
    number=st.integers(0, 50),
)
async def test_no_deletion_insertion_or_reordering_stays_unseen(sealed, name, source, number):
    some = "(SELECT ctid FROM {} ORDER BY ctid OFFSET {} % (SELECT count(*) FROM {}) LIMIT 1)"
    statement = OPERATIONS[name].format(
        source=source,
        key=KEYS.get(source, "id"),
        some=some.format(source, number, source),
        leaf=some.format("audit_leaf", number, "audit_leaf"),
        block=1 + number % 2,
    )
    with sealed.owner() as owner:
        try:
            changed = owner.execute(statement).rowcount
        except psycopg.errors.IntegrityError:
            changed = 0
        assume(changed)
        assert not sealed.seen(owner).is_whole, statement


async def test_a_chain_that_is_made_anew_is_betrayed_by_its_anchor(sealed):
    with psycopg.connect(sealed.site.database.owner_dsn) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE alert_step SET note = 'another' WHERE note = '本人承认'")
        owner.execute(
            "INSERT INTO audit_pending (org_id, source, row_id) SELECT org_id, source, row_id"
            " FROM audit_leaf WHERE row_id IS NOT NULL ORDER BY position"
        )
        for table in ("audit_anchor", *reversed(CHAIN), "audit_destruction", "audit_leaf"):
            owner.execute(f"DELETE FROM {table}")  # noqa: S608 - from above
        owner.execute("DELETE FROM audit_pending WHERE source = 'audit_destruction'")
    # With the site's own sealer and key: inside, everything fits together again.
    await sealed.seal()
    first = next(fault for fault in sealed.verify().faults if fault.org == ORG)
    assert first.table == "audit_block"
    assert "was rewritten: anchors.jsonl:1 says otherwise" in first.what


@pytest.mark.parametrize("byte", [2, 40, 150, 260])
async def test_a_bit_flipped_in_an_anchor_is_found_with_its_line(sealed, byte):
    file = sealed.anchors / "anchors.jsonl"
    content = bytearray(file.read_bytes())
    content[byte] ^= 1
    file.write_bytes(content)
    assert "anchors.jsonl:1" in {fault.id for fault in sealed.verify().faults}


async def test_an_anchor_taken_away_is_missed(sealed):
    file = sealed.anchors / "anchors.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))
    (fault,) = sealed.verify().faults
    assert (fault.table, fault.id) == ("audit_anchor", f"{ORG}/1")


async def test_the_command_names_the_first_broken_record_and_fails(sealed):
    site = sealed.site
    arguments = ["audit", "verify", "--dsn-file", str(site.folder / "worker.dsn"), "--json"]
    arguments += ["--key", str(site.folder / "audit-key.pub"), "--anchors", str(sealed.anchors)]
    whole = CliRunner().invoke(main, arguments)
    assert (whole.exit_code, json.loads(whole.stdout)["first_fault"]) == (0, None)
    with psycopg.connect(site.database.owner_dsn) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE fact SET quantity = quantity + 1")
        (fact,) = owner.execute("SELECT id FROM fact").fetchone()
    broken = CliRunner().invoke(main, arguments)
    assert broken.exit_code == 1
    first = json.loads(broken.stdout)["first_fault"]
    assert (first["table"], first["id"], first["org"]) == ("fact", fact, ORG)
    assert fact in broken.stderr


async def test_who_may_see_nothing_does_not_find_the_chains_whole(sealed):
    arguments = ["audit", "verify", "--dsn-file", str(sealed.site.folder / "app.dsn")]
    answer = CliRunner().invoke(main, arguments)
    assert (answer.exit_code, "sees no organisation" in answer.stderr) == (1, True)


async def test_a_server_without_the_key_leaves_sealing_to_those_that_have_it(sealed):
    sealed.site.rows("INSERT INTO access_log (org_id, by_login, act) VALUES ('office-1', 'x', 'x')")
    sealed.sealer = Sealer("sha256", None, sealed.anchors)
    assert await sealed.seal() == 0
    assert not sealed.verify().faults
    sealed.sealer = Sealer("sha256", sealed.signer, sealed.anchors)
    assert await sealed.seal() > 0
    assert not sealed.verify().faults


async def test_a_row_that_is_committed_late_is_sealed_all_the_same(sealed):
    insert = "INSERT INTO access_log (org_id, by_login, act) VALUES ('office-1', %s, 'track')"
    with psycopg.connect(sealed.site.database.owner_dsn) as slow:
        slow.execute(insert, ("slow",))
        sealed.site.rows(insert, ("fast",))
        await sealed.seal()
        slow.commit()
    await sealed.seal()
    report = sealed.verify()
    assert (report.faults, report.chains[ORG].unanchored) == ([], 0)


async def test_a_site_that_uses_sm3_goes_on_from_where_sha_256_ended(sealed):
    sealed.site.rows(
        "INSERT INTO access_log (org_id, by_login, act) VALUES (%s, 'a', 'track')", (ORG,)
    )
    later = Sealed(sealed.site, "sm3")
    await later.seal()
    assert later.verify().faults == []
    used = later.site.rows("SELECT DISTINCT algorithm FROM audit_block ORDER BY 1")
    assert [row["algorithm"] for row in used] == ["sha256", "sm3"]


async def test_a_line_that_a_power_failure_cut_short_is_no_fault_once_it_came_again(sealed):
    file = sealed.anchors / "anchors.jsonl"
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(whole[0] + whole[1][:50] + b"\n" + b"".join(whole[1:]))
    assert sealed.verify().faults == []
    file.write_bytes(whole[0] + whole[1][:50] + b"\n" + whole[0])
    assert "anchors.jsonl:2" in {fault.id for fault in sealed.verify().faults}

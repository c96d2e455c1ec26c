"""The archive on a real database: what is taken, who can read it, what a destruction leaves."""

import secrets

import psycopg
import pytest

from server.app import create_app
from server.archive.errors import BrokenChainError
from server.archive.keys import read_master_key
from server.archive.reading import read_segment
from server.errors import NotFoundError
from server.secrecy.errors import SealError
from tests.server.archive_journal import (
    ABSENT,
    ENTRIES,
    IN_ORDER_MS,
    OFFICER,
    OTHER,
    OUTCOMES,
    SUBJECT,
    Journal,
    batch,
    longitudes,
)
from tests.server.archive_reading import ARCHIVE, GATEWAY, bodies, chain, read, reader
from tests.server.conftest import running

JOURNAL = Journal()


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "archive-key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32))
    return path


@pytest.fixture
def master(key_file):
    return read_master_key(key_file)


@pytest.fixture
async def app(site, key_file):
    async with running(create_app(site.settings(archive_key_file=key_file))) as started:
        yield started


@pytest.fixture
async def send(gateway):
    async def sent(first, last, *, journal=JOURNAL, query=""):
        url = f"{ARCHIVE}?first={first}&last={last}{query}"
        return await gateway.post(url, content=journal.segment(first, last))

    return sent


@pytest.fixture
async def archived(send):
    answer = await send(1, 6)
    assert (answer.status_code, answer.json()) == (200, {"through": 6})


def destroy(site, holder, order, *, kind="subject", scope="/county-a/", org="office-1"):
    with psycopg.connect(site.database.worker_dsn) as connection:
        connection.execute("SELECT set_config('guitu.scope', %s, false)", (scope,))
        connection.execute(
            "SELECT ask_archive_destruction(%s, %s, %s, %s, '本人申请', 'officer-1')",
            (org, kind, holder, order),
        )


@pytest.mark.usefixtures("archived")
async def test_a_segment_reads_back_to_the_byte(site, master):
    joined = await read(site, master)
    assert [tuple(vars_of(entry)) for entry in joined.entries] == JOURNAL.entries(1, 6)
    assert joined.whole == frozenset(range(1, 7))
    assert [o.body for o in joined.outcomes] == OUTCOMES[4]


def vars_of(entry):
    return entry.seq, entry.kind, entry.at_us, entry.rows, entry.body


async def test_segments_go_on_where_the_last_one_ended(site, send, gateway):
    assert (await gateway.get(ARCHIVE)).json() == {"through": 0}
    for first, last in ((1, 2), (3, 5), (6, 6)):
        assert (await send(first, last)).json() == {"through": last}
    found = await chain(site)
    assert (found.segments, found.through, found.gaps) == (3, 6, [])


@pytest.mark.usefixtures("archived")
async def test_what_is_there_is_stored_once(site, send):
    parts = site.one("SELECT count(*) FROM archive_part")
    assert (await send(1, 6)).json() == {"through": 6}
    assert (await send(2, 4)).json() == {"through": 6}
    assert site.one("SELECT count(*) FROM archive_part") == parts


async def test_a_gap_is_told_unless_the_journal_begins_there(site, send):
    await send(1, 2)
    answer = await send(4, 5)
    assert (answer.status_code, answer.json()["through"]) == (409, 2)
    assert (await send(4, 5, query="&begins=true")).json() == {"through": 5}
    assert (await chain(site)).gaps == [(3, 3)]


async def test_an_overlapping_segment_is_told_where_to_go_on(send):
    await send(1, 3)
    answer = await send(2, 5, query="&begins=true")
    assert (answer.status_code, answer.json()["through"]) == (409, 3)


async def test_entries_that_do_not_chain_to_the_last_segment_are_refused(send):
    await send(1, 2)
    changed = [*ENTRIES[:1], ("directory", 0, b"another"), *ENTRIES[2:]]
    answer = await send(3, 4, journal=Journal(changed))
    assert answer.status_code == 422
    assert "entry 3 does not chain" in answer.json()["detail"]


async def test_a_body_that_is_no_stream_is_refused(gateway):
    answer = await gateway.post(f"{ARCHIVE}?first=1&last=1", content=b"nonsense")
    assert answer.status_code == 422
    assert "not an Arrow IPC stream" in answer.json()["detail"]


@pytest.mark.usefixtures("archived")
async def test_an_order_has_a_key_of_its_own_and_so_has_everybody_else(site):
    rows = site.rows("SELECT holder_kind, holder_id, order_id, org_id FROM archive_key")
    assert {tuple(row.values()) for row in rows} == {
        ("subject", SUBJECT, "eo-1", "office-1"),
        ("subject", OTHER, None, "office-1"),
        ("officer", OFFICER, None, "office-1"),
        ("frame", GATEWAY, None, "county-a"),
        ("directory", GATEWAY, None, "county-a"),
    }


@pytest.mark.usefixtures("archived")
async def test_nothing_lies_open_and_the_master_key_nowhere(site, key_file):
    rows = site.rows(
        "SELECT sealed AS a FROM archive_part UNION ALL SELECT wrapped FROM archive_key"
    )
    secret = key_file.read_bytes()
    for row in rows:
        for name in (b"s-4k2m9q", b"wb-000001", b"no_order", secret):
            assert name not in row["a"]


@pytest.mark.usefixtures("archived")
async def test_after_the_key_is_destroyed_only_that_persons_rows_are_gone(site, master):
    destroy(site, SUBJECT, "eo-1")
    joined = await read(site, master)
    found = bodies(joined)
    assert longitudes(found[3]) == [1_201_551_002]
    assert longitudes(found[4]) == [ABSENT]
    assert b"wb-000001" not in b"".join(found.values())
    assert joined.lost == {2}, "a directory names everybody"
    assert joined.whole == {1, 5, 6}
    assert [outcome.body for outcome in joined.outcomes] == [OUTCOMES[4][1]]


@pytest.mark.usefixtures("archived")
async def test_the_chain_holds_after_the_destruction(site):
    before = await chain(site)
    destroy(site, SUBJECT, "eo-1")
    assert await chain(site) == before


@pytest.mark.usefixtures("archived")
async def test_a_destruction_says_who_why_and_how_much_and_takes_the_content_too(site):
    destroy(site, SUBJECT, "eo-1")
    (record,) = site.rows("SELECT * FROM archive_destruction")
    assert (record["holder_id"], record["order_id"], record["reason"]) == (SUBJECT, "eo-1", "asked")
    assert (record["why"], record["by_login"]) == ("本人申请", "officer-1")
    assert (record["key_count"], record["part_count"]) == (2, 2)
    assert site.one("SELECT count(*) FROM archive_key") == 3
    assert site.one("SELECT count(*) FROM archive_part WHERE sealed IS NULL") == 2
    kept = site.one("SELECT sum(length(sealed)) FROM archive_part")
    assert site.one("SELECT stored_bytes FROM archive_mark") == kept


@pytest.mark.usefixtures("archived")
async def test_every_basis_of_a_person_can_go_at_once(site, master):
    destroy(site, OTHER, None)
    joined = await read(site, master)
    assert b"wb-000002" not in b"".join(bodies(joined).values())
    assert [outcome.body for outcome in joined.outcomes] == [OUTCOMES[4][0]]


@pytest.mark.parametrize("org", ["office-1", "county-b"])
@pytest.mark.usefixtures("archived")
async def test_a_destruction_outside_of_ones_scope_is_refused(site, org):
    site.add_org("county-b", "/")
    with pytest.raises(psycopg.errors.RaiseException, match="not in the scope"):
        destroy(site, SUBJECT, "eo-1", scope="/county-b/", org=org)
    assert site.one("SELECT count(*) FROM archive_key WHERE order_id = 'eo-1'") == 1


@pytest.mark.usefixtures("archived")
async def test_nobody_asks_for_the_keys_of_a_gateway(site):
    with pytest.raises(psycopg.errors.RaiseException, match="not a person's"):
        destroy(site, GATEWAY, None, kind="frame")
    assert site.one("SELECT count(*) FROM archive_key WHERE holder_kind = 'frame'") == 1


@pytest.mark.parametrize("order", ["eo-1", None])
@pytest.mark.usefixtures("archived")
async def test_what_comes_under_a_destroyed_order_is_never_readable(site, send, master, order):
    destroy(site, SUBJECT, order)
    journal = Journal([*ENTRIES, batch((SUBJECT, IN_ORDER_MS, 1_201_551_009, 50))])
    assert (await send(7, 7, journal=journal)).json() == {"through": 7}
    assert longitudes(bodies(await read(site, master, 7))[7]) == []
    assert site.one("SELECT count(*) FROM archive_key WHERE order_id = 'eo-1'") == 0


async def test_a_place_after_the_lifting_is_never_readable(site, send, master):
    site.rows("UPDATE positioning_order SET lifted_at = to_timestamp(%s)", (IN_ORDER_MS // 1_000,))
    reports = [(SUBJECT, IN_ORDER_MS + n, 1_201_551_000 + n, 50) for n in (-2, -1, 0, 1)]
    await send(1, 1, journal=Journal([batch(*reports)], {}))
    assert longitudes(bodies(await read(site, master))[1]) == [1_201_550_998, 1_201_550_999]


@pytest.mark.parametrize("reason", ["retention", "lifted"])
@pytest.mark.usefixtures("archived")
async def test_where_positions_end_their_journal_ends(site, master, reason):
    site.rows(
        "INSERT INTO position_destruction (org_id, subject_id, order_id, reason, from_time,"
        " to_time, report_count) VALUES ('office-1', %s, 'eo-1', %s, now(), now(), 1)",
        (SUBJECT, reason),
    )
    assert b"wb-000001" not in b"".join(bodies(await read(site, master)).values())
    assert site.one("SELECT reason FROM archive_destruction") == reason


@pytest.mark.parametrize(
    "changes",
    [
        ["UPDATE archive_segment SET end_at_us = end_at_us + 1 WHERE first_seq = 3"],
        ["UPDATE archive_part SET commitment = sha256(commitment) WHERE first_seq = 3"],
        ["DELETE FROM archive_part WHERE first_seq = 3 AND part = 1"],
        [
            "DELETE FROM archive_part WHERE first_seq = 3",
            "DELETE FROM archive_segment WHERE first_seq = 3",
        ],
        [
            "DELETE FROM archive_part WHERE first_seq = 6",
            "DELETE FROM archive_segment WHERE first_seq = 6",
        ],
    ],
    ids=["heading", "commitment", "part", "segment", "last-segment"],
)
async def test_a_change_breaks_the_chain(site, send, changes):
    for first, last in ((1, 2), (3, 5), (6, 6)):
        await send(first, last)
    for change in changes:
        site.rows(change)
    with pytest.raises(BrokenChainError):
        await chain(site)


async def test_a_content_that_was_changed_or_moved_does_not_open(site, send, master):
    await send(1, 3)
    await send(4, 6)
    moved = (
        "UPDATE archive_part a SET sealed = b.sealed, commitment = b.commitment FROM archive_part b"
        " WHERE a.key_id = b.key_id AND (a.first_seq, b.first_seq) = (1, 4)"
    )
    flipped = (
        "UPDATE archive_part SET sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1)"
        " WHERE first_seq = 4"
    )
    for change, first in ((moved, 1), (flipped, 4)):
        site.rows(change)
        with pytest.raises(SealError, match="does not open with this key, or was changed"):
            await read(site, master, first)


@pytest.mark.usefixtures("archived")
async def test_another_master_key_opens_nothing(site, tmp_path):
    path = tmp_path / "another-key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32))
    with pytest.raises(SealError):
        await read(site, read_master_key(path))


@pytest.mark.usefixtures("archived")
async def test_outside_of_the_scope_there_is_no_archive(site, master):
    async with reader(site, scope="/county-b/") as connection:
        with pytest.raises(NotFoundError):
            await read_segment(connection, master, GATEWAY, 1)


@pytest.mark.usefixtures("archived")
async def test_people_read_of_the_archive_only_what_was_destroyed(site):
    with psycopg.connect(site.database.app_dsn, autocommit=True) as app:
        for table in ("archive_key", "archive_part", "archive_segment", "archive_mark"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"SELECT FROM {table}".encode())
        app.execute("SELECT FROM archive_destruction")


@pytest.mark.usefixtures("archived")
async def test_a_full_archive_asks_to_come_again(site, send):
    site.rows("UPDATE archive_mark SET stored_bytes = 1::bigint << 50")
    journal = Journal([*ENTRIES, ("tick", 0, b"")])
    answer = await send(7, 7, journal=journal)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")


async def test_without_a_master_key_nothing_is_archived(site):
    async with running(create_app(site.settings())) as app:
        assert app.state.archive_master_key is None

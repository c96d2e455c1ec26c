"""A journal in the archive: whole to the byte, then unreadable person by person, always a chain."""

import asyncio
import secrets
import sqlite3
from contextlib import asynccontextmanager, closing

import psycopg
import pytest
from psycopg.rows import dict_row

from server.archive.keys import read_master_key
from server.archive.reading import read_segment, verify_chain
from server.db import set_scope
from tests.gateway.life import WAIT_S, process, running, until
from tests.gateway.place import journal_of, now_ms, report, topic, walk
from tests.gateway.sites import GATEWAY, serving

OUT_AND_BACK = [0.0, 0.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0, 0.0, 0.0, 0.0]
ARCHIVE = "/api/v1/gateway/archive"


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "archive-key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32))
    return path


@pytest.fixture
def place(make_place, database, key_file):
    made = make_place(database, archive=True, archive_age_s=0.1)
    made.server = made.server.model_copy(update={"archive_key_file": key_file})
    return made


@pytest.fixture
def master(key_file):
    return read_master_key(key_file)


@asynccontextmanager
async def reader(place, scope="/"):
    """As the role of the gateways, which is what reads an archive."""
    connection = await psycopg.AsyncConnection.connect(
        place.site.database.worker_dsn, row_factory=dict_row
    )
    async with connection:
        await set_scope(connection, scope, role="guitu_ingest")
        yield connection


def entries_of(settings):
    with journal_of(settings) as journal:
        return list(journal.entries())


def outcomes_of(settings):
    with journal_of(settings) as journal:
        return journal.raw_outcomes(1, 1 << 40)


async def until_archived(gateway):
    """Return when the archive has everything to the last entry that found something."""
    last = outcomes_of(gateway.settings)[-1][0]
    async with asyncio.timeout(WAIT_S):
        while (await gateway.metrics())["guitu_gateway_archived_entries"] < last:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def fill(place, anybody):
    """Let a subject leave and come back, an officer walk, and a subject without an order cut."""
    async with serving(place.server), running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        anybody.publish_all(topic("ph-1", kind="phone"), walk([0.0, 50.0]))
        await gateway.until_kept(len(OUT_AND_BACK) + 2)
        anybody.publish_all(topic("wb-2"), [report(1, alarms=["strap"])])
        await gateway.until_kept(len(OUT_AND_BACK) + 3)
        await until_archived(gateway)


async def read_all(place, master):
    """Return every segment that is in the archive."""
    firsts = place.site.rows("SELECT first_seq FROM archive_segment ORDER BY first_seq")
    async with reader(place) as connection:
        return [await read_segment(connection, master, GATEWAY, row["first_seq"]) for row in firsts]


def destroy(place, order, *, holder="s-1", kind="subject"):
    with psycopg.connect(place.site.database.worker_dsn) as connection:
        connection.execute("SELECT set_config('guitu.scope', '/county/', false)")
        connection.execute(
            "SELECT ask_archive_destruction('county', %s, %s, %s, '当事人申请', 'officer-1')",
            (kind, holder, order),
        )


def names_in(segments):
    return b"".join(entry.body for segment in segments for entry in segment.entries)


async def test_what_was_archived_reads_back_to_the_byte(place, anybody, master):
    await fill(place, anybody)
    segments = await read_all(place, master)
    kept = entries_of(place.gateway)
    read = [entry for segment in segments for entry in segment.entries]
    assert [(e.seq, e.kind, e.at_us, e.rows, e.body) for e in read] == [
        (e.seq, e.kind, e.at_us, e.rows, e.body) for e in kept[: len(read)]
    ]
    assert {seq for segment in segments for seq in segment.whole} == {entry.seq for entry in read}
    outcomes = [(o.seq, o.nth, o.body) for segment in segments for o in segment.outcomes]
    assert outcomes == outcomes_of(place.gateway)
    assert len(outcomes) >= 3


async def test_after_its_key_is_gone_nobody_reads_it_and_the_chain_holds(place, anybody, master):
    await fill(place, anybody)
    async with reader(place) as connection:
        before = await verify_chain(connection, GATEWAY)
    destroy(place, "eo-1")
    segments = await read_all(place, master)
    text = names_in(segments)
    assert b"wb-1" not in text
    assert b"ph-1" in text, "an officer's rows are under another key"
    assert b"wb-2" in text, "so are another subject's"
    assert {
        outcome.body for s in segments for outcome in s.outcomes if b"s-1" in outcome.body
    } == set()
    assert any(b"s-2" in outcome.body for s in segments for outcome in s.outcomes)
    async with reader(place) as connection:
        assert await verify_chain(connection, GATEWAY) == before
    lost = [seq for segment in segments for seq in segment.lost]
    assert lost, "directories name everybody, and go too"


async def test_a_kill_between_storing_and_answer_stores_once(place, anybody, master):
    async with serving(place.server) as door:
        with process(place.gateway) as gateway:
            await gateway.until_ready()
            anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK, end_ms=now_ms() - 200_000))
            await gateway.until_kept(len(OUT_AND_BACK))
            await until_archived(gateway)
            door.swallow = ARCHIVE
            anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK, first_seq=50))
            async with asyncio.timeout(WAIT_S):
                await door.swallowed.wait()
            gateway.kill()
        door.swallow = None
        async with running(place.gateway) as again:
            anybody.publish_all(topic("wb-1"), [report(100, alarms=["sos"])])
            await again.until_kept(2 * len(OUT_AND_BACK) + 1)
            await until_archived(again)
    read = [entry.seq for segment in await read_all(place, master) for entry in segment.entries]
    assert read == list(range(1, len(read) + 1))
    async with reader(place) as connection:
        assert (await verify_chain(connection, GATEWAY)).gaps == []


async def test_the_archive_goes_on_behind_an_entry_that_was_changed(place, anybody, master):
    async with serving(place.server), running(place.gateway):
        pass  # it has a directory now
    async with running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await gateway.until_kept(len(OUT_AND_BACK))
    with closing(sqlite3.connect(place.gateway.data_dir / "journal.db")) as db:
        (changed,) = db.execute("SELECT min(seq) FROM entry WHERE kind = 'batch'").fetchone()
        db.execute("UPDATE entry SET at_us = at_us + 1 WHERE seq = ?", (changed,))
        db.commit()
    async with serving(place.server), running(place.gateway) as gateway:
        await until_archived(gateway)
        metrics = await gateway.metrics()
    assert metrics["guitu_gateway_archive_refused_entries"] == 1
    segments = await read_all(place, master)
    assert [seq for segment in segments for seq in segment.lost] == [changed]
    (row,) = place.site.rows("SELECT stream, entry_seq, detail FROM ingest_quarantine")
    assert (row["stream"], row["entry_seq"]) == ("archive", changed)
    assert "does not chain: it changed" in row["detail"]
    async with reader(place) as connection:
        assert (await verify_chain(connection, GATEWAY)).gaps == []


async def test_the_journal_is_trimmed_no_further_than_it_is_archived(place, anybody, monkeypatch):
    keyless = place.server.model_copy(update={"archive_key_file": None})
    asked = []
    async with serving(keyless), running(place.gateway) as gateway:
        monkeypatch.setattr(gateway.gateway._pipeline, "housekeep", asked.append)
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await place.until_rows("position_report", len(OUT_AND_BACK))
        state = await gateway.until(lambda s: s["uplink"]["archive"], "it is told")
        await until(lambda: len(asked) > 2, "housekeeping went on")
        assert all(stream.confirmed_seq for stream in gateway.gateway._drains._streams)
    assert "GUITU_SERVER_ARCHIVE_KEY_FILE" in state["uplink"]["archive"]
    assert set(asked) == {0}

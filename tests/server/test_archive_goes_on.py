"""The archive goes on: behind an entry that it cannot keep, and after a transfer."""

import secrets

import psycopg
import pytest

from server.app import create_app
from server.archive.keys import read_master_key
from tests.server.archive_journal import ENTRIES, IN_ORDER_MS, SUBJECT, Journal, batch, longitudes
from tests.server.archive_reading import ARCHIVE, bodies, chain, read, reader
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


async def test_what_comes_after_a_transfer_is_sealed_under_the_key_from_before(site, send, master):
    # The subject was of another county when the key was made; the gateway does not see that one.
    await send(1, 4)
    site.add_org("county-b", "/")
    before = site.rows("SELECT id FROM archive_key ORDER BY id")
    site.rows("UPDATE archive_key SET org_id = 'county-b' WHERE holder_kind = 'subject'")
    journal = Journal([*ENTRIES, batch((SUBJECT, IN_ORDER_MS, 1_201_551_009, 50))])
    assert (await send(5, 7, journal=journal)).json() == {"through": 7}
    assert longitudes(bodies(await read(site, master, 5))[7]) == [1_201_551_009]
    assert site.rows("SELECT id FROM archive_key ORDER BY id") == before
    # It belongs to where the subject is now, so that who is asked there can destroy it.
    assert site.one("SELECT org_id FROM archive_key WHERE order_id = 'eo-1'") == "office-1"


async def test_no_gateway_reads_keys_for_an_organisation_outside_of_its_scope(site):
    async with reader(site, scope="/county-a/") as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="not in the scope"):
            await connection.execute(
                "SELECT archive_keys_of('{county-x}', '{subject}', '{s}', '{eo-1}')"
            )


REFUSED = {"kind": "batch", "at_us": 3_000_000, "rows": 2, "reason": "does not hold to the page"}


def refused(journal=JOURNAL, seq=3):
    (row,) = (r for r in journal.rows if r["seq"] == seq and r["kind"] != "outcome")
    return REFUSED | {"digest": row["digest"].hex()}


async def test_the_archive_goes_on_behind_an_entry_that_it_cannot_keep(site, send, gateway, master):
    await send(1, 2)
    answer = await gateway.post(f"{ARCHIVE}/refused?entry=3", json=refused())
    assert (answer.status_code, answer.json()) == (200, {"through": 3})
    again = await gateway.post(f"{ARCHIVE}/refused?entry=3", json=refused())
    assert again.json() == {"through": 3}
    # What follows still has to chain to it.
    assert (await send(4, 6)).json() == {"through": 6}
    found = await chain(site)
    assert (found.segments, found.through, found.gaps) == (3, 6, [])
    assert (await read(site, master, 3)).lost == {3}
    (row,) = site.rows("SELECT stream, entry_seq, reason, detail, content FROM ingest_quarantine")
    assert (row["stream"], row["entry_seq"], row["reason"]) == ("archive", 3, "unarchivable")
    assert row["detail"] == "does not hold to the page"
    assert row["content"] == {"kind": "batch", "at_us": 3_000_000, "rows": 2}


async def test_what_follows_an_entry_set_aside_must_chain_to_it(send, gateway):
    await send(1, 2)
    told = refused() | {"digest": "00" * 32}
    await gateway.post(f"{ARCHIVE}/refused?entry=3", json=told)
    answer = await send(4, 4)
    assert (answer.status_code, "entry 4 does not chain" in answer.text) == (422, True)


async def test_no_entry_is_set_aside_before_its_turn(gateway):
    answer = await gateway.post(f"{ARCHIVE}/refused?entry=3", json=refused())
    assert (answer.status_code, answer.json()["through"]) == (409, 0)

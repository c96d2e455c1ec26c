"""A full disk stops acknowledging and loses nothing; the gateway says so.

The limit is on file sizes (RLIMIT_FSIZE) of the running process, so that it can be lifted.
"""

import json
import sqlite3

import httpx
from click.testing import CliRunner

from guitu.cli import main
from tests.gateway.life import process, reports_kept
from tests.gateway.place import topic, walk

MESSAGES = 20


async def stalled(gateway, anybody):
    """Publish onto a full disk, and return the state that says so."""
    anybody.publish_all(topic("wb-1"), walk([0.0] * MESSAGES))
    return await gateway.until(lambda s: s["journal"] is not None, "the journal stalls")


def verified(settings):
    command = ["journal", "verify", "--data", str(settings.data_dir), "--json"]
    return json.loads(CliRunner().invoke(main, command).output)


async def test_a_full_disk_stops_and_loses_nothing(settings, anybody):
    with process(settings) as gateway:
        await gateway.until_ready()
        with gateway.disk_full():
            state = await stalled(gateway, anybody)
            assert state["status"] == httpx.codes.SERVICE_UNAVAILABLE
            assert state["broker"] is True
            assert str(settings.data_dir / "journal.db") in state["journal"]
            assert state["held_messages"] == MESSAGES
            assert reports_kept(settings) == 0
            assert " ERROR gateway journal journal_stalled " in gateway.log
        await gateway.until_ready()
        await gateway.until_kept(MESSAGES)
        assert "journal_resumed" in gateway.log
        assert gateway.stop() == 0
    assert reports_kept(settings) == MESSAGES
    assert verified(settings)["fault"] is None


async def test_what_was_held_at_a_kill_comes_again_once(settings, anybody):
    with process(settings) as gateway:
        await gateway.until_ready()
        with gateway.disk_full():
            await stalled(gateway, anybody)
            gateway.kill()
    with process(settings) as gateway:
        await gateway.until_kept(MESSAGES)
        assert gateway.stop() == 0
    assert reports_kept(settings) == MESSAGES
    assert verified(settings)["fault"] is None


async def test_an_orderly_stop_on_a_full_disk_loses_nothing(settings, anybody):
    """The engine had moved on when it stopped; what it knew must not outlive the journal."""
    with process(settings) as gateway:
        await gateway.until_ready()
        with gateway.disk_full():
            await stalled(gateway, anybody)
            assert gateway.stop() == 0
    with process(settings) as gateway:
        await gateway.until_kept(MESSAGES)
        assert gateway.stop() == 0
    assert reports_kept(settings) == MESSAGES
    assert verified(settings)["fault"] is None


async def test_a_journal_on_a_full_disk_can_still_be_read(settings, anybody):
    with process(settings) as gateway:
        await gateway.until_ready()
        anybody.publish_all(topic("wb-1"), walk([0.0]))
        await gateway.until_kept(1)
        with gateway.disk_full():
            await stalled(gateway, anybody)
            assert verified(settings)["fault"] is None
            with sqlite3.connect(settings.data_dir / "journal.db") as other:
                assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            other.close()

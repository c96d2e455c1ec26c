"""The evidence chain: what sealing costs beside ingest, and how long a check takes."""

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.alert_site import alert_site, gateway_client, outcomes, post
from benchmarks.uplink_feed import UplinkFeed, confirmed
from benchmarks.uplink_site import UplinkSite
from server.audit.sealing import BLOCK_LEAVES_MAX, Sealer
from server.audit.verifying import verify
from server.db import Database
from server.metrics import Metrics
from server.parts import utc_now
from server.rounds import Rounds
from server.signing.checkpoints import CheckpointSigner, TrustedKeys, read_checkpoint_signer
from server.signing.keys import new_key

_OUTCOMES: Final = 4_000
_POSTED_AT_ONCE: Final = 200
_RECORDS: Final = 1_000_000
_MOST_SHARE: Final = 0.05
_FIXES: Final = 200_000
_FIXES_PER_OUTCOME: Final = 500
"""A fix a minute, 1.25 alerts of a person a day, two outcomes each: 576 (docs/benchmarks.md)."""
_MOST_VERIFY_S: Final = 60.0
_LOOKS: Final = """
  INSERT INTO access_log (org_id, by_login, act, subject_id, purpose)
  SELECT (SELECT min(org_id) FROM subject), 'officer', 'track', (SELECT min(id) FROM subject),
    '核实报警 ' || n FROM generate_series(1, %s) n"""


def chain_rows(seed: int, scale: float) -> list[dict[str, Any]]:
    """Return the rows of chain append and of a check.

    Args:
        seed: Of the registry.
        scale: Share of the million records.
    """
    with tempfile.TemporaryDirectory() as name, alert_site(Path(name), seed) as site:
        folder = Path(name)
        signer = _signer(folder)
        (folder / "anchors").mkdir()
        sealing = _Sealing(folder, Sealer("sha256", signer, folder / "anchors"))
        fix_s = _telemetry_s(site, folder)
        try:
            return [
                _append(site, sealing, fix_s),
                _check(site, sealing, TrustedKeys(signer.public), round(_RECORDS * scale)),
            ]
        finally:
            os.kill(site.server_pid, signal.SIGCONT)


class _Sealing:
    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self.folder = folder
        self._sealer = sealer

    def dsn(self, role: str) -> str:
        return (self.folder / f"{role}.dsn").read_text()

    def seal(self) -> None:
        """Seal and anchor all that waits, as a server's round does."""
        asyncio.run(self._round())

    async def _round(self) -> None:
        database = Database(
            app_dsn=self.dsn("app"),
            ingest_dsn=self.dsn("ingest"),
            worker_dsn=self.dsn("worker"),
            size=2,
            timeout_s=30,
        )
        await database.open()
        try:
            parts: Any = _Parts(database)
            rounds = Rounds(parts, *self._sealer.dues(), every_s=3600)
            while await rounds.round():
                pass
        finally:
            await database.close()


class _Parts:
    """What rounds need of a server's parts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.metrics = Metrics()
        self.clock = utc_now


def _telemetry_s(site: UplinkSite, folder: Path) -> float:
    """Return what a fix takes from the journal into the database, seconds."""
    feed = UplinkFeed(site, folder / "journal.db")
    feed.write(_FIXES, 500)
    began = time.perf_counter()
    with feed.draining("telemetry") as stream:
        confirmed(stream, feed.journal.last_seq)
    return (time.perf_counter() - began) / _FIXES


def _append(site: UplinkSite, sealing: _Sealing, fix_s: float) -> dict[str, Any]:
    with psycopg.connect(site.owner_dsn, autocommit=True) as held:
        # The server's own sealer waits: what is sealed below is what was taken here.
        held.execute("SELECT pg_advisory_lock(hashtext('guitu sealer'))")
        began = time.perf_counter()
        with gateway_client(site) as gateway:
            for first in range(1, _OUTCOMES, _POSTED_AT_ONCE):
                post(gateway, outcomes(site, range(first, first + _POSTED_AT_ONCE)))
        ingest_s = time.perf_counter() - began
        row = held.execute("SELECT count(*) FROM audit_pending").fetchone()
        waiting = row[0] if row else 0
        # From here on the server stands still: it has no key, and is not within a block.
        os.kill(site.server_pid, signal.SIGSTOP)
        held.execute("SELECT pg_advisory_unlock(hashtext('guitu sealer'))")
    began = time.perf_counter()
    sealing.seal()
    sealed_s = time.perf_counter() - began
    whole_s = ingest_s + _OUTCOMES * _FIXES_PER_OUTCOME * fix_s
    return {
        "row": f"chain append: {_OUTCOMES} outcomes taken (baseline), then sealed and anchored",
        "ingest_s": round(ingest_s, 2),
        "covered_rows": waiting,
        "sealing_s": round(sealed_s, 2),
        "sealing_us_per_row": round(sealed_s / max(waiting, 1) * 1e6, 1),
        "share_of_outcomes_alone": round(sealed_s / ingest_s, 3),
        "telemetry_us_per_fix": round(fix_s * 1e6, 1),
        "fixes_per_outcome": _FIXES_PER_OUTCOME,
        "share_of_ingest": round(sealed_s / whole_s, 4),
        "limit": _MOST_SHARE,
        "holds": sealed_s / whole_s <= _MOST_SHARE,
        "load": round(os.getloadavg()[0], 1),
    }


def _check(site: UplinkSite, sealing: _Sealing, keys: TrustedKeys, records: int) -> dict[str, Any]:
    with psycopg.connect(site.owner_dsn, autocommit=True) as owner:
        for _ in range(0, records, 50_000):
            owner.execute(_LOOKS, (min(records, 50_000),))
        began = time.perf_counter()
        sealing.seal()
        sealed_s = time.perf_counter() - began
        owner.execute("VACUUM ANALYZE audit_leaf, access_log, audit_pending")
    began, cpu = time.perf_counter(), time.process_time()
    report = verify(sealing.dsn("worker"), keys=keys, anchors=sealing.folder / "anchors")
    took_s = time.perf_counter() - began
    return {
        "row": f"guitu audit verify: {records} records and what else the site has",
        "leaves": report.as_json()["leaves"],
        "whole": report.is_whole,
        "leaves_per_block": BLOCK_LEAVES_MAX,
        "sealing_s": round(sealed_s, 1),
        "seconds": round(took_s, 1),
        "own_cpu_s": round(time.process_time() - cpu, 1),
        "limit_s": _MOST_VERIFY_S,
        "holds": took_s <= _MOST_VERIFY_S and report.is_whole,
        "load": round(os.getloadavg()[0], 1),
    }


def _signer(folder: Path) -> CheckpointSigner:
    private, _ = new_key()
    key = folder / "audit-key.pem"
    key.touch(mode=0o600)
    key.write_text(private)
    return read_checkpoint_signer(key)

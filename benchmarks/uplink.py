"""Fixes per second from the journal into the database, and the drain of an outage.

Claim: the uplink sustains at least 50,000 fixes/s into the embedded database (fsync on, two
indexes) and at least half of what a bare binary COPY of the same rows, laid out beforehand, reaches
into a table of the same columns, partitions and indexes; an hour of a province (2.4 million fixes)
drains within two minutes next to its live traffic, and alerts pass it by.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg

from benchmarks.uplink_feed import UplinkFeed, confirmed
from benchmarks.uplink_site import UplinkSite, now_ms, uplink_site
from gateway.engine.outcome import Outcome, episode_id
from gateway.engine.rules.catalogue import RULES
from gateway.journal.entry import TICK

DEVICES: Final = 2_000
ROUNDS: Final = 3
ROUND_ROWS: Final = 200_000
_RAMP_ROWS: Final = 62_000
"""A stream begins with small requests and doubles them; what is sustained comes after that."""
_ENTRY_ROWS: Final = 500
_REQUEST_ROWS: Final = 50_000

PROVINCE_ROWS: Final = 2_400_000
OUTAGE_ROWS: Final = PROVINCE_ROWS // 8
_LIVE_ROWS: Final = 27
"""A province of 40,000 at a fix a minute brings so many in a batch of 40 ms."""
_LIVE_EVERY_S: Final = 0.04
_ALERT_EVERY: Final = 5
"""Live batches between two alerts."""

_LOOK_S: Final = 0.005
_TABLES: Final = """
  CREATE TABLE bare (LIKE position_report INCLUDING ALL) PARTITION BY RANGE (fix_time);
  CREATE TABLE bare_part PARTITION OF bare DEFAULT;
  CREATE TABLE heap (LIKE position_report)"""


def run(seed: int) -> list[dict[str, Any]]:
    """Return the baselines' rows, the sustained uplink's and the drain's."""
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with uplink_site(folder, seed=seed, devices=DEVICES) as site:
            bench = _Bench(site, folder / "journal.db")
            rows = bench.sustained()
            return [*rows, bench.drain()]


class _Bench:
    def __init__(self, site: UplinkSite, path: Path) -> None:
        self._site = site
        self._feed = UplinkFeed(site, path)
        self._journal = self._feed.journal

    def sustained(self) -> list[dict[str, Any]]:
        """Return rounds of the uplink and of COPY in turn, so that both meet the same machine."""
        took_s = {"uplink": 0.0, "bare": 0.0, "heap": 0.0}
        with psycopg.connect(self._site.owner_dsn, autocommit=True) as owner:
            for statement in _TABLES.split(";"):
                owner.execute(statement.encode())
            for _ in range(ROUNDS):
                first = self._journal.last_seq + 1
                self._feed.write(_RAMP_ROWS, _ENTRY_ROWS)
                ramp_seq = self._journal.last_seq
                self._feed.write(ROUND_ROWS, _ENTRY_ROWS)
                with self._feed.draining("telemetry") as stream:
                    began_seq = confirmed(stream, ramp_seq)
                    began_s = time.perf_counter()
                    confirmed(stream, self._journal.last_seq)
                    share = ROUND_ROWS / (self._journal.last_seq - began_seq) / _ENTRY_ROWS
                    took_s["uplink"] += (time.perf_counter() - began_s) * share
                bodies = self._taken_out(owner, first)
                for table in ("bare", "heap"):
                    share = ROUND_ROWS / (_RAMP_ROWS + ROUND_ROWS)
                    took_s[table] += _copied_in(owner, table, bodies) * share
            stored = owner.execute("SELECT count(*) FROM position_report").fetchone()
        if stored != (self._feed.written,):
            raise RuntimeError(f"stored {stored}, sent {self._feed.written}")
        names = {
            "bare": "binary COPY into the same columns, partitions and indexes (baseline)",
            "heap": "binary COPY into a table without any index (for comparison)",
            "uplink": "journal to database over HTTP",
        }
        return [
            {
                "row": text,
                "fixes": ROUNDS * ROUND_ROWS,
                "fixes_per_s": round(ROUNDS * ROUND_ROWS / took_s[name]),
                "us_per_fix": round(took_s[name] / ROUNDS / ROUND_ROWS * 1e6, 2),
                "ratio_to_baseline": round(took_s["bare"] / took_s[name], 3),
            }
            for name, text in names.items()
        ]

    def drain(self) -> dict[str, Any]:
        """Return how an hour without a server drains while a province's live traffic goes on."""
        self._feed.write(OUTAGE_ROWS, _LIVE_ROWS)
        backlog_seq, waits_s = self._journal.last_seq, list[float]()
        draining = self._feed.draining
        with draining("outcomes") as alerts, draining("telemetry") as positions:
            began_s = time.perf_counter()
            number, alert = 0, None
            while (positions.confirmed_seq or 0) < backlog_seq:
                due_s = began_s + number * _LIVE_EVERY_S
                if time.perf_counter() >= due_s:
                    number += 1
                    self._feed.write(_LIVE_ROWS, _LIVE_ROWS)
                    positions.wake()
                    if alert is None and number % _ALERT_EVERY == 0:
                        alert = self._raise(number), time.perf_counter()
                        alerts.wake()
                if alert and (alerts.confirmed_seq or 0) >= alert[0]:
                    waits_s.append(time.perf_counter() - alert[1])
                    alert = None
                time.sleep(_LOOK_S)
            took_s = time.perf_counter() - began_s
        per_fix_us = took_s / OUTAGE_ROWS * 1e6
        return {
            "row": "an hour's outage, scaled down, next to live traffic of a province",
            "backlog_fixes": OUTAGE_ROWS,
            "live_fixes": number * _LIVE_ROWS,
            "took_s": round(took_s, 2),
            "us_per_backlog_fix": round(per_fix_us, 2),
            "province_would_take_s": round(per_fix_us * PROVINCE_ROWS / 1e6, 1),
            "alerts_meanwhile": len(waits_s),
            "alert_wait_ms_median": round(median(waits_s) * 1e3),
            "alert_wait_ms_max": round(max(waits_s) * 1e3),
        }

    def _raise(self, number: int) -> int:
        who, at_ms = self._site.parties[number % DEVICES], now_ms()
        found = Outcome(
            id=f"bench-{at_ms}-{number}",
            episode=episode_id("sos", who.holder, who.device, at_ms),
            change="raised",
            rule="sos",
            org=who.org,
            subject=who.holder,
            device=who.device,
            fence=None,
            fence_version=None,
            begin_ms=at_ms,
            end_ms=None,
            late=False,
            evidence={},
            explanation=RULES["sos"].title,
        )
        return self._journal.append(TICK, at_ms * 1_000, b"", outcomes=[found]).seq

    def _taken_out(self, owner: psycopg.Connection[Any], first: int) -> list[bytes]:
        step = _REQUEST_ROWS // _ENTRY_ROWS
        bodies = []
        for begin in range(first, self._journal.last_seq + 1, step):
            query = (
                "COPY (SELECT * FROM position_report WHERE entry_seq BETWEEN %s AND %s"
                " ORDER BY device_id, fix_time) TO STDOUT (FORMAT BINARY)"
            )
            with owner.cursor().copy(query, (begin, begin + step - 1)) as copy:
                bodies.append(b"".join(copy))
        return bodies


def _copied_in(owner: psycopg.Connection[Any], table: str, bodies: list[bytes]) -> float:
    began_s = time.perf_counter()
    for body in bodies:
        statement = f"COPY {table} FROM STDIN (FORMAT BINARY)".encode()
        with owner.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(body)
    return time.perf_counter() - began_s

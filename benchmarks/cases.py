"""Case files of a province through the interface: pages, a file, duties, directories, an import.

Claim: at 40,000 people any list or search page stays under 100 ms at p99, a whole file
under 150 ms, a county's duty list under 200 ms, a directory snapshot of a county under 200 ms and
of the province under 5 s, and that a lifting is in a gateway's directory within 2 s of the click.
The baseline is the smallest call that signs in and reads a row. CPU time of server and database
stands beside each call's, because that is what a busy machine leaves as it is.
"""

import csv
import io
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import httpx
import psycopg

from benchmarks.cases_directory import PATH, Changes, gateway_client
from benchmarks.cases_world import PERSON, seed_world
from benchmarks.process_use import cpu_s, tree_cpu_s
from benchmarks.scratch_database import scratch_database
from benchmarks.uplink_site import running_server
from guitu.embedded.ports import free_port
from server.exchange.kinds import KINDS

_FILE: Final = f"/api/v1/subjects/{PERSON}/file"
_PAGES: Final = (
    ("baseline: the session", "county", "/api/v1/session", None),
    ("people, county", "county", "/api/v1/subjects", 100),
    ("people, province", "province", "/api/v1/subjects", 100),
    ("people by name, county", "county", "/api/v1/subjects?q=赵伟", 100),
    ("people by name, province", "province", "/api/v1/subjects?q=赵伟", 100),
    ("acts, province", "province", "/api/v1/acts", 100),
    ("acts of a person", "county", f"/api/v1/acts?subject={PERSON}", 100),
    ("deadlines, county", "county", "/api/v1/deadlines", 100),
    ("deadlines, province", "province", "/api/v1/deadlines?state=open", 100),
    ("measures, county", "county", "/api/v1/measures", 100),
    ("a whole file", "province", _FILE, 150),
    ("duties of the day, office", "office", "/api/v1/duties?limit=200", 200),
    ("duties of the day, county", "county", "/api/v1/duties?limit=200", 200),
    ("duties counted, county", "county", "/api/v1/duties/counts", 200),
)
_IMPORT_ROWS: Final = 50_000
_IMPORT_FAULTS: Final = 300
_RUNS: Final = 100
_CHANGES: Final = 20


def run(seed: int) -> list[dict[str, Any]]:
    """Return a row for each call: p50 and p99 in milliseconds, and the limit."""
    del seed
    with _site() as site:
        url, keys = site.url, site.keys
        rows = [_settled(site)]
        rows += [_page(site, one) for one in _PAGES]
        rows += [
            _directory(site, "gw-c", "directory of the county", limit_ms=200, runs=20),
            _directory(site, "gw-p", "directory of the province", limit_ms=5_000, runs=3),
            _change(url, keys),
            _import(url, keys["province"]),
        ]
    return rows


@dataclass(frozen=True, slots=True)
class _Site:
    """A running server with its world."""

    owner: str
    url: str
    keys: dict[str, Any]
    server_pid: int
    database_pid: int

    def cpu_s(self) -> tuple[float, float]:
        """Return the CPU time of server and database until now."""
        return cpu_s(self.server_pid), tree_cpu_s(self.database_pid)


@contextmanager
def _site() -> Iterator[_Site]:
    with scratch_database() as database:
        for role in ("app", "ingest", "worker"):
            (database.folder / f"{role}.dsn").write_text(getattr(database, role))
        keys = seed_world(database.owner)
        url = f"http://127.0.0.1:{free_port()}"
        with running_server(database.folder, url) as server_pid:
            yield _Site(database.owner, url, keys, server_pid, _postgres(database.folder))


def _postgres(folder: Path) -> int:
    return int((folder / "database" / "data" / "postmaster.pid").read_text().split()[0])


def _settled(site: _Site) -> dict[str, Any]:
    """Wait until the server has sealed the years of acts that no server of theirs did."""
    begin = time.perf_counter()
    with psycopg.connect(site.owner, autocommit=True) as owner:
        while owner.execute("SELECT 1 FROM audit_pending LIMIT 1").fetchone():
            time.sleep(1)
        owner.execute("VACUUM ANALYZE")
        row = owner.execute("SELECT count(*) FROM audit_leaf").fetchone()
    took_s = round(time.perf_counter() - begin, 1)
    return {"row": "three years sealed before the rows below", "leaves": row and row[0]} | {
        "seconds": took_s
    }


def _client(url: str, key: tuple[str, str]) -> httpx.Client:
    secret, csrf = key
    return httpx.Client(
        base_url=url,
        trust_env=False,
        timeout=300,
        cookies={"guitu_session": secret},
        headers={"X-CSRF-Token": csrf},
    )


def _page(site: _Site, page: tuple[str, str, str, int | None]) -> dict[str, Any]:
    name, login, path, limit_ms = page
    with _client(site.url, site.keys[login]) as client:
        return _timed(site, name, lambda: client.get(path), limit_ms=limit_ms, runs=_RUNS)


def _directory(site: _Site, gateway: str, name: str, *, limit_ms: int, runs: int) -> dict[str, Any]:
    with gateway_client(site.url, site.keys[gateway]) as client:
        return _timed(site, name, lambda: client.get(PATH), limit_ms=limit_ms, runs=runs)


def _change(url: str, keys: dict[str, Any]) -> dict[str, Any]:
    with _client(url, keys["county"]) as supervisor, gateway_client(url, keys["gw-c"]) as gateway:
        changes = Changes(supervisor, gateway)
        changes.take()
        taken = [changes.take() for _ in range(_CHANGES)]
    took_ms = [1000 * took_s for took_s, _ in taken]
    return _row("click -> directory of the county", took_ms, taken[-1][1], limit_ms=2_000)


def _timed(
    site: _Site, name: str, call: Callable[[], httpx.Response], *, limit_ms: int | None, runs: int
) -> dict[str, Any]:
    call().raise_for_status()
    took_ms = []
    size = 0
    before = site.cpu_s()
    for _ in range(runs):
        begin = time.perf_counter()
        size = len(call().content)
        took_ms.append(1000 * (time.perf_counter() - begin))
    server_ms, database_ms = (
        round(1000 * (now - then) / runs, 1) for now, then in zip(site.cpu_s(), before, strict=True)
    )
    row = _row(name, took_ms, size, limit_ms=limit_ms)
    load = round(os.getloadavg()[0], 1)
    return row | {"server_cpu_ms": server_ms, "database_cpu_ms": database_ms, "load_1min": load}


def _row(name: str, took_ms: list[float], size: int, *, limit_ms: int | None) -> dict[str, Any]:
    cuts = quantiles(took_ms, n=100, method="inclusive")
    row = {"row": name, "p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "bytes": size}
    if limit_ms is not None:
        row |= {"limit_ms": limit_ms, "holds": cuts[98] <= limit_ms}
    return row


def _import(url: str, key: tuple[str, str]) -> dict[str, Any]:
    content = _people()
    with _client(url, key) as client:
        begin = time.perf_counter()
        answer = client.post(
            "/api/v1/imports?kind=subjects",
            content=content,
            headers={"Idempotency-Key": secrets.token_hex(8)},
        )
        took_s = time.perf_counter() - begin
    problem = answer.json()
    return {
        "row": f"import of {_IMPORT_ROWS} rows with {_IMPORT_FAULTS} faults, refused whole",
        "status": answer.status_code,
        "faults": problem.get("fault_count"),
        "seconds": round(took_s, 2),
        "bytes": len(content),
    }


def _people() -> bytes:
    heads = [column.name for column in KINDS["subjects"].columns if column.required]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    row = {
        "name": "赵六",
        "org": "o-001-1",
        "category": "缓刑",
        "sex": "男",
        "birth_date": "1990-05-01",
        "offence_date": "2025-11-03",
        "judged_on": "2026-01-05",
        "effective_on": "2026-01-16",
        "term_from": "2026-01-16",
        "term_to": "2099-01-15",
        "judgment_number": "（2026）浙0101刑初1号",
        "deciding_body": "青溪县人民法院",
        "residence": "青溪县城关镇人民路1号",
    }
    every = _IMPORT_ROWS // _IMPORT_FAULTS
    for number in range(_IMPORT_ROWS):
        is_faulty = number % every == 0 and number // every < _IMPORT_FAULTS
        writer.writerow([("不明" if is_faulty and name == "sex" else row[name]) for name in heads])
    return text.getvalue().encode("utf-8-sig")

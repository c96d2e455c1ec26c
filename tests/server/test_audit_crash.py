"""A server that is killed in the midst of sealing."""

import asyncio
import random

import httpx
import pytest

from guitu.embedded.ports import free_port
from tests.server.conftest import until
from tests.server.sealed import Sealed
from tests.server.server_program import is_ready, kill, start

LOOKS = (
    "INSERT INTO access_log (org_id, by_login, act)"
    " SELECT 'office-1', 'a', 'track' FROM generate_series(1, 1500)"
)


@pytest.mark.slow
async def test_a_server_killed_while_it_seals_leaves_no_gap_and_no_double(site):
    sealed = Sealed(site)
    settings = sealed.settings(audit_seal_s=0.1, http_port=free_port())
    choose = random.Random(1)  # noqa: S311 - a seeded choice of a test
    base = f"http://127.0.0.1:{settings.http_port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=20) as client:
        for _ in range(2):
            process = await start(settings)
            try:
                await is_ready(client)
                before = site.one("SELECT count(*) FROM audit_block")
                site.rows(LOOKS)

                async def has_begun(before: int = before) -> bool:
                    return bool(site.one("SELECT count(*) FROM audit_block") > before)

                await until(has_begun, 60)
                # Anywhere between two blocks, and between a block and its anchor.
                await asyncio.sleep(choose.random() / 5)
            finally:
                await kill(process)
    await sealed.seal()
    report = sealed.verify()
    assert report.faults == []
    assert report.chains["office-1"].unanchored == 0
    assert report.chains["office-1"].leaves == site.one(
        "SELECT count(*) FROM audit_leaf WHERE org_id = 'office-1'"
    )
    assert site.one("SELECT count(*) FROM access_log") == site.one(
        "SELECT count(*) FROM audit_leaf WHERE source = 'access_log'"
    )

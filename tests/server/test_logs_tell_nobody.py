"""What a whole history leaves in the logs: no name, number, place, address, cookie or token."""

import io
import logging

import httpx
import pytest

from guitu.logs import JsonFormatter, LineFormatter
from server.auth.person import COOKIE
from tests.server.conftest import TOKEN, post_outcomes
from tests.server.events import outcome
from tests.server.live_server import serving
from tests.server.test_demo_cases import told as told  # noqa: PLC0414 - the fixture

# Columns of people: what stands in any of them stands in no log.
_PERSONAL = {
    "subject": ("name", "identity_number", "phone", "residence"),
    "app_user": ("name",),
    "contact": ("name", "phone"),
}


@pytest.fixture
def logged():
    """Everything that any logger says, down to debugging, in both forms."""
    streams, root, level = [], logging.getLogger(), logging.getLogger().level
    handlers = []
    for formatter in (LineFormatter("server"), JsonFormatter("server")):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        # Libraries speak up only to warn, as the programs have it (guitu.logs.take_over).
        handler.addFilter(lambda one: one.name.startswith("server") or one.levelno >= 30)
        streams.append(stream)
        handlers.append(handler)
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: "".join(stream.getvalue() for stream in streams)
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def personal_values(site):
    found = set()
    for table, columns in _PERSONAL.items():
        have = site.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
        )
        for column in {row["column_name"] for row in have} & set(columns):
            rows = site.rows(f"SELECT DISTINCT {column} AS value FROM {table}")  # noqa: S608
            found |= {str(row["value"]) for row in rows if row["value"]}
    return {value for value in found if len(value) >= 2}


@pytest.mark.slow
async def test_a_month_of_case_life_and_its_failures_leave_nobody_in_the_logs(logged, told):
    site, (login, password) = told
    said = {TOKEN, password, "120.155", "1201551", "30.2741"}
    async with (
        serving(site.settings()) as live,
        httpx.AsyncClient(base_url=live.base, trust_env=False) as client,
    ):
        gateway = {"Authorization": f"Bearer {TOKEN}"}
        client.headers.update(gateway)
        await post_outcomes(client, [outcome()])
        client.headers.pop("Authorization")
        answer = await client.post("/api/v1/session", json={"login": login, "password": password})
        assert answer.status_code == httpx.codes.OK
        said |= {answer.cookies[COOKIE], answer.json()["csrf_token"]}
        await client.post("/api/v1/session", json={"login": "赵六", "password": "wrong-password"})
        said |= {"赵六", "wrong-password"}
        # A failure in the middle of a person's file: the database says the row, the log must not.
        site.rows("ALTER TABLE subject RENAME COLUMN name TO name_gone")
        secret, _ = site.open_session("supervisor")
        client.headers["Cookie"] = f"{COOKIE}={secret}"
        for path in ("/api/v1/subjects?q=赵六",):
            assert (await client.get(path)).status_code == 500
        site.rows("ALTER TABLE subject RENAME COLUMN name_gone TO name")
        settings = site.settings()
        said |= {secret, settings.app_dsn(), settings.ingest_dsn(), settings.worker_dsn()}
    said |= personal_values(site)
    assert len(said) > 100
    text = logged()
    assert "UndefinedColumn" in text, "the failure was to be in the log"
    assert [one for one in said if one in text] == []

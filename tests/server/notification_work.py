"""An alert, channels to tell of it over, and a server that tells."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from server.app import create_app
from server.db import set_scope
from server.notifications.outbox import Notification, enqueue
from server.parts import utc_now
from tests.server.conftest import http, running, until

QUICK = {
    "notification_networks": "127.0.0.0/8",
    "notification_attempt_s": 2.0,
    "notification_attempts_max": 3,
    "notification_retry_s": 0.05,
    "notification_rest_s": 0.5,
    "notification_poll_s": 0.1,
}


def raised(site, alert: str = "e-1", *, subject: str | None = None, org: str = "county-a") -> None:
    """Raise an alert of a critical rule."""
    site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, subject_id, begin_time, late, evidence,"
        " category, title, explanation) VALUES (%s, %s, 'strap_cut', 'critical', %s, now(), false,"
        ' \'{}\', \'violation\', \'{"zh": "表带剪断", "en": "Strap cut"}\', NULL)',
        (alert, org, subject),
    )


def add_channel(site, channel: str, **changed: Any) -> None:
    """Enter a channel past the interface."""
    row = {
        "id": channel,
        "org_id": "county-a",
        "login": None,
        "kind": "webhook",
        "name": channel,
        "address_sealed": b"sealed",
        "address_shown": "https://receiver.example",
        "severities": ["critical", "major", "minor"],
        "enabled": True,
        "entered_by": "admin",
    } | changed
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(map(sql.Placeholder, row))
    site.rows(
        sql.SQL("INSERT INTO notification_channel ({}) VALUES ({})").format(names, places), row
    )


def about(key: str, **changed: Any) -> Notification:
    values = {"org_id": "county-a", "login": None, "kind": "alert_raised"}
    return Notification(key=key, **(values | {"severity": "critical", "alert_id": "e-1"} | changed))


async def told(site, *notifications: Notification, scope: str = "/", fail: bool = False) -> int:
    """Hand notifications over in one transaction."""
    connection = await AsyncConnection.connect(site.database.worker_dsn, row_factory=dict_row)
    async with connection, connection.transaction(force_rollback=fail):
        await set_scope(connection, scope, role="guitu_app")
        return await enqueue(connection, notifications)


class Telling:
    """A running server, and its site's supervisor."""

    def __init__(self, app: FastAPI, site: Any) -> None:
        self.app = app
        self.site = site
        self.client = http(app)
        secret, csrf = site.open_session("supervisor")
        self.client.cookies.set("guitu_session", secret)
        self.client.headers["X-CSRF-Token"] = csrf

    async def channel(self, kind: str, address: str | None, **body: Any) -> str:
        """Enter a channel as a person does; a webhook has its secret."""
        given = {"kind": kind, "name": kind, **body}
        if address is not None:
            given["address"] = address
        entered = await self.post("/notification-channels", given)
        assert entered.status_code == 201, entered.text
        found = str(entered.json()["id"])
        if kind == "webhook":
            await self.secret(found)
        return found

    async def secret(self, channel: str) -> str:
        """Make a webhook's next secret."""
        made = await self.client.post(
            f"/api/v1/notification-channels/{channel}/secrets", headers={"If-Match": '"1"'}
        )
        assert made.status_code == 201, made.text
        return str(made.json()["secret"])

    async def post(self, path: str, body: Any = None) -> Any:
        key = {"Idempotency-Key": secrets.token_hex(8)}
        return await self.client.post(f"/api/v1{path}", json=body, headers=key)

    async def deliveries(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.client.get("/api/v1/notification-deliveries", params=query)
        return list(answer.json()["items"])

    async def ends(self, count: int = 1, **query: Any) -> list[dict[str, Any]]:
        """Wait until so many deliveries are as asked."""

        async def found() -> list[dict[str, Any]]:
            rows = await self.deliveries(**query)
            return rows if len(rows) >= count else []

        return list(await until(found, timeout_s=40))


@asynccontextmanager
async def telling(site, *, clock: Any = utc_now, **settings: Any) -> AsyncIterator[Telling]:
    app = create_app(site.settings(**(QUICK | settings)), clock=clock)
    async with running(app):
        one = Telling(app, site)
        async with one.client:
            yield one

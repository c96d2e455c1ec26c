"""Hand-over of notifications: from just before the commit to the receiver's port.

Claim: within 1 s at p99, one by one and in a burst, and beside channels that hang or
answer rubbish.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from benchmarks.alert_receiver import Receivers, receiving
from benchmarks.alert_site import Use, desk_client, row
from benchmarks.uplink_site import UplinkSite
from server.db import EVERYTHING
from server.notifications.outbox import Notification, enqueue_test

_STEADY: Final = 60
_BURST: Final = 200
_CHANNELS: Final = 20
_PAUSE_S: Final = 0.1
_LIMIT_MS: Final = 1_000
_PATIENCE_S: Final = 120.0


def notice_rows(site: UplinkSite, cookie: str) -> list[dict[str, Any]]:
    """Return a row for each way of telling."""
    with receiving() as receivers:
        notices = _Notices(site, cookie, receivers)
        one = notices.channel("answers")
        rows = [notices.steady("notification placed -> at a webhook", [one])]
        rows.append(notices.burst(f"{_BURST} at once -> at one webhook", [one]))
        many = [notices.channel("answers") for _ in range(_CHANNELS)]
        rows.append(notices.burst(f"{_BURST} at once -> at {_CHANNELS} webhooks", many))
        bad = [notices.channel("hangs") for _ in range(8)]
        bad += [notices.channel("rubbish") for _ in range(8)]
        notices.place(bad, _BURST)
        name = f"one by one beside {len(bad)} webhooks that hang or answer rubbish"
        rows.append(notices.steady(name, [one]))
        for channel in bad:
            notices.close(channel)
    return rows


class _Notices:
    def __init__(self, site: UplinkSite, cookie: str, receivers: Receivers) -> None:
        self._site = site
        self._receivers = receivers
        self._client = desk_client(site, cookie)

    def channel(self, kind: str) -> str:
        """Enter a webhook as a person does, with its secret; return its id."""
        address = f"http://127.0.0.1:{self._receivers.ports[kind]}/"
        body = {"kind": "webhook", "name": kind, "address": address}
        made = self._client.post("/api/v1/notification-channels", json=body, headers=_once())
        found = str(made.raise_for_status().json()["id"])
        self._client.post(
            f"/api/v1/notification-channels/{found}/secrets", headers={"If-Match": '"1"'}
        ).raise_for_status()
        return found

    def close(self, channel: str) -> None:
        """Switch a channel off: what waits for it is given up."""
        path = f"/api/v1/notification-channels/{channel}"
        version = self._client.get(path).raise_for_status().headers["ETag"]
        headers = {"If-Match": version}
        self._client.patch(path, json={"enabled": False}, headers=headers).raise_for_status()

    def steady(self, name: str, channels: Sequence[str]) -> dict[str, Any]:
        use = Use(self._site)
        took = []
        for _ in range(_STEADY):
            keys, began = self.place(channels, 1)
            self._receivers.await_all(keys, _PATIENCE_S)
            took += [self._receivers.at[key] - began for key in keys]
            time.sleep(_PAUSE_S)
        return row(name, took, limit_ms=_LIMIT_MS) | use.seconds()

    def burst(self, name: str, channels: Sequence[str]) -> dict[str, Any]:
        use = Use(self._site)
        keys, began = self.place(channels, _BURST)
        self._receivers.await_all(keys, _PATIENCE_S)
        took = [self._receivers.at[key] - began for key in keys]
        return row(name, took, limit_ms=_LIMIT_MS) | use.seconds()

    def place(self, channels: Sequence[str], count: int) -> tuple[list[str], float]:
        """Place notifications for channels in turn; return their keys, and when that began."""
        keys = [f"bench/{secrets.token_hex(8)}" for _ in range(count)]
        for_each = [channels[n % len(channels)] for n in range(count)]
        return keys, asyncio.run(_place(self._site, keys, for_each))


async def _place(site: UplinkSite, keys: Sequence[str], channels: Sequence[str]) -> float:
    connection = await AsyncConnection.connect(site.owner_dsn, row_factory=dict_row)
    async with connection:
        await connection.execute("SELECT set_config('guitu.scope', %s, true)", (EVERYTHING,))
        for key, channel in zip(keys, channels, strict=True):
            told = Notification(key, site.parties[0].org, None, "channel_test", "critical")
            await enqueue_test(connection, told, channel)
        return time.perf_counter()


def _once() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}

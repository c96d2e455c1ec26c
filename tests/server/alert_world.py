"""Alerts raised on a site whose clock the test moves, and a rota to route them by."""

from datetime import UTC, datetime, timedelta
from typing import Any

from server.bell import Bell
from server.routing.worker import Router
from tests.server.conftest import TOKEN, Site, http, post_outcomes
from tests.server.travelling import Travel

ROTA = "/api/v1/rota"


async def raise_alerts(travel: Travel, *events: dict[str, Any]) -> None:
    """Send outcomes as the gateway does, after all that it sent before."""
    through = travel.site.one("SELECT coalesce(max(through_seq), 0) FROM gateway_mark")
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        answer = await post_outcomes(gateway, list(events), first=through + 1)
    assert answer.status_code == 200, answer.text


def add_handler(site: Site, login: str, org: str, role: str = "officer") -> None:
    """Somebody with a working account."""
    site.add_account(login, org, role)
    site.rows("UPDATE app_user SET password_hash = 'none that fits' WHERE login = %s", (login,))


async def route(travel: Travel) -> None:
    """What the server does by itself when an alert changes, and every few seconds."""
    # The database dates what it raises by its own clock.
    travel.clock.now = max(travel.clock.now, datetime.now(UTC))
    await Router(travel.app.state.parts, alerts=Bell(most_waiters=1), every_s=60.0).round()


async def alert_of(travel: Travel, episode: str = "episode-1", login: str = "supervisor") -> Any:
    return (await travel.sign_in(login).get(f"/api/v1/alerts/{episode}")).json()


def steps_of(travel: Travel, episode: str = "episode-1") -> list[tuple[str, str | None]]:
    """Each step with why."""
    rows = travel.site.rows("SELECT * FROM alert_step WHERE alert_id = %s ORDER BY id", (episode,))
    return [(row["step"], row["body"].get("because")) for row in rows]


def row_of(travel: Travel, episode: str = "episode-1") -> dict[str, Any]:
    (row,) = travel.site.rows("SELECT * FROM alert WHERE id = %s", (episode,))
    return row


def told(travel: Travel) -> list[tuple[str, str | None]]:
    """Who was told what, in order."""
    rows = travel.site.rows("SELECT kind, login FROM notification ORDER BY id")
    return [(row["kind"], row["login"]) for row in rows]


def instant(travel: Travel, hours: float) -> str:
    return (travel.clock.now + timedelta(hours=hours)).isoformat()


def turn(
    travel: Travel, login: str, begin: float | None, end: float, post: str = "officer"
) -> dict[str, Any]:
    """A shift from so many hours from now to so many; None: from now on."""
    begins_at = None if begin is None else instant(travel, begin)
    return {"login": login, "post": post, "begins_at": begins_at, "ends_at": instant(travel, end)}


async def ask(
    travel: Travel, login: str, path: str, body: Any = None, *, version: int | None = None
) -> Any:
    """Post as a person, under a key of its own."""
    travel.asked += 1
    headers = {"Idempotency-Key": f"asked-{travel.asked:05}"}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return await travel.sign_in(login).post(f"/api/v1{path}", json=body, headers=headers)


async def enter_shifts(
    travel: Travel, *turns: dict[str, Any], org: str = "office-1", by: str = "supervisor"
) -> Any:
    return await ask(travel, by, "/rota/shifts", {"org": org, "shifts": list(turns)})

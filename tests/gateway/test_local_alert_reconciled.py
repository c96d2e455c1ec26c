"""What terminals were told and answered while the server was away is on the alert afterwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.config import GatewaySettings
from tests.gateway.duty import tellings, terminal
from tests.gateway.life import running, until
from tests.gateway.place import report, topic
from tests.gateway.sites import serving

STRAP = {"alarms": ["strap"]}


@pytest.fixture
def place(make_place, database):
    """officer-1 carries terminal ot-1."""

    def change(known):
        device = {"device": "ot-1", "org": "county", "kind": "terminal", "expected_interval_s": 60}
        known["devices"].append(device)
        held = dict(known["bindings"][-1]) | {"device": "ot-1"}
        known["bindings"].append(held)
        keeper = {"login": "keeper", "org": "county", "role": "supervisor", "name": "陈科长"}
        known["officers"].append(keeper)

    made = make_place(database, change, local_alert_s=0.3)
    made.site.rows("UPDATE app_user SET password_hash = 'none that fits'")  # they may sign in
    made.server = made.server.model_copy(update={"pool_timeout_s": 10.0, "routes_alerts": True})
    return made


async def on_duty(desk) -> None:
    """Put officer-1 on duty from now on."""
    ends_at = (datetime.now(UTC) + timedelta(hours=8)).isoformat()
    shift = {"login": "officer-1", "post": "officer", "begins_at": None, "ends_at": ends_at}
    answer = await desk.post(
        "/api/v1/rota/shifts", json={"shifts": [shift]}, headers={"Idempotency-Key": "shift-key-1"}
    )
    assert answer.status_code == 201, answer.text


def seen_on(settings: GatewaySettings) -> bool:
    return any(one.change == "seen" for one in tellings(settings))


async def test_who_has_seen_it_has_the_alert_and_is_not_told_again(place, broker, anybody):
    with terminal(broker, "ot-1") as carried:
        async with running(place.gateway, ready=False) as gateway:
            async with serving(place.server):
                await gateway.until_ready()
                async with await place.open_desk("keeper") as desk:
                    await on_duty(desk)
                    version = place.site.one("SELECT max(version) FROM directory_version")
                    await gateway.until(
                        lambda s: s["directory_version"] == version, "the rota is known"
                    )
            anybody.publish_all(topic("wb-1", channel="up-urgent"), [report(1, **STRAP)])
            alert = (await carried.alert())["id"]
            carried.see(alert)
            await until(lambda: seen_on(place.gateway), "the answer is recorded")
            async with serving(place.server):
                await place.until_rows("alert_step", 1, "step = 'raised'")
                await place.until_rows("alert_step", 1, "step = 'seen_locally'")
                await place.until_rows("alert_step", 1, "step = 'routed'")
                async with await place.open_desk() as desk:
                    shown = (await desk.get(f"/api/v1/alerts/{alert}")).json()
    steps = [(step["step"], step["by_login"]) for step in shown["steps"]]
    assert steps == [
        ("raised", None),
        ("told_locally", None),
        ("seen_locally", "officer-1"),
        ("routed", None),
    ]
    told, seen, routed = (step["body"] for step in shown["steps"][1:])
    assert (told["device"], told["login"], seen["gateway"]) == ("ot-1", "officer-1", "gw-1")
    assert (routed["because"], routed["assigned_to"]) == ("seen_locally", "officer-1")
    assert routed["told"] == []
    assert (shown["state"], shown["assigned_to"]) == ("open", "officer-1")
    clock = datetime.fromisoformat(shown["due_at"]) - datetime.fromisoformat(seen["at"])
    assert clock <= timedelta(minutes=3)
    assert await asyncio.to_thread(place.count, "notification") == 0

"""What a gateway told terminals on duty by itself, as the desk has it afterwards."""

from typing import Any

import pytest

from tests.server.alert_world import (
    add_handler,
    alert_of,
    enter_shifts,
    raise_alerts,
    route,
    row_of,
    steps_of,
    told,
    turn,
)
from tests.server.conftest import TOKEN, http, post_outcomes, vector
from tests.server.events import outcome
from tests.server.travelling import travel_of

DIRECTORY = "/api/v1/gateway/directory"


@pytest.fixture
async def travel(site):
    add_handler(site, "zhou", "office-1")
    add_handler(site, "wu", "office-1")
    site.rows(
        "INSERT INTO device (id, org_id, kind, expected_interval_s)"
        " VALUES ('ot-1', 'office-1', 'terminal', 60)"
    )
    site.rows(
        "INSERT INTO binding (device_id, org_id, holder_kind, holder_id, valid_from)"
        " VALUES ('ot-1', 'office-1', 'officer', 'zhou', now() - interval '1 day')"
    )
    async with travel_of(site) as one:
        yield one


def telling(travel, change: str, **given: Any) -> dict[str, Any]:
    """One event of what the gateway did by itself."""
    at = travel.clock.now.isoformat()
    data = {"entry_seq": 2, "episode": "episode-1", "change": change, "org": "office-1"}
    data |= {"device": "ot-1", "at": at} | given
    return {
        "specversion": "1.0",
        "id": f"{data['episode']}/{change}/{data['device']}",
        "source": "guitu/gateway/gw-1",
        "type": f"guitu.local.v1.{change}",
        "time": data["at"],
        "datacontenttype": "application/json",
        "data": data,
    }


async def test_both_are_steps_of_the_alert_with_who_and_the_gateways_time(travel):
    both = telling(travel, "told"), telling(travel, "seen", entry_seq=3)
    await raise_alerts(travel, outcome(), *both)
    steps = (await alert_of(travel))["steps"]
    assert [(step["step"], step["by_login"]) for step in steps] == [
        ("raised", None),
        ("told_locally", None),
        ("seen_locally", "zhou"),
    ]
    at = travel.clock.now.isoformat()
    said = {"device": "ot-1", "login": "zhou", "gateway": "gw-1"}
    assert {name: steps[1]["body"][name] for name in said} == said
    assert steps[1]["body"]["at"] == at


async def test_who_has_seen_it_has_it_and_nobody_is_told(travel):
    await enter_shifts(travel, turn(travel, "wu", None, 8))
    await raise_alerts(travel, outcome(), telling(travel, "told"), telling(travel, "seen"))
    await route(travel)
    row = row_of(travel)
    assert (row["state"], row["assigned_to"], row["level"]) == ("open", "zhou", 0)
    assert steps_of(travel)[-1] == ("routed", "seen_locally")
    assert told(travel) == []
    travel.clock.move(minutes=4)
    await route(travel)
    assert steps_of(travel)[-1] == ("escalated", "unacknowledged")
    assert {kind for kind, _ in told(travel)} == {"alert_escalated"}
    assert "zhou" not in {login for _, login in told(travel)}


async def test_who_has_seen_the_first_of_a_group_is_told_for_how_many_it_stands(travel):
    alike = [
        outcome(episode=f"episode-{n}", rule="inclusion", severity="major") for n in range(1, 4)
    ]
    await raise_alerts(travel, *alike, telling(travel, "told"), telling(travel, "seen"))
    await route(travel)
    assert row_of(travel)["assigned_to"] == "zhou"
    assert told(travel) == [("alert_group", "zhou")]
    assert travel.site.one("SELECT body ->> 'count' FROM notification") == "3"


async def test_who_was_only_told_is_told_again(travel):
    await enter_shifts(travel, turn(travel, "zhou", None, 8))
    await raise_alerts(travel, outcome(), telling(travel, "told"))
    await route(travel)
    assert told(travel) == [("alert_raised", "zhou")]


async def test_a_repeated_event_changes_nothing(travel):
    await raise_alerts(travel, outcome(), telling(travel, "seen"))
    before = row_of(travel), steps_of(travel)
    await raise_alerts(travel, telling(travel, "seen"))
    assert (row_of(travel), steps_of(travel)) == before


async def test_the_first_who_has_seen_it_stays(travel):
    first = travel.clock.now
    await raise_alerts(travel, outcome(), telling(travel, "seen"))
    travel.clock.move(minutes=1)
    await raise_alerts(travel, telling(travel, "seen", device="ot-2"))
    assert (row_of(travel)["seen_locally_by"], row_of(travel)["seen_locally_at"]) == ("zhou", first)


async def test_what_is_wrong_or_of_no_alert_is_quarantined_and_the_rest_taken(travel):
    strange = telling(travel, "seen", episode="episode-9")
    wrong = telling(travel, "seen", device="a/b")
    odd = telling(travel, "told") | {"type": "guitu.local.v1.heard"}
    await raise_alerts(travel, strange, wrong, odd, outcome(), telling(travel, "seen"))
    assert [step for step, _ in steps_of(travel)] == ["raised", "seen_locally"]
    rows = travel.site.rows("SELECT reason, content FROM ingest_quarantine ORDER BY id")
    assert sorted(row["reason"] for row in rows) == ["malformed", "malformed", "unknown_alert"]


async def test_a_change_of_the_rota_reaches_the_gateway(travel):
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        before = await gateway.get(DIRECTORY)
        assert "on_duty" not in before.json()
        entered = await enter_shifts(travel, turn(travel, "zhou", None, 8))
        assert entered.status_code == 201, entered.text
        etag = {"If-None-Match": before.headers["etag"]}
        after = (await gateway.get(DIRECTORY, headers=etag)).json()
        (row,) = after["on_duty"]
        assert (row["org"], row["device"]) == ("office-1", "ot-1")
        assert set(row) == {"org", "device", "valid_from", "valid_to"}
        assert {"org": "office-1", "above": "county-a"} in after["above"]
        absence = {"login": "zhou", "kind": "sick", "begins_at": None, "ends_at": row["valid_to"]}
        client = travel.sign_in("supervisor")
        answer = await client.post(
            "/api/v1/rota/absences", json=absence, headers={"Idempotency-Key": "absence-1"}
        )
        assert answer.status_code == 201, answer.text
        assert "on_duty" not in (await gateway.get(DIRECTORY)).json()


async def test_the_golden_events_are_taken(travel):
    events = vector("local-alerts.json")
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        raised = outcome(episode=events[0]["data"]["episode"], rule="strap", fence=None)
        answer = await post_outcomes(gateway, [raised, *events], last=43)
    assert answer.json() == {"through": 43}

"""Which role may call what: every operation of the interface stands in this table."""

import re

import pytest

from tests.server.access.stated import ACCESS
from tests.server.conftest import ROLES, post_outcomes
from tests.server.events import outcome

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
EVERYONE = READERS | {"admin"}
HANDLERS = {"supervisor", "officer"}
REGISTRARS = {"admin", "supervisor"}
APPROVERS = {"admin", "supervisor"}
COMMANDS = "/api/v1/devices/wb-000001/commands"
SUBJECT = "/api/v1/subjects/s-4k2m9q"
TRACK = (
    SUBJECT + "/track?from=2026-11-22T00:00:00Z&to=2026-11-22T02:00:00Z&ref=s-4k2m9q"
    "&purpose=supervision"
)
PURPOSES = {"auditor": "purpose=audit", "procurator": "purpose=oversight"}

TABLE = {
    ("GET", "/api/v1/session", "/api/v1/session"): set(ROLES),
    ("DELETE", "/api/v1/session", "/api/v1/session"): set(ROLES),
    ("GET", "/api/v1/map", "/api/v1/map"): EVERYONE,
    ("GET", "/api/v1/status", "/api/v1/status"): EVERYONE,
    ("GET", "/api/v1/positions", "/api/v1/positions"): READERS,
    ("GET", "/api/v1/alerts", "/api/v1/alerts"): READERS,
    ("GET", "/api/v1/alerts/counts", "/api/v1/alerts/counts"): READERS,
    ("GET", "/api/v1/alerts/{alert_id}", "/api/v1/alerts/episode-1"): READERS,
    (
        "POST",
        "/api/v1/alerts/{alert_id}/acknowledge",
        "/api/v1/alerts/episode-1/acknowledge",
    ): HANDLERS,
    ("POST", "/api/v1/alerts/{alert_id}/resolve", "/api/v1/alerts/episode-1/resolve"): HANDLERS,
    ("GET", "/api/v1/quarantine", "/api/v1/quarantine"): READERS,
    ("GET", "/api/v1/subjects", "/api/v1/subjects"): EVERYONE,
    ("GET", "/api/v1/subjects/{subject_id}", SUBJECT): EVERYONE,
    ("GET", "/api/v1/subjects/{subject_id}/track", TRACK): READERS,
    (
        "GET",
        "/api/v1/subjects/{subject_id}/positions",
        TRACK.replace("track", "positions"),
    ): READERS,
    ("GET", "/api/v1/subjects/{subject_id}/ledger", SUBJECT + "/ledger"): READERS,
    ("POST", "/api/v1/subjects/{subject_id}/facts", SUBJECT + "/facts"): HANDLERS,
    ("POST", "/api/v1/registry", "/api/v1/registry"): REGISTRARS,
    ("POST", "/api/v1/devices/{device_id}/commands", COMMANDS): HANDLERS,
    ("GET", "/api/v1/devices/{device_id}/commands", COMMANDS): EVERYONE,
    ("GET", "/api/v1/commands/{command_id}", "/api/v1/commands/c-1"): EVERYONE,
    ("POST", "/api/v1/commands/{command_id}/approve", "/api/v1/commands/c-1/approve"): APPROVERS,
    ("DELETE", "/api/v1/commands/{command_id}", "/api/v1/commands/c-1"): HANDLERS | APPROVERS,
}
BODIES = {
    "/api/v1/devices/{device_id}/commands": {"name": "locate", "purpose": "核实所在位置"},
    "/api/v1/alerts/{alert_id}/resolve": {"verdict": "false", "note": "漂移"},
    "/api/v1/subjects/{subject_id}/facts": {
        "indicator": "public_service_hour",
        "occurred_at": "2026-11-01T00:00:00Z",
        "quantity": 2,
        "note": "社区劳动",
    },
    "/api/v1/registry": {"format": "guitu-registry/1"},
}
# Open to all (a sign-in, health), to gateways only, or a stream (test_live.py has its roles).
ELSEWHERE = {
    ("OPTIONS", "/api/v1/gateway/media/uploads"),
    ("POST", "/api/v1/gateway/media/uploads"),
    ("HEAD", "/api/v1/gateway/media/uploads/{upload_id}"),
    ("PATCH", "/api/v1/gateway/media/uploads/{upload_id}"),
    ("DELETE", "/api/v1/gateway/media/uploads/{upload_id}"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/session/oidc"),
    ("GET", "/api/v1/session/oidc/callback"),
    ("GET", "/api/v1/live"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/api/v1/gateway/archive"),
    ("POST", "/api/v1/gateway/archive"),
    ("POST", "/api/v1/gateway/archive/refused"),
    ("GET", "/api/v1/gateway/marks"),
    ("GET", "/api/v1/gateway/directory"),
    ("GET", "/api/v1/gateway/commands"),
    ("POST", "/api/v1/gateway/commands"),
    ("POST", "/api/v1/gateway/health"),
    ("POST", "/api/v1/gateway/outcomes"),
    ("POST", "/api/v1/gateway/outcomes/part"),
    ("POST", "/api/v1/gateway/telemetry"),
}


async def call(client, method, template, path):
    headers = {"If-Match": '"1"', "Idempotency-Key": "test-key-1"}
    return await client.request(method, path, json=BODIES.get(template), headers=headers)


def add_command(site, command_id):
    site.rows(
        "INSERT INTO command (id, org_id, device_id, name, purpose, requested_by, expires_at,"
        " state) VALUES (%s, 'office-1', 'wb-000002', 'power_off', '设备送修', 'somebody',"
        " now() + interval '1 hour', 'awaiting_approval')",
        (command_id,),
    )


async def test_the_table_has_every_operation_of_the_interface(nobody):
    contract = (await nobody.get("/api/v1/openapi.json")).json()
    assert contract["openapi"].startswith("3.1")
    operations = {
        (method.upper(), path) for path, methods in contract["paths"].items() for method in methods
    }
    stated = {(method, template) for method, template, _ in TABLE} | ELSEWHERE
    assert operations == stated | ACCESS.keys()
    assert not stated & ACCESS.keys()


def with_places(template):
    """A path whose things nobody has."""
    return re.sub(r"\{\w+\}", "x-1", template)


@pytest.mark.parametrize("role", [*ROLES, "subject"])
async def test_a_role_gets_past_the_door_of_a_call_as_stated(people, site, role):
    """What stands in the case files is another test's: 404, 409 and 422 are past the door."""
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    client = people("own" if role == "subject" else role)
    for (method, template), allowed in ACCESS.items():
        answer = await call(client, method, template, with_places(template))
        assert (answer.status_code == 403) is (role not in allowed), f"{method} {template}"
        assert answer.status_code not in {401, 500}, f"{method} {template}: {answer.text}"


async def test_a_supervised_person_reaches_nothing_of_who_works_here(gateway, people, site):
    await post_outcomes(gateway, [outcome()])
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    for method, template, path in TABLE:
        if template != "/api/v1/session":
            answer = await call(people("own"), method, template, path)
            assert answer.status_code == 403, f"{method} {template}"


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_call_what_the_table_says(gateway, people, site, role):
    await post_outcomes(gateway, [outcome(episode=f"e-{number}") for number in range(len(TABLE))])
    for number, ((method, template, path), allowed) in enumerate(TABLE.items()):
        # Signing out ends one session; an action moves one alert: each operation has its own.
        add_command(site, f"c-{number}")
        own = path.replace("episode-1", f"e-{number}").replace("/c-1", f"/c-{number}")
        own = own.replace("purpose=supervision", PURPOSES.get(role, "purpose=supervision"))
        answer = await call(people(role), method, template, own)
        assert answer.is_success is (role in allowed), f"{method} {template}: {answer.text}"
        if role not in allowed:
            assert answer.status_code == 403, template


async def test_nobody_may_call_anything(nobody):
    for operation in TABLE:
        answer = await call(nobody, *operation)
        assert answer.status_code == 401, operation


async def test_an_admin_sees_no_score(people):
    assert (await people("admin").get(SUBJECT)).json()["score"] is None
    assert (await people("auditor").get(SUBJECT)).json()["score"]["grade"] == "blue"


async def test_people_of_another_organisation_see_nothing_of_this_one(gateway, site, people):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    await post_outcomes(gateway, [outcome()])
    add_command(site, "c-1")
    stranger = people("stranger")
    for (method, template, path), allowed in TABLE.items():
        if "supervisor" not in allowed or template == "/api/v1/session":
            continue
        answer = await call(stranger, method, template, path)
        if "{" in template:
            assert answer.status_code == 404, path
        for name in ("s-4k2m9q", "张三", "episode-1", "f-school", "gw-1", "青溪县"):
            assert name not in answer.text, path


async def test_an_office_sees_its_own_and_not_its_sister(gateway, site, people):
    site.add_org("office-2", "/county-a/", "office")
    for office in ("office-1", "office-2"):
        site.add_account(f"of-{office}", office, "officer")
    await post_outcomes(gateway, [outcome()])
    own = (await people("of-office-1").get("/api/v1/alerts")).json()["items"]
    sister = (await people("of-office-2").get("/api/v1/alerts")).json()["items"]
    assert ([alert["id"] for alert in own], sister) == (["episode-1"], [])

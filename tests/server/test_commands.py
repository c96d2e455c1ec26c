"""Commands from a person to a device: who may, in which order, and what becomes of them."""

import psycopg
import pytest

from tests.server.test_schema import at_work

DEVICE = "/api/v1/devices/wb-000001/commands"
GATEWAY = "/api/v1/gateway/commands"
LOCATE = {"name": "locate", "purpose": "核实所在位置"}
POWER_OFF = {"name": "power_off", "purpose": "设备送修前关机"}
AT = "2026-11-22T01:02:03Z"


async def enter(client, body=None, *, key="command-key-1"):
    return await client.post(DEVICE, json=body or LOCATE, headers={"Idempotency-Key": key})


async def entered(client, body=None, *, key="command-key-1"):
    answer = await enter(client, body, key=key)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(gateway):
    return (await gateway.get(GATEWAY)).json()["commands"]


async def report(gateway, command, state, *, detail="", at=AT):
    event = {"command": command["id"], "state": state, "at": at, "detail": detail}
    return await gateway.post(GATEWAY, json={"events": [event]})


async def state_of(client, command):
    return (await client.get(f"/api/v1/commands/{command['id']}")).json()["state"]


@pytest.fixture
def supervisor(people):
    return people("supervisor")


@pytest.fixture
def second(people, site):
    site.add_account("second", "county-a", "supervisor")
    return people("second")


async def test_a_command_reaches_the_gateway_and_its_answer_the_officer(officer, gateway):
    command = await entered(
        officer, {"name": "set_interval", "interval_s": 30, "purpose": "加密上报间隔"}
    )
    assert (command["state"], command["requested_by"]["login"]) == ("queued", "officer")
    (waiting,) = await listed(gateway)
    assert waiting == {
        "command": command["id"],
        "device": "wb-000001",
        "name": "set_interval",
        "interval_s": 30,
        "text": None,
        "task": None,
        "approved_by": [],
        "expires_at": command["expires_at"],
    }
    assert (await report(gateway, command, "sent")).json() == {"changed": 1}
    assert await listed(gateway) == []
    await report(gateway, command, "answered", detail="OK")
    shown = (await officer.get(f"/api/v1/commands/{command['id']}")).json()
    assert (shown["state"], shown["detail"]) == ("answered", "OK")
    said = [
        (step["step"], step["gateway"], step["by"] and step["by"]["login"])
        for step in shown["steps"]
    ]
    assert said == [("queued", None, "officer"), ("sent", "gw-1", None), ("answered", "gw-1", None)]


async def test_the_same_key_is_one_command_and_another_body_is_refused(officer, site):
    first = await entered(officer)
    assert await entered(officer) == first
    other = await enter(officer, {"name": "text", "text": "请充电", "purpose": "提醒充电"})
    assert other.status_code == 409
    assert site.one("SELECT count(*) FROM command") == 1
    assert site.one("SELECT count(*) FROM command_step") == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "set_interval"}, ""),
        ({"name": "set_interval", "interval_s": 0}, "/interval_s"),
        ({"name": "set_interval", "interval_s": 65_536}, "/interval_s"),
        ({"name": "locate", "interval_s": 30}, ""),
        ({"name": "text", "text": "好" * 201}, "/text"),
        ({"name": "text", "text": " "}, "/text"),
        ({"name": "text"}, ""),
        ({"name": "self_destruct"}, "/name"),
        ({"name": "locate", "purpose": "啊"}, "/purpose"),
        ({"name": "locate", "valid_for_s": 59}, "/valid_for_s"),
    ],
    ids=str,
)
async def test_a_command_that_says_too_little_or_too_much_is_refused(officer, body, pointer):
    answer = await enter(officer, {"purpose": "核实所在位置"} | body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("name", ["restart", "power_off", "factory_reset", "close_link"])
async def test_an_officer_gives_no_command_that_stops_a_device(officer, supervisor, name):
    body = {"name": name, "purpose": "设备送修"}
    assert (await enter(officer, body)).status_code == 403
    assert (await enter(supervisor, body)).status_code == 201


async def test_a_dangerous_command_is_handed_out_after_a_second_person_only(
    supervisor, second, gateway
):
    command = await entered(supervisor, POWER_OFF)
    assert command["state"] == "awaiting_approval"
    assert await listed(gateway) == []
    assert (await report(gateway, command, "sent")).status_code == 422
    approve = f"/api/v1/commands/{command['id']}/approve"
    refused = await supervisor.post(approve)
    assert (refused.status_code, "second person" in refused.text) == (403, True)
    assert await listed(gateway) == []
    approved = (await second.post(approve)).json()
    assert (approved["state"], approved["approved_by"]["login"]) == ("queued", "second")
    (waiting,) = await listed(gateway)
    assert waiting["approved_by"] == ["supervisor", "second"]
    assert (await second.post(approve)).status_code == 409


async def test_an_admin_may_be_the_second_person(supervisor, people):
    command = await entered(supervisor, POWER_OFF)
    approved = await people("admin").post(f"/api/v1/commands/{command['id']}/approve")
    assert approved.json()["state"] == "queued"


async def test_the_database_itself_wants_two_persons(supervisor, site):
    command = await entered(supervisor, POWER_OFF)
    with at_work(site.database, "/county-a/") as app:
        for change in (
            "state = 'queued'",
            "state = 'queued', approved_by = 'supervisor', approved_at = now()",
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                app.execute(f"UPDATE command SET {change}".encode())  # noqa: S608 - from above
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("UPDATE command SET requested_by = 'somebody'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("INSERT INTO command (id, approved_by) VALUES ('c-x', 'second')")
    with at_work(site.database, "/county-a/", "guitu_ingest") as ingest:
        for change in ("approved_by = 'x'", "name = 'locate'", "device_id = 'wb-000002'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ingest.execute(f"UPDATE command SET {change}".encode())  # noqa: S608 - from above
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ingest.execute("SELECT purpose FROM command")
    assert site.one("SELECT state FROM command WHERE id = %s", (command["id"],)) == (
        "awaiting_approval"
    )


async def test_a_withdrawn_command_is_not_handed_out_and_stays_in_the_list(officer, gateway):
    command = await entered(officer)
    gone = await officer.delete(f"/api/v1/commands/{command['id']}")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert await listed(gateway) == []
    (kept,) = (await officer.get(DEVICE)).json()["items"]
    assert kept["state"] == "withdrawn"
    # A gateway that had fetched it before says what it did: kept, and no other state for it.
    assert (await report(gateway, command, "sent")).json() == {"changed": 0}
    shown = (await officer.get(f"/api/v1/commands/{command['id']}")).json()
    assert [step["step"] for step in shown["steps"]] == ["queued", "withdrawn", "sent"]
    assert (shown["state"], shown["detail"]) == ("withdrawn", "sent before it was withdrawn")
    for _ in range(2):
        await report(gateway, command, "answered")
    shown = (await officer.get(f"/api/v1/commands/{command['id']}")).json()
    assert (shown["state"], shown["detail"]) == ("withdrawn", "done before it was withdrawn")
    assert shown["version"] == 4


async def test_a_sent_command_cannot_be_withdrawn(officer, gateway):
    command = await entered(officer)
    await report(gateway, command, "sent")
    assert (await officer.delete(f"/api/v1/commands/{command['id']}")).status_code == 409


@pytest.mark.parametrize(
    ("reported", "state"),
    [
        (["sent", "sent"], "sent"),
        (["answered"], "answered"),
        (["sent", "refused"], "refused"),
        (["refused"], "refused"),
        (["timed_out"], "timed_out"),
        (["sent", "timed_out", "answered"], "answered"),
        (["sent", "timed_out", "sent"], "timed_out"),
        (["sent", "timed_out", "refused"], "timed_out"),
        (["sent", "answered", "timed_out"], "answered"),
        (["sent", "answered", "refused"], "answered"),
        (["sent", "refused", "answered"], "refused"),
    ],
    ids="-".join,
)
async def test_a_later_state_is_never_replaced_by_an_earlier_one(officer, gateway, reported, state):
    command = await entered(officer)
    for each in reported:
        assert (await report(gateway, command, each)).status_code == 200
    assert await state_of(officer, command) == state


async def test_a_repeated_report_changes_nothing(officer, gateway, site):
    command = await entered(officer)
    for _ in range(2):
        await report(gateway, command, "sent")
    steps = site.rows("SELECT step FROM command_step WHERE gateway_id IS NOT NULL")
    assert [row["step"] for row in steps] == ["sent"]
    assert site.one("SELECT version FROM command") == 2


async def test_a_wrong_event_is_named_and_nothing_of_the_report_is_taken(officer, gateway):
    command = await entered(officer)
    events = [
        {"command": command["id"], "state": "sent", "at": AT},
        {"command": "c-none", "state": "sent", "at": AT},
    ]
    answer = await gateway.post(GATEWAY, json={"events": events})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/events/1/command"]
    assert await state_of(officer, command) == "queued"
    unknown = [{"command": command["id"], "state": "withdrawn", "at": AT}]
    answer = await gateway.post(GATEWAY, json={"events": unknown})
    assert answer.json()["errors"][0]["pointer"] == "/events/0/state"


async def test_a_report_is_bounded_and_a_long_detail_is_cut(officer, gateway):
    command = await entered(officer)
    many = [{"command": command["id"], "state": "sent", "at": AT}] * 1001
    assert (await gateway.post(GATEWAY, json={"events": many})).status_code == 422
    await report(gateway, command, "refused", detail="x" * 600)
    shown = (await officer.get(f"/api/v1/commands/{command['id']}")).json()
    assert shown["detail"] == "x" * 500


async def test_a_device_has_only_so_many_open_commands(officer, gateway):
    for number in range(20):
        command = await entered(officer, key=f"command-{number}")
    assert (await enter(officer, key="one too many")).status_code == 409
    await report(gateway, command, "answered")
    assert (await enter(officer, key="one too many")).status_code == 201


async def test_the_list_is_paged_newest_first(officer):
    entered_ids = [(await entered(officer, key=f"command-{n}"))["id"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await officer.get(f"{DEVICE}?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == entered_ids[::-1]


async def test_every_act_is_in_the_access_log_with_its_purpose(supervisor, second, site):
    first = await entered(supervisor, POWER_OFF)
    await second.post(f"/api/v1/commands/{first['id']}/approve")
    await second.delete(f"/api/v1/commands/{first['id']}")
    rows = site.rows("SELECT act, by_login, subject_id, purpose FROM access_log ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("command power_off", "supervisor", "s-4k2m9q", "设备送修前关机"),
        ("approve power_off", "second", "s-4k2m9q", "设备送修前关机"),
        ("withdraw power_off", "second", "s-4k2m9q", "设备送修前关机"),
    ]


async def test_commands_of_another_organisation_are_not_there(officer, people, site):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    command = await entered(officer)
    stranger = people("stranger")
    one = f"/api/v1/commands/{command['id']}"
    answers = [
        await enter(stranger),
        await stranger.get(DEVICE),
        await stranger.get(one),
        await stranger.delete(one),
        await stranger.post(one + "/approve"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


async def test_another_countys_gateway_gets_and_reports_nothing(officer, nobody, site):
    site.add_org("county-b", "/")
    site.rows(
        "INSERT INTO gateway (id, org_id, token_hash) VALUES ('gw-b', 'county-b', sha256('b'))"
    )
    command = await entered(officer)
    nobody.headers["Authorization"] = "Bearer b"
    assert await listed(nobody) == []
    assert (await report(nobody, command, "answered")).status_code == 422
    assert await state_of(officer, command) == "queued"

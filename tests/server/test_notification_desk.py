"""Channels as people enter them, and what the own desk shows."""

from datetime import UTC, datetime

import pytest

from tests.server.conftest import http
from tests.server.notification_work import about, raised, telling, told

ADDRESS = "https://receiver.example/hook?token=secret-of-the-receiver"


async def test_an_address_is_sealed_and_shown_to_nobody_again(site):
    async with telling(site) as desk:
        channel = await desk.channel("webhook", ADDRESS)
        one = await desk.client.get(f"/api/v1/notification-channels/{channel}")
        listed = await desk.client.get("/api/v1/notification-channels")
    assert one.json()["address_shown"] == "https://receiver.example"
    assert one.json()["secret_count"] == 1
    kept = site.one("SELECT address_sealed FROM notification_channel")
    assert b"secret-of-the-receiver" not in bytes(kept)
    said = str(site.rows("SELECT * FROM act") + site.rows("SELECT * FROM request_key"))
    assert "secret-of-the-receiver" not in one.text + listed.text + said
    assert "whsec_" not in said


async def test_a_site_without_a_key_takes_terminals_only(site):
    async with telling(site, notification_key_file=None) as desk:
        body = {"kind": "webhook", "name": "x", "address": ADDRESS}
        assert (await desk.post("/notification-channels", body)).status_code == 503
        await desk.channel("terminal", None, login="officer")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "webhook", "address": "ftp://secret.example"}, "/address"),
        ({"kind": "robot", "address": "https://secret.example/other"}, "/address"),
        ({"kind": "apprise", "address": "json://secret.example"}, "/address"),
        ({"kind": "terminal", "login": "nobody-here"}, "/login"),
        ({"kind": "webhook", "address": ADDRESS, "org": "county-b"}, "/org"),
        ({"kind": "webhook", "address": ADDRESS, "tells": "name"}, ""),
        ({"kind": "webhook"}, ""),
        ({"kind": "terminal"}, ""),
    ],
)
async def test_a_channel_that_cannot_be_is_refused_with_its_place(site, body, pointer):
    async with telling(site) as desk:
        answer = await desk.post("/notification-channels", {"name": "x"} | body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert "secret" not in answer.text


async def test_who_changes_a_channel_names_the_version_that_was_seen(site):
    async with telling(site) as desk:
        channel = await desk.channel("webhook", ADDRESS)
        place = f"/api/v1/notification-channels/{channel}"
        changed = await desk.client.patch(
            place, json={"languages": ["zh"], "quiet": None}, headers={"If-Match": '"1"'}
        )
        stale = await desk.client.patch(place, json={}, headers={"If-Match": '"1"'})
        none = await desk.client.patch(place, json={})
    assert changed.json()["languages"] == ["zh"]
    assert changed.json()["address_shown"] == "https://receiver.example"
    assert (stale.status_code, none.status_code) == (412, 428)


async def test_a_persons_channel_is_quiet_by_the_policy_an_offices_is_not(site):
    async with telling(site) as desk:
        own = await desk.channel("terminal", None, login="officer")
        office = await desk.channel("webhook", ADDRESS)
        place = "/api/v1/notification-channels/"
        quiet = [(await desk.client.get(place + one)).json()["quiet"] for one in (own, office)]
    assert quiet == [{"begins": "22:00:00", "ends": "07:00:00"}, None]


async def test_what_waits_for_a_channel_that_is_switched_off_is_given_up(site):
    raised(site)

    def night() -> datetime:
        return datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 in Beijing: quiet

    async with telling(site, clock=night) as desk:
        channel = await desk.channel("terminal", None, login="officer")
        await told(site, about("later", login="officer", severity="major"))
        await desk.client.patch(
            f"/api/v1/notification-channels/{channel}",
            json={"enabled": False},
            headers={"If-Match": '"1"'},
        )
        [dead] = await desk.ends(state="dead")
        await told(site, about("after", login="officer"))
        assert len(await desk.deliveries()) == 1
    assert dead["detail"] == "the channel was switched off"


async def test_a_test_is_sent_over_one_channel_though_it_is_off(site):
    async with telling(site) as desk:
        channel = await desk.channel("terminal", None, login="officer", enabled=False)
        await desk.channel("terminal", None, login="officer")
        answer = await desk.post(f"/notification-channels/{channel}/test")
        [delivery] = await desk.deliveries()
    assert answer.status_code == 202
    assert delivery["notification"] == answer.json()["notification"]
    assert (delivery["channel"], delivery["kind"]) == (channel, "channel_test")


async def test_the_own_desk_counts_what_is_unread_and_nobody_reads_it_for_another(site):
    raised(site)
    async with telling(site) as desk:
        await told(
            site,
            about("a", login="officer"),
            about("b", login="officer", severity="minor"),
            about("c", login="supervisor"),
        )
        async with http(desk.app) as officer:
            secret, csrf = site.open_session("officer")
            officer.cookies.set("guitu_session", secret)
            officer.headers["X-CSRF-Token"] = csrf
            own = (await officer.get("/api/v1/notifications")).json()["items"]
            counted = (await officer.get("/api/v1/notifications/unread")).json()
            first = own[-1]["id"]
            stolen = await desk.client.post(f"/api/v1/notifications/{first}/read")
            read = await officer.post(f"/api/v1/notifications/{first}/read")
            again = await officer.post(f"/api/v1/notifications/{first}/read")
            rest = await officer.post("/api/v1/notifications/read", json={"through": own[0]["id"]})
    assert counted == {"unread": 2, "critical": 1}
    assert own[-1]["title"] == {"zh": "【紧急】表带剪断", "en": "[critical] Strap cut"}
    assert stolen.status_code == 404
    assert read.json()["read_at"] == again.json()["read_at"] is not None
    assert rest.json() == {"unread": 0, "critical": 0}

"""Telling over channels: at least once under one key, and no channel delays another."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime

import pytest

from tests.server.conftest import until
from tests.server.notification_work import about, raised, telling, told
from tests.services.receivers import MailServer, Receiver, answer, listening

ROBOT = "http://127.0.0.1:{port}/robot/send?access_token=secret-of-the-robot"


def signature(secret: str, request) -> str:
    """What a receiver computes, by the specification's own words."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = request.headers["webhook-timestamp"]
    signed = f"{request.key}.{stamp}.".encode() + request.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def test_a_webhook_is_an_event_signed_with_every_standing_secret(site):
    raised(site)
    async with listening(Receiver()) as receiver, telling(site) as desk:
        channel = await desk.channel("webhook", receiver.url)
        secret = await desk.secret(channel)
        await told(site, about("alert e-1 raised"))
        [request] = await receiver.received(1)
        await desk.ends(state="delivered")
    body = json.loads(request.body)
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert {
        "specversion": "1.0",
        "id": "alert e-1 raised",
        "subject": "e-1",
    }.items() <= body.items()
    assert body["type"] == "guitu.notification.v1.alert_raised"
    assert body["data"]["said"]["zh"]["title"] == "【紧急】表带剪断"
    assert body["data"]["alerts"] == ["e-1"]
    signatures = request.headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert signature(secret, request) in signatures


async def test_a_webhook_without_a_secret_is_never_posted(site):
    raised(site)
    async with listening(Receiver()) as receiver, telling(site) as desk:
        body = {"kind": "webhook", "name": "unsigned", "address": receiver.url}
        await desk.post("/notification-channels", body)
        await told(site, about("a"))
        [dead] = await desk.ends(state="dead")
    assert "no secret" in dead["detail"]
    assert receiver.requests == []


async def test_what_failed_is_sent_again_under_the_same_key(site):
    raised(site)
    answers = [answer(500), b"garbage\r\n\r\n", answer(200)]
    async with listening(Receiver(answers=answers)) as receiver, telling(site) as desk:
        await desk.channel("webhook", receiver.url)
        await told(site, about("a"))
        [delivered] = await desk.ends(state="delivered")
    assert [request.key for request in receiver.requests] == ["a", "a", "a"]
    assert delivered["attempts"] == 3


async def test_what_is_given_up_is_shown_and_a_person_sends_it_again(site):
    raised(site)
    async with listening(Receiver(answers=[answer(503)])) as receiver, telling(site) as desk:
        await desk.channel("webhook", receiver.url)
        await told(site, about("a"))
        [dead] = await desk.ends(state="dead")
        assert (dead["attempts"], dead["detail"]) == (3, "the receiver answered 503")
        receiver.answers = [answer(200)]
        again = await desk.client.post(f"/api/v1/notification-deliveries/{dead['id']}/retry")
        assert again.status_code == 200
        await desk.ends(state="delivered")
        late = await desk.client.post(f"/api/v1/notification-deliveries/{dead['id']}/retry")
        assert late.status_code == 409
    assert {request.key for request in receiver.requests} == {"a"}


HANGS, NOISE = None, b"\x00\xffnot at all HTTP\r\n\r\n"
HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b"x" * 999_999
AWAY = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("bad", [HANGS, NOISE, HUGE, AWAY], ids=["hangs", "noise", "huge", "away"])
async def test_a_bad_channel_delays_no_other_and_tells_nothing_of_its_address(site, caplog, bad):
    raised(site)
    caplog.set_level(logging.DEBUG)
    async with (
        listening(Receiver(answers=[bad])) as broken,
        listening(Receiver()) as sound,
        telling(site, notification_attempts_max=2) as desk,
    ):
        await desk.channel("webhook", broken.url)
        good = await desk.channel("webhook", sound.url)
        await told(site, about("a"), about("b"))
        await desk.ends(2, state="delivered", channel=good)
        dead = await desk.ends(2, state="dead")
    assert all("secret-of-the-receiver" not in row["detail"] for row in dead)
    assert "secret-of-the-receiver" not in caplog.text
    assert all(row["detail"] for row in dead)


async def test_a_channel_that_fails_rests_and_all_of_it_goes_out_after(site):
    raised(site)
    async with (
        listening(Receiver(answers=[answer(503)])) as receiver,
        telling(site, notification_attempts_max=9, notification_rest_s=600.0) as desk,
    ):
        channel = await desk.channel("webhook", receiver.url)
        place = f"/api/v1/notification-channels/{channel}"
        await told(site, *(about(f"k-{number}") for number in range(20)))

        async def rests() -> bool:
            return bool((await desk.client.get(place)).json()["broken_until"])

        await until(rests, timeout_s=40)
        # Five failures, and what was under way when the fifth came.
        assert 5 <= len(receiver.requests) <= 12
        receiver.answers = [answer(200)]
        site.rows("UPDATE notification_channel SET broken_until = now()")
        await desk.ends(20, state="delivered")
        assert (await desk.client.get(place)).json()["failure_count"] == 0


async def test_a_poison_notification_is_given_up_and_stops_nothing(site):
    raised(site)
    async with listening(Receiver()) as receiver, telling(site) as desk:
        await desk.channel("webhook", receiver.url)
        await told(site, about("poison", severity="critical"), fail=True)
        site.rows(
            "SELECT set_config('guitu.scope', '/', false), enqueue_notifications(%s)",
            (
                json.dumps(
                    [
                        {"key": "p", "org_id": "county-a", "kind": "no_such_kind", "body": {}}
                        | {"severity": "critical", "fold_key": "p"}
                    ]
                ),
            ),
        )
        await told(site, about("b"))
        await receiver.received(1)
        [dead] = await desk.ends(state="dead")
    assert "no notification is of kind no_such_kind" in dead["detail"]
    assert [request.key for request in receiver.requests] == ["b"]


async def test_a_result_that_cannot_be_written_takes_no_other_with_it(site):
    raised(site)
    site.rows(
        "CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no result of this one'; END $$"
    )
    site.rows(
        "CREATE TRIGGER refuse_poison BEFORE UPDATE ON notification_delivery FOR EACH ROW"
        " WHEN (NEW.state = 'delivered' AND OLD.message_key = 'poison')"
        " EXECUTE FUNCTION refuse_poison()"
    )
    good = [f"good-{number}" for number in range(6)]
    async with listening(Receiver()) as receiver, telling(site) as desk:
        await desk.channel("webhook", receiver.url)
        await told(site, *map(about, [*good[:3], "poison", *good[3:]]))
        await desk.ends(len(good), state="delivered")
    # Had they been undone with it, they would have gone out again.
    assert sorted(request.key for request in receiver.requests if request.key != "poison") == good


async def test_in_quiet_hours_only_what_is_critical_is_told(site):
    raised(site)

    def night() -> datetime:
        return datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 in Beijing

    async with listening(Receiver()) as receiver, telling(site, clock=night) as desk:
        await desk.channel("webhook", receiver.url, login="officer")
        await told(site, about("later", login="officer", severity="major"))
        await told(site, about("now", login="officer"))
        await receiver.received(1)
        await desk.ends(state="delivered")
        [waits] = await desk.ends(state="queued")
    assert [request.key for request in receiver.requests] == ["now"]
    assert waits["next_at"] == "2026-11-22T23:00:00Z"
    assert waits["attempts"] == 0


async def test_a_storm_is_one_message_of_a_robot(site):
    for number in range(60):
        raised(site, f"e-{number}")
    taken = answer(200, {"errcode": 0, "errmsg": "ok"})
    async with listening(Receiver(answers=[taken])) as receiver, telling(site) as desk:
        await desk.channel("robot", ROBOT.format(port=receiver.port), secret="SEC1")
        storm = (about(f"k-{number}", alert_id=f"e-{number}") for number in range(60))
        await told(site, *storm)
        delivered = await desk.ends(60, state="delivered", limit=100)
    [request] = receiver.requests
    content = json.loads(request.body)["text"]["content"]
    assert "60 条通知，其中紧急 60 条" in content
    assert "&timestamp=" in request.line
    assert len({row["message_key"] for row in delivered}) == 1


async def test_steps_of_one_group_are_one_message(site):
    raised(site)
    taken = answer(200, {"errcode": 0, "errmsg": "ok"})
    async with listening(Receiver(answers=[taken])) as receiver, telling(site) as desk:
        await desk.channel("robot", ROBOT.format(port=receiver.port))
        await told(site, *(about(f"k-{number}", group_id="g-1") for number in range(3)))
        await desk.ends(3, state="delivered")
    assert len(receiver.requests) == 1


async def test_a_robot_that_answers_200_and_refuses_has_delivered_nothing(site):
    raised(site)
    refused = answer(200, {"errcode": 310000, "errmsg": "keywords not in content"})
    async with listening(Receiver(answers=[refused])) as receiver, telling(site) as desk:
        await desk.channel("robot", ROBOT.format(port=receiver.port))
        await told(site, about("a"))
        [dead] = await desk.ends(state="dead")
    assert dead["detail"] == "the platform refused it with code 310000"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("closed", [False, True], ids=["open file", "minor's file"])
async def test_a_message_names_who_the_policy_allows_and_nobody_of_a_closed_file(site, closed):
    [subject] = site.rows("SELECT id FROM subject WHERE NOT is_minor ORDER BY id LIMIT 1")
    if closed:
        site.rows("UPDATE subject SET is_minor = true WHERE id = %s", (subject["id"],))
    raised(site, subject=subject["id"])
    async with listening(Receiver()) as told_less, listening(Receiver()) as told_more:
        async with telling(site) as desk:
            await desk.channel("webhook", told_less.url)
            await desk.channel("webhook", told_more.url, tells="pseudonym")
            await told(site, about("a"))
            await desk.ends(2, state="delivered")
        assert subject["id"] not in told_less.requests[0].body.decode()
        assert (subject["id"] in told_more.requests[0].body.decode()) is not closed


async def test_a_mail_carries_its_key_and_no_log_the_address(site, caplog):
    raised(site)
    caplog.set_level(logging.DEBUG)
    address = "mailto://127.0.0.1:{port}?from=desk@gov.example&to=officer@gov.example"
    async with (
        listening(MailServer()) as mails,
        listening(MailServer(hangs=True)) as hangs,
        telling(site, notification_attempts_max=2, notification_attempt_s=1.0) as desk,
    ):
        await desk.channel("apprise", address.format(port=hangs.port))
        await desk.channel("apprise", address.format(port=mails.port))
        await told(site, about("a"))
        [mail] = await mails.received(1)
        await desk.ends(state="delivered")
        await desk.ends(state="dead")
    assert "X-Guitu-Key: a" in mail
    assert "officer@gov.example" not in caplog.text


async def test_a_terminal_is_sent_one_text_however_often_it_is_tried(site):
    raised(site)
    [terminal] = site.rows("SELECT id FROM device ORDER BY id LIMIT 1")
    site.rows("UPDATE device SET kind = 'terminal' WHERE id = %s", (terminal["id"],))
    site.rows("DELETE FROM binding WHERE device_id = %s", (terminal["id"],))
    async with telling(site) as desk:
        await desk.channel("terminal", None, login="officer", tells="name", quiet=None)
        await told(site, about("a", login="officer"))
        [failed] = await desk.ends(state="dead")
        assert "bound to the person" in failed["detail"]
        site.rows(
            "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
            " SELECT org_id, id, 'officer', 'officer', now() - interval '1 hour'"
            " FROM device WHERE id = %s",
            (terminal["id"],),
        )
        await desk.client.post(f"/api/v1/notification-deliveries/{failed['id']}/retry")
        [delivered] = await desk.ends(state="delivered")
    assert delivered["command_state"] == "queued"
    [command] = site.rows("SELECT device_id, name, text FROM command")
    assert (command["device_id"], command["name"]) == (terminal["id"], "text")
    assert command["text"].startswith("【紧急】表带剪断")

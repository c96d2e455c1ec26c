"""The live stream on a real port: what changes arrives, to those who may see it."""

import asyncio
import time
from datetime import UTC, datetime

import httpx
import pytest

from server.live.alert_batch import AlertBatch
from server.live.client import MOST_ALERTS, Client, PositionBatch
from server.situation.feed import FeedEnds
from tests.server.conftest import TOKEN, post_outcomes
from tests.server.events import outcome, post_telemetry, report
from tests.server.live_server import serving, stream

NOW_MS = int(datetime.now(UTC).timestamp() * 1000)


@pytest.fixture
async def live(site):
    site.rows(
        "UPDATE positioning_order SET approved_at = now() - interval '2 days',"
        " valid_from = now() - interval '1 day', valid_to = now() + interval '1 day'"
    )
    settings = site.settings(live_heartbeat_s=0.2, live_session_check_s=0.1)
    async with serving(settings) as started:
        yield started


@pytest.fixture
async def sender(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


def as_session(secret, csrf):
    return {"Cookie": f"guitu_session={secret}", "X-CSRF-Token": csrf}


async def test_an_alert_arrives_by_itself_and_again_when_it_changes(live, sender, site):
    secret, csrf = site.open_session("officer")
    async with stream(live.base, secret) as events:
        hello = await events.until("hello")
        assert hello.data["feed_id"] == 0
        await post_outcomes(sender, [outcome()])
        alert = await events.until("alert")
        assert (alert.data["id"], alert.data["state"], alert.id) == ("episode-1", "open", 1)
        answer = await sender.post(
            "/api/v1/alerts/episode-1/acknowledge",
            json={},
            headers={"If-Match": '"1"', **as_session(secret, csrf)},
        )
        assert answer.status_code == 200
        moved = await events.until("alert")
        assert moved.data == answer.json()
        assert events.response.headers["content-type"].startswith("text/event-stream")


async def test_positions_arrive_as_columns_and_heartbeats_go_on(live, sender, site):
    secret, _ = site.open_session("auditor")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        await post_telemetry(sender, [report(fix_time_ms=NOW_MS)])
        pos = await events.until("pos")
        assert (pos.data["device"], pos.data["lon"]) == (["wb-000001"], [120_100_000])
        assert pos.data["feed_id"] == pos.id == 1
        beat = await events.until("hb")
        told_s = datetime.fromisoformat(beat.data["now"]).timestamp()
        assert abs(told_s - time.time()) < 60


async def test_a_gateway_that_is_seen_is_told(live, sender, site):
    secret, _ = site.open_session("admin")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        await sender.get("/api/v1/gateway/directory")
        # That it was silent from the start may be told first.
        while (told := await events.until("gateway")).data["silent"]:
            pass
        assert told.data["gateway"] == "gw-1"


async def test_a_gateway_that_falls_silent_is_told(live, sender, site):
    secret, _ = site.open_session("officer")
    await sender.get("/api/v1/gateway/directory")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        site.rows("UPDATE gateway SET last_seen_at = now() - interval '61 s'")
        while not (await events.until("gateway")).data["silent"]:
            pass


async def test_each_sees_the_own_scope_and_an_admin_no_case(live, sender, site):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "officer")
    site.add_account("own-office", "office-1", "officer")
    secrets = {name: site.open_session(name)[0] for name in ("stranger", "own-office", "admin")}
    async with (
        stream(live.base, secrets["stranger"]) as stranger,
        stream(live.base, secrets["own-office"]) as own,
        stream(live.base, secrets["admin"]) as admin,
    ):
        for events in (stranger, own, admin):
            await events.until("hello")
        await post_telemetry(sender, [report(fix_time_ms=NOW_MS)])
        await post_outcomes(sender, [outcome()])
        await own.until("alert")
        # Heartbeats after the alert: whatever would have come has come.
        for events in (stranger, admin):
            await events.until("hb")
            await events.until("hb")
            assert {event.name for event in events.seen} <= {"hello", "hb", "gateway"}
        assert "pos" in {event.name for event in own.seen} or await own.until("pos")


async def test_a_stream_that_comes_back_gets_what_it_missed(live, sender, site):
    secret, _ = site.open_session("officer")
    await post_outcomes(sender, [outcome(episode="before")])
    async with stream(live.base, secret) as events:
        await events.until("hello")
        await post_outcomes(sender, [outcome(episode="seen")], first=2)
        last_id = (await events.until("alert")).id
    await post_outcomes(sender, [outcome(episode="missed")], first=3)
    await post_telemetry(sender, [report(fix_time_ms=NOW_MS)])
    for given in ({"headers": {"Last-Event-ID": str(last_id)}}, {"query": f"?after={last_id}"}):
        async with stream(live.base, secret, **given) as events:
            # Routing may have touched the one that was seen.
            while (missed := await events.until("alert")).data["id"] != "missed":
                pass
            pos = await events.until("pos")
            assert missed.id == last_id
            assert pos.data["device"] == ["wb-000001"]
            assert pos.id >= last_id + 2


@pytest.mark.parametrize("last_id", [0, 99])
async def test_a_stream_that_missed_too_much_is_reset(live, sender, site, last_id):
    secret, _ = site.open_session("officer")
    await post_outcomes(sender, [outcome(), outcome(episode="e2")])
    site.rows("UPDATE feed SET at = now() - interval '301 s'")
    async with stream(live.base, secret, headers={"Last-Event-ID": str(last_id)}) as events:
        await events.until("reset")
        await post_outcomes(sender, [outcome(episode="later")], first=3)
        # A hub that is behind the feed tells again what the fresh snapshot had; then comes this.
        told = [(await events.until("alert")).data["id"]]
        while told[-1] != "later":
            told.append((await events.until("alert")).data["id"])
        assert told[:-1] in ([], ["episode-1"], ["e2"], ["episode-1", "e2"])


async def test_a_signed_out_sessions_stream_ends_and_others_go_on(live, sender, site):
    leaving, csrf = site.open_session("officer")
    staying, _ = site.open_session("officer")
    async with stream(live.base, leaving) as gone, stream(live.base, staying) as other:
        await gone.until("hello")
        await sender.delete("/api/v1/session", headers=as_session(leaving, csrf))
        await gone.end()
        await other.until("hello")
        await post_outcomes(sender, [outcome()])
        await other.until("alert")


async def test_a_stop_ends_the_streams_at_once(live, site):
    secret, _ = site.open_session("officer")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        stopping = asyncio.create_task(live.stop())
        await events.end()
    await stopping


async def test_no_more_streams_than_allowed(site):
    secret, _ = site.open_session("officer")
    async with (
        serving(site.settings(live_max_clients=1)) as live,
        stream(live.base, secret) as events,
        httpx.AsyncClient(base_url=live.base, trust_env=False) as client,
    ):
        await events.until("hello")
        answer = await client.get("/api/v1/live", headers=as_session(secret, ""))
        assert answer.status_code == 503
        assert answer.headers["retry-after"]


async def test_nobody_gets_no_stream(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as client:
        assert (await client.get("/api/v1/live")).status_code == 401


def a_client():
    return Client(scope="/", sees_cases=True, session_hash=b"")


async def names(client):
    return [
        frame.split(b"\n")[0].removeprefix(b"event: ").decode() for frame in await frames(client)
    ]


async def frames(client):
    return [frame + b"\n\n" for frame in b"".join(await client.take()).split(b"\n\n")[:-1]]


def a_batch(*feed_ids):
    return AlertBatch([(feed_id, b'{"id":%d}' % feed_id) for feed_id in feed_ids])


def row(device, lon=0):
    columns = ("holder_kind", "holder", "label", "kind", "lat", "fix_time_ms", "accuracy_m")
    return dict.fromkeys((*columns, "battery_pct", "alarms"), 0) | {"device": device, "lon": lon}


async def test_alerts_are_never_thinned_out_a_slow_stream_is_reset():
    client = a_client()
    client.put_alerts(a_batch(*range(MOST_ALERTS)))
    assert await names(client) == ["alert"] * MOST_ALERTS
    client.put_alerts(a_batch(*range(MOST_ALERTS)))
    client.put_alerts(a_batch(MOST_ALERTS))
    assert await names(client) == ["reset"]
    assert await names(client) == []


async def test_positions_of_a_slow_stream_are_the_newest_of_each_device():
    client = a_client()
    for number in range(1, 1001):
        client.put_positions(PositionBatch([row(f"d-{number % 3}", number)], number))
    (frame,) = await frames(client)
    assert b'"feed_id":1000' in frame
    assert b'"lon":[1000,998,999]' in frame


async def test_an_alert_that_overtakes_positions_does_not_claim_them():
    client = a_client()
    client.owe_positions(5)
    client.put_alerts(a_batch(7))
    (alert,) = await frames(client)
    assert b"id: 4\n" in alert
    client.settle_positions()
    client.put_positions(PositionBatch([row("d")], 7))
    client.put_alerts(a_batch(8))
    pos, alert = await frames(client)
    assert (b"id: 7\n" in pos, b"id: 8\n" in alert) == (True, True)


async def test_positions_do_not_claim_an_alert_that_follows_them():
    client = a_client()
    client.put_alerts(a_batch(6))
    client.put_positions(PositionBatch([row("d")], 9))
    pos, alert = await frames(client)
    assert (b"id: 5\n" in pos, b"id: 6\n" in alert) == (True, True)


async def test_streams_of_one_scope_get_the_same_alerts_each_with_what_it_is_owed():
    first, second = a_client(), a_client()
    first.owe_positions(20)
    shared = a_batch(*range(1, 201))
    for client in (first, second):
        client.put_alerts(shared)
        client.put_alerts(a_batch(201))
    told = [await frames(client) for client in (first, second)]
    for one, bound in zip(told, (19, 201), strict=True):
        assert one == [
            b'event: alert\nid: %d\ndata: {"id":%d}\n\n' % (min(at, bound), at)
            for at in range(1, 202)
        ]


@pytest.mark.parametrize(
    ("oldest", "newest", "last_id", "is_kept"),
    [
        (0, 0, 0, True),
        (1, 5, 0, True),
        (3, 5, 2, True),
        (3, 5, 3, True),
        (3, 5, 5, True),
        (3, 5, 1, False),
        (3, 5, 0, False),
        (3, 5, 6, False),
        (0, 0, 7, False),
    ],
)
def test_a_stream_resumes_where_nothing_after_it_was_dropped(oldest, newest, last_id, is_kept):
    assert FeedEnds(oldest, newest).reaches(last_id) is is_kept

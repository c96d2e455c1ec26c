"""Gateways, people and polls at once: nobody waits for ever, nothing is lost."""

import asyncio

from tests.server.conftest import post_outcomes
from tests.server.events import outcome, post_telemetry, report
from tests.vectors.uplink.make import T0_MS


async def test_streams_people_and_polls_at_once_all_succeed(gateway, people, site):
    episodes = [f"e-{number}" for number in range(8)]
    await post_outcomes(gateway, [outcome(episode=name) for name in episodes])

    async def telemetry():
        for number in range(1, 9):
            row = report(seq=number, fix_time_ms=T0_MS + number)
            yield await post_telemetry(gateway, [row], first=number)

    async def outcomes():
        for number, name in enumerate(episodes):
            event = outcome("cleared", episode=name, end_time="2026-11-22T02:00:00Z")
            yield await post_outcomes(gateway, [event], first=9 + number)

    async def polls():
        for _ in range(8):
            yield await gateway.get("/api/v1/gateway/directory")

    async def handling(login):
        client = people(login)
        for name in episodes:
            alert = await client.get(f"/api/v1/alerts/{name}")
            yield await client.post(
                f"/api/v1/alerts/{name}/resolve",
                json={"verdict": "confirmed", "note": "属实"},
                headers={"If-Match": alert.headers["etag"]},
            )

    async def answers_of(calls):
        return [answer.status_code async for answer in calls]

    flows = (telemetry(), outcomes(), polls(), handling("officer"), handling("supervisor"))
    *machines, one, other = await asyncio.gather(*(answers_of(flow) for flow in flows))
    assert {status for statuses in machines for status in statuses} == {200}
    # Of two people one is first; whoever saw an older version is told.
    assert set(one + other) <= {200, 409, 412}
    assert site.one("SELECT count(*) FROM position_report") == 8
    assert site.one("SELECT count(*) FROM alert WHERE condition = 'cleared'") == 8
    resolved = site.one("SELECT count(*) FROM alert WHERE state = 'resolved'")
    facts = site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL")
    assert resolved == facts == (one + other).count(200)

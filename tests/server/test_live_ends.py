"""Nothing of the live stream goes on past a session's end, or to who is refused."""

import httpx
import pytest

from tests.server.conftest import TOKEN, post_outcomes
from tests.server.events import outcome
from tests.server.live_server import serving, stream

ENDS = {
    "ran out": "UPDATE session SET expires_at = now() - interval '1 s' WHERE user_id = %s",
    "not used": "UPDATE session SET seen_at = now() - interval '30 days' WHERE user_id = %s",
    "ended by its owner": "DELETE FROM session WHERE user_id = %s",
    "account disabled": "UPDATE app_user SET disabled = true WHERE id = %s",
}


@pytest.fixture
async def live(site):
    async with serving(site.settings(live_heartbeat_s=0.2, live_session_check_s=0.1)) as started:
        yield started


@pytest.fixture
async def caller(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("how", ENDS)
async def test_a_stream_ends_with_its_session_and_nothing_follows(live, caller, site, how):
    secret, _ = site.open_session("officer")
    user = site.one("SELECT id FROM app_user WHERE login = 'officer'")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        site.rows(ENDS[how], (user,))
        await events.end()
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        caller.headers.update(bearer)
        assert (await post_outcomes(caller, [outcome()])).status_code == 200
        assert "alert" not in {event.name for event in events.seen}
    again = await caller.get("/api/v1/live", headers={"Cookie": f"guitu_session={secret}"})
    assert again.status_code == 401


async def test_who_is_refused_gets_a_problem_and_no_event(caller, site):
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    for login in ("own", "security"):
        secret, _ = site.open_session(login)
        answer = await caller.get("/api/v1/live", headers={"Cookie": f"guitu_session={secret}"})
        assert answer.status_code == 403, login
        assert "event:" not in answer.text

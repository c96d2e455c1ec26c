"""Every call of the interface without a session that stands, and from another organisation.

The calls are those that test_roles.py holds to the contract: a new one is tried here too.
"""

import re

import pytest

from tests.server.access.stated import ACCESS
from tests.server.conftest import ROLES, TOKEN, post_outcomes
from tests.server.events import outcome
from tests.server.test_roles import ELSEWHERE, TABLE, TRACK, call, with_places

OPEN = {
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/session/oidc"),
    ("GET", "/api/v1/session/oidc/callback"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    # Which version of tus is spoken; it tells nothing else (asked before any upload).
    ("OPTIONS", "/api/v1/gateway/media/uploads"),
}
# Tells each procurator what the own requests asked for, in their words.
OWN_LOOKS = "/api/v1/procurator-looks"
OF_GATEWAYS = {one for one in ELSEWHERE if one[1].startswith("/api/v1/gateway/")} - OPEN
OF_PEOPLE = (
    {(method, template) for method, template, _ in TABLE}
    | ACCESS.keys()
    | (ELSEWHERE - OF_GATEWAYS - OPEN)
)
# What county-a has, whose names no answer to a stranger may hold.
OURS = ("s-4k2m9q", "s-7h3n2c", "张三", "episode-1", "f-school", "gw-1", "wb-000001", "青溪县")
PLACES = {"subject_id": "s-4k2m9q", "alert_id": "episode-1", "device_id": "wb-000001"}
PLACES |= {"gateway": "gw-1", "login": "officer", "org": "county-a", "org_id": "county-a"}
ASKED = TRACK.partition("?")[2] + "&format=csv&year=2026&week=2026-W47&month=2026-10"


def ours(template):
    """A path to things of county-a."""
    return re.sub(r"\{(\w+)\}", lambda place: PLACES.get(place[1], "x-1"), template)


@pytest.mark.parametrize("ended", [None, "UPDATE session SET expires_at = now() - interval '1 s'"])
async def test_no_call_is_answered_without_a_session_that_stands(nobody, people, site, ended):
    client = nobody
    if ended:
        client = people("supervisor")
        assert (await client.get("/api/v1/session")).status_code == 200
        site.rows(ended)
    for method, template in sorted(OF_PEOPLE):
        answer = await call(client, method, template, with_places(template))
        assert answer.status_code == 401, f"{method} {template}: {answer.text}"


@pytest.mark.parametrize("revoked", [False, True])
async def test_no_call_of_gateways_is_answered_without_a_token_that_stands(nobody, site, revoked):
    headers = {}
    if revoked:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        marks = "/api/v1/gateway/marks"
        assert (await nobody.get(marks, headers=headers)).status_code == 200
        site.rows("UPDATE gateway SET token_hash = 'of another token'")
    for method, path in sorted(OF_GATEWAYS):
        answer = await nobody.request(method, path, headers=headers)
        # A server without an archive or recordings says so to anybody, whatever the token.
        refusals = {401, 404} if re.search("/archive|/media/", path) else {401}
        assert answer.status_code in refusals, f"{method} {path}: {answer.text}"


async def test_no_read_or_export_shows_another_county_a_name(gateway, site, people):
    await post_outcomes(gateway, [outcome()])
    site.add_org("county-b", "/")
    reads = sorted(t for m, t in OF_PEOPLE if m == "GET" and t not in {"/api/v1/live", OWN_LOOKS})
    for role in ROLES:
        site.add_account(f"other-{role}", "county-b", role)
        client = people(f"other-{role}")
        for template in reads:
            asked = ASKED if re.search("track|positions|export", template) else ""
            path = ours(template)
            answer = await client.get(f"{path}?{asked}".rstrip("?"))
            assert answer.status_code != 500, f"{template}: {answer.text}"
            # What was asked for may stand in the answer as it was asked.
            told = [name for name in OURS if name in answer.text and name not in path]
            assert told == [], f"{role} {template}"
            assert not (answer.is_success and "{subject_id}" in template), f"{role} {template}"

"""What gateways say of attempts at kiosks: listed for officers and the person, and counted."""

import json
from datetime import timedelta

import pytest

from tests.server.conftest import TOKEN, VECTORS, http, post_outcomes
from tests.server.test_checks import Checker
from tests.server.travelling import travel_of

(VECTOR,) = json.loads((VECTORS / "checkin.json").read_text())
KIOSK = VECTOR["data"]["device"]
MINE = "/me/check-ins"


class Kiosk(Checker):
    """A kiosk of the office, and a gateway that speaks for it."""

    def __init__(self, travel):
        super().__init__(travel)
        self.seq = 0
        self.gateway = http(travel.app)
        self.gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        self.site.rows(
            "INSERT INTO device (id, org_id, kind, expected_interval_s)"
            " VALUES (%s, 'office-1', 'kiosk', 3600)",
            (KIOSK,),
        )

    async def tells(self, *attempts):
        first = self.seq + 1
        events = []
        for given in attempts:
            self.seq += 1
            data = VECTOR["data"] | {"entry_seq": self.seq} | given
            events.append(VECTOR | {"id": f"e-{self.seq}", "data": data})
        answer = await post_outcomes(self.gateway, events, first=first)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def kiosk(site):
    async with travel_of(site) as travel:
        yield Kiosk(travel)


async def test_an_attempt_is_shown_to_officers_and_to_the_person(kiosk):
    assert await kiosk.tells({}) == {"through": 1}
    (one,) = (await kiosk.get("officer", "/check-ins?subject=s-4k2m9q"))["items"]
    assert (one["verdict"], one["causes"]) == ("inconclusive", ["no_liveness"])
    assert one["capture"] == VECTOR["data"]["capture"]
    assert (await kiosk.get("own", MINE))["items"] == [one]
    assert (await kiosk.get("officer", "/check-ins?subject=s-7h3n2c"))["items"] == []
    foreign = await kiosk.travel.sign_in("own").get("/api/v1/check-ins")
    assert foreign.status_code == 403


async def test_the_same_attempt_again_changes_nothing(kiosk):
    await kiosk.tells({}, {}, {"verdict": "match", "causes": []})
    (one,) = (await kiosk.get("officer", "/check-ins"))["items"]
    assert one["verdict"] == "inconclusive"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"subject": "s-none"}, "unknown"),
        ({"device": "kk-none"}, "unknown"),
        ({"verdict": "perhaps"}, "malformed"),
        ({"causes": ["No Such"]}, "malformed"),
        ({"capture": "00"}, "malformed"),
    ],
)
async def test_what_cannot_be_taken_is_quarantined_alone(kiosk, wrong, reason):
    told = await kiosk.tells(wrong, {"attempt": "a-2"})
    assert told == {"through": 2, "quarantined": 1}
    assert kiosk.site.one("SELECT reason FROM ingest_quarantine") == reason
    assert kiosk.site.one("SELECT attempt FROM checkin_attempt") == "a-2"


async def test_a_match_does_the_check_that_asked_for_it_and_nothing_else_does(kiosk):
    check = (await kiosk.ask("kiosk")).json()
    other = (await kiosk.ask("call")).json()
    at = kiosk.travel.clock.now + timedelta(minutes=5)

    def attempt(number, verdict, moment):
        times = dict.fromkeys(
            ("challenge_time", "response_time", "received_at"), moment.isoformat()
        )
        return {"attempt": f"a-{number}", "verdict": verdict, "causes": []} | times

    await kiosk.tells(
        attempt(1, "no_match", at),
        attempt(2, "inconclusive", at),
        attempt(3, "match", at - timedelta(hours=1)),
    )
    assert (await kiosk.get("officer", f"/checks/{check['id']}"))["state"] == "planned"
    await kiosk.tells(attempt(4, "match", at))
    done = await kiosk.get("officer", f"/checks/{check['id']}")
    assert (done["state"], done["result"], done["done_by"]) == ("done", "as_expected", KIOSK)
    assert (await kiosk.get("officer", f"/checks/{other['id']}"))["state"] == "planned"


async def test_rates_show_how_often_another_way_was_taken(kiosk):
    by_kiosk, by_call = [(await kiosk.ask(method)).json() for method in ("kiosk", "call")]
    now = kiosk.travel.clock.now + timedelta(minutes=1)
    moment = now.isoformat()
    await kiosk.tells(
        {"verdict": "match", "causes": [], "response_time": moment},
        {"attempt": "a-2", "response_time": moment},
    )
    client = kiosk.travel.sign_in("officer")
    body = {"result": "as_expected", "note": "电话核实"}
    path = f"/api/v1/checks/{by_call['id']}/result"
    version = {"If-Match": f'"{by_call["version"]}"'}
    assert (await client.post(path, json=body, headers=version)).status_code == 200
    begin, end = now - timedelta(days=1), now + timedelta(days=1)
    given = {"begin": begin.isoformat(), "end": end.isoformat()}
    found = (await client.get("/api/v1/check-ins/rates", params=given)).json()
    assert found["attempts"] == {"match": 1, "inconclusive": 1}
    assert found["checks"] == {"kiosk": 1, "call": 1}
    assert found["fallback_share"] == 0.5
    assert by_kiosk["method"] == "kiosk"
    wrong = await client.get("/api/v1/check-ins/rates", params=given | {"end": given["begin"]})
    assert wrong.status_code == 422

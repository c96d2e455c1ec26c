import json

from tests.server.conftest import vector


async def post_outcomes(gateway, events, first, last):
    return await gateway.post(
        f"/api/v1/gateway/outcomes?first={first}&last={last}",
        content=json.dumps(events),
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )


async def test_golden_telemetry_is_taken_once(gateway, site, telemetry_vector):
    for _ in range(2):
        answer = await gateway.post(
            "/api/v1/gateway/telemetry?first=1&last=3", content=telemetry_vector
        )
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"through": 3}
    assert site.one("SELECT count(*) FROM position_report") == 6


async def test_golden_outcomes_are_taken_once(gateway, site):
    golden = vector("outcomes.json")
    for _ in range(2):
        answer = await post_outcomes(gateway, golden["events"], 1, 7)
        assert answer.status_code == 200, answer.text
    assert site.one("SELECT count(*) FROM outcome") == 7
    assert site.one("SELECT count(*) FROM alert") == 4


async def test_golden_directory_is_answered(gateway):
    answer = await gateway.get("/api/v1/gateway/directory")
    assert answer.status_code == 200, answer.text
    assert answer.json() == vector("directory.json")

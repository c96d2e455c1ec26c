"""The terminal of a device that speaks TCP: one number, one device, known to the gateway."""

import pytest

from tests.server.conftest import vector
from tests.server.test_registry import TERMINAL, URL


@pytest.fixture
def file():
    return vector("registry.json")


@pytest.fixture
def supervisor(people):
    return people("supervisor")


async def devices_of(gateway):
    directory = (await gateway.get("/api/v1/gateway/directory")).json()
    return {device["device"]: device.get("terminal") for device in directory["devices"]}


async def test_a_terminal_reaches_the_gateway_once_and_goes_again(supervisor, gateway, file):
    whole = TERMINAL | {"model": "vendor-x", "serial": "AB12345", "utc_offset_min": 480}
    for terminal in (TERMINAL, whole, None):
        file["devices"][0]["terminal"] = terminal
        versions = []
        for changed in (1, 0):
            answer = await supervisor.post(URL, json=file)
            assert answer.json()["changed"]["devices"] == changed
            versions.append(answer.json()["directory_version"])
        assert versions[0] == versions[1]
        assert (await devices_of(gateway))["wb-000001"] == terminal


async def test_two_devices_never_share_a_terminal_number(supervisor, file):
    for device in file["devices"][:2]:
        device["terminal"] = TERMINAL
    answer = await supervisor.post(URL, json=file)
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/devices/1/terminal/number"
    assert "the terminal of wb-000001" in fault["detail"]
    del file["devices"][1]["terminal"]
    assert (await supervisor.post(URL, json=file)).status_code == 200
    other = {"format": file["format"], "devices": [file["devices"][1] | {"terminal": TERMINAL}]}
    (fault,) = (await supervisor.post(URL, json=other)).json()["errors"]
    assert fault["pointer"] == "/devices/0/terminal/number"
    gt06 = TERMINAL | {"protocol": "gt06"}
    other["devices"][0]["terminal"] = gt06
    assert (await supervisor.post(URL, json=other)).status_code == 200


async def test_a_terminal_number_passes_from_one_device_to_another(supervisor, gateway, file):
    file["devices"][1]["terminal"] = TERMINAL
    await supervisor.post(URL, json=file)
    file["devices"][0]["terminal"], file["devices"][1]["terminal"] = TERMINAL, None
    answer = await supervisor.post(URL, json=file)
    assert answer.json()["changed"]["devices"] == 2
    shown = await devices_of(gateway)
    assert (shown["wb-000001"], shown["wb-000002"]) == (TERMINAL, None)


async def test_a_foreign_terminal_number_is_refused_without_telling_whose(people, site, file):
    site.add_org("county-b", "/")
    site.add_account("boss-b", "county-b", "admin")
    file["devices"][0]["terminal"] = TERMINAL
    await people("supervisor").post(URL, json=file)
    device = file["devices"][0] | {"device": "tr-b", "org": "county-b"}
    answer = await people("boss-b").post(URL, json={"format": file["format"], "devices": [device]})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], "outside your scope" in fault["detail"]) == ("/devices", True)
    assert "wb-000001" not in answer.text

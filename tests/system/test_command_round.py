"""A command of a person goes through a whole site to a device, and its answer comes back."""

from collections.abc import Iterator

import httpx
import pytest

from tests.services.site import Site, site_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SENT_OR_WAITING = {"queued", "sent"}


@pytest.fixture
def site() -> Iterator[Site]:
    with site_of("--devices", "12") as running:
        yield running


def worn_device(client: httpx.Client) -> str:
    subjects = client.get("/api/v1/subjects").json()["items"]
    wearer = next(subject["id"] for subject in subjects if subject["is_wearing"])
    devices = client.get(f"/api/v1/subjects/{wearer}").json()["devices"]
    return str(devices[0]["device"])


def test_a_wristband_obeys_and_its_answer_reaches_who_asked(site):
    with site.signed_in("officer") as client:
        client.timeout = 20
        device = worn_device(client)
        answer = client.post(
            f"/api/v1/devices/{device}/commands",
            json={"name": "set_interval", "interval_s": 5, "purpose": "核实告警期间加密"},
            headers={"Idempotency-Key": "round-trip-1"},
        )
        assert answer.status_code == 201, answer.text
        path = f"/api/v1/commands/{answer.json()['id']}"
        site.await_that(
            lambda: client.get(path).json()["state"] not in SENT_OR_WAITING, "an answer", 60
        )
        shown = client.get(path).json()
    assert [step["step"] for step in shown["steps"]] == ["queued", "sent", "answered"]

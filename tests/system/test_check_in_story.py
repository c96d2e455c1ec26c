"""A check at a kiosk, from the enrolment to the person's own page; through a whole site."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from device_sims import county
from tests.services.site import Site, site_of
from tests.unit.gateway.faces.portraits import astronaut, hopper

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

API = "/api/v1"
WEARING, TERMINALS = 5, 6
JUDGED_S = 90
"""A face is described in a second; the first one waits for its process to start."""


@pytest.fixture
def site() -> Iterator[Site]:
    with site_of("--devices", str(WEARING)) as running:
        yield running


def first_duty(site: Site) -> tuple[Any, str]:
    """The first duty of the demo county's people, and the office of its kiosk."""
    seed = int((site.data / "secrets" / "county-seed").read_text())
    made = county.registry(seed, wearing=WEARING, terminals=TERMINALS)
    duty = made["checkins"][0]
    return duty, next(row["org"] for row in made["devices"] if row["device"] == duty["kiosk"])


def guitu(*words: object) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "guitu", *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def attempts(client: httpx.Client, path: str) -> dict[str, str]:
    items = client.get(f"{API}{path}").raise_for_status().json()["items"]
    return {one["attempt"]: one["verdict"] for one in items}


def test_a_person_of_the_demo_county_is_enrolled_and_checks_in_and_a_stolen_card_does_not(
    site: Site, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.jpg", tmp_path / "other.jpg"
    hopper().save(own)
    astronaut().resize((1_024, 1_024)).save(other)
    secrets = site.data / "secrets"
    with site.signed_in("officer") as client:
        duty, org = first_duty(site)
        person = duty["subject"]
        asked = client.post(
            f"{API}/subjects/{person}/checks",
            json={"method": "kiosk", "purpose": "按计划抽查"},
            headers={"Idempotency-Key": "story-key-001"},
        )
        assert asked.is_success, asked.text
        token = guitu(
            *("face", "enrol", "--data-dir", site.data / "gateway"),
            *("--key-file", secrets / "faces-key", "--subject", person, "--org", org),
            *("--basis", "law-26", "--notice", "n-1", own),
        )["token"]
        at_kiosk = (
            *("sim", "kiosk", "--broker", f"127.0.0.1:{site.port + 1}"),
            *("--device-key-file", secrets / "device_key", "--device", duty["kiosk"]),
            *("--org", org, "--token", token),
        )
        honest = guitu(*at_kiosk, own)["attempt"]
        check = f"{API}/checks/{asked.json()['id']}"
        site.await_that(
            lambda: client.get(check).json()["state"] == "done", "the check is done", JUDGED_S
        )
        assert client.get(check).json()["done_by"] == duty["kiosk"]

        stolen = guitu(*at_kiosk, "--attack", "stolen_card", other)["attempt"]
        found = {honest: "match", stolen: "no_match"}
        site.await_that(
            lambda: attempts(client, f"/check-ins?subject={person}") == found,
            "the stolen card is judged",
            JUDGED_S,
        )
        alerts = f"{API}/alerts?rule=checkin_no_match"
        site.await_that(lambda: client.get(alerts).json()["items"], "the alert about it")
        assert client.get(alerts).json()["items"][0]["subject"]["id"] == person

        account = client.put(f"{API}/subjects/{person}/account").raise_for_status().json()
    with httpx.Client(base_url=site.url, trust_env=False) as own_page:
        given = account["one_time_password"]
        login = {"login": account["login"], "password": given}
        begun = own_page.post(f"{API}/session", json=login).raise_for_status().json()
        own_page.headers["X-CSRF-Token"] = begun["csrf_token"]
        chosen = {"old": given, "new": "a-password-of-ones-own"}
        own_page.post(f"{API}/me/password", json=chosen).raise_for_status()
        assert attempts(own_page, "/me/check-ins") == found

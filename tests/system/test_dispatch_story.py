"""A cut strap from the wrist to the proposed warning, and a false alarm; through a whole site."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.services.site import Site, site_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

API = "/api/v1"
TERMINAL_S = 150
"""Longest way of a simulated officer, with room for a loaded machine."""


@pytest.fixture
def site() -> Iterator[Site]:
    with site_of("--devices", "12") as running:
        yield running


class Story:
    """Somebody at the desk."""

    def __init__(self, client: httpx.Client) -> None:
        client.timeout = 20
        self.client = client
        self.asked = 0

    def get(self, path: str) -> Any:
        return self.client.get(f"{API}{path}").raise_for_status().json()

    def post(self, path: str, body: dict[str, Any], *, version: int | None = None) -> Any:
        self.asked += 1
        headers = {"Idempotency-Key": f"story-key-{self.asked:03}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.client.post(f"{API}{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def version(self, path: str) -> int:
        return int(self.get(path)["version"])

    def steps(self, alert: str) -> list[str]:
        return [step["step"] for step in self.get(f"/alerts/{alert}")["steps"]]


def raised(site: Site, story: Story, rule: str) -> Any:
    """Wait until an alert of a rule has reached somebody."""
    found: list[Any] = []

    def is_routed() -> bool:
        items = story.get(f"/alerts?rule={rule}")["items"]
        found[:] = [one for one in items if one["assigned_to"] is not None]
        return bool(found)

    site.await_that(is_routed, f"a routed {rule} alert", 200)
    return found[0]


def on_terminal(story: Story, alert: str) -> str:
    """Who may be sent and has a terminal."""
    people = story.get(f"/alerts/{alert}/candidates")["items"]
    return next(one["login"] for one in people if one["device"] is not None)


def test_a_cut_strap_goes_from_the_wrist_to_a_proposed_warning(site):
    with site.signed_in("supervisor") as client:
        story = Story(client)
        alert = raised(site, story, "strap")
        path = f"/alerts/{alert['id']}"
        story.post(f"{path}/acknowledge", {}, version=story.version(path))
        login = on_terminal(story, alert["id"])
        task = story.post(f"{path}/tasks", {"login": login}, version=story.version(path))
        assert task["device"] is not None

        def is_reported() -> bool:
            return bool(story.get(f"/tasks/{task['id']}")["state"] == "reported")

        site.await_that(is_reported, "the officer's report", TERMINAL_S)
        told = story.steps(alert["id"])
        way = ["acknowledged", "dispatched", "accepted", "en_route", "on_site", "reported"]
        assert [step for step in told if step in {*way, "verified"}] == [*way, "verified"]
        closed = story.post(
            f"{path}/resolve",
            {"verdict": "confirmed", "note": "到场查看，表带被剪断"},
            version=story.version(path),
        )
        assert (closed["state"], closed["verdict"]) == ("resolved", "confirmed")
        made = story.get(path)["steps"][-1]["body"]["fact"]
        assert story.get(f"/facts/{made}")["alert_id"] == alert["id"]
        subject = f"/subjects/{alert['subject']['id']}"
        finding = story.post(
            f"{subject}/findings",
            {
                "kind": "other",
                "begin_time": alert["begin_time"],
                "description": "剪断电子定位腕带表带",
                "evidence": [{"kind": "alert", "id": alert["id"]}],
            },
        )
        body = {"outcome": "established", "gravity": "serious", "verification": "现场查看属实"}
        story.post(f"/findings/{finding['id']}/verification", body, version=finding["version"])
        proposed = story.post(
            f"{subject}/measures",
            {
                "kind": "warning",
                "ground": "measures-35.6",
                "findings": [finding["id"]],
                "reasons": "故意剪断表带，情节较重",
            },
        )
    assert (proposed["kind"], proposed["state"]) == ("warning", "proposed")


def test_a_false_call_for_help_is_visited_and_labelled_false(site):
    with ExitStack() as stack:
        story = Story(stack.enter_context(site.signed_in("supervisor")))
        alert = raised(site, story, "sos")
        path = f"/alerts/{alert['id']}"
        officer = Story(stack.enter_context(site.signed_in("officer")))
        sent = {"login": site.login("officer")[0]}
        task = story.post(f"{path}/tasks", sent, version=story.version(path))
        for state in ("accepted", "en_route", "on_site"):
            officer.post(f"/tasks/{task['id']}/answer", {"state": state})
        told = {"finding": "unfounded", "text": "误触按键"}
        officer.post(f"/tasks/{task['id']}/report", told)
        # Who says that he was there, and whose terminal does not, dismisses nothing alone.
        answer = officer.client.post(
            f"{API}{path}/resolve",
            json={"verdict": "false", "note": "误触"},
            headers={"If-Match": f'"{story.version(path)}"'},
        )
        assert answer.status_code == httpx.codes.CONFLICT
        closed = story.post(
            f"{path}/resolve",
            {"verdict": "false", "note": "到场核实，误触按键"},
            version=story.version(path),
        )
        rules = story.get("/alert-precision?by=rule&grain=whole&rule=sos")["items"]
    assert (closed["state"], closed["verdict"]) == ("resolved", "false")
    (sos,) = rules
    assert (sos["key"], sos["false"], sos["confirmed"]) == ("sos", 1, 0)

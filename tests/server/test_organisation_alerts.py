"""Outcomes that are about an organisation, or that no single device decided."""

import psycopg
import pytest

from server.alerts.confirming import confirmed_fact
from server.errors import ConflictError
from tests.server.conftest import post_outcomes
from tests.server.events import outcome

ALERT = "/api/v1/alerts/episode-1"
OUTAGE = {"rule": "outage", "category": "device", "subject": "", "device": "", "fence": None}


def without_subject(event):
    return {name: value for name, value in event.items() if name != "subject"}


async def raise_outage(gateway, **given):
    event = without_subject(outcome(**OUTAGE, fence_version=None, severity="major", **given))
    answer = await post_outcomes(gateway, [event])
    assert (answer.status_code, answer.json()) == (200, {"through": 1}), answer.text


async def test_an_outage_is_shown_with_its_organisation_and_nobody(gateway, officer):
    await raise_outage(gateway)
    alert = (await officer.get(ALERT)).json()
    assert (alert["subject"], alert["device"], alert["org"]) == (None, None, "office-1")
    assert [one["id"] for one in (await officer.get("/api/v1/alerts")).json()["items"]] == [
        "episode-1"
    ]


async def test_an_outage_clears_like_any_alert(gateway, officer):
    await raise_outage(gateway)
    over = outcome(
        "cleared",
        **OUTAGE,
        entry_seq=2,
        fence_version=None,
        end_time="2026-11-22T02:01:03.000Z",
    )
    assert (await post_outcomes(gateway, [without_subject(over)], first=2)).json() == {"through": 2}
    assert (await officer.get(ALERT)).json()["condition"] == "cleared"


async def test_an_outage_of_another_organisation_is_out_of_scope(gateway, site):
    event = without_subject(outcome(**OUTAGE, fence_version=None, org="elsewhere"))
    answer = await post_outcomes(gateway, [event])
    assert answer.json() == {"through": 1, "quarantined": 1}
    assert site.one("SELECT count(*) FROM alert") == 0


async def test_whoever_may_not_see_the_organisation_does_not_see_its_outage(gateway, site):
    await raise_outage(gateway)
    own = site.one("SELECT path FROM org WHERE id = 'office-1'")
    seen = {}
    with psycopg.connect(site.database.worker_dsn) as connection:
        for scope in (own, "/elsewhere/"):
            connection.execute("SELECT set_config('guitu.scope', %s, false)", (scope,))
            (seen[scope],) = connection.execute("SELECT count(*) FROM alert").fetchone()
    assert seen == {own: 1, "/elsewhere/": 0}


async def test_an_outage_is_no_fact_about_anybody(gateway, officer, site):
    await raise_outage(gateway)
    answer = await officer.post(
        f"{ALERT}/resolve",
        json={"verdict": "confirmed", "note": "已核实"},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 409
    assert "no fact about a person" in answer.json()["detail"]
    with pytest.raises(psycopg.errors.CheckViolation, match="alert_about_nobody"):
        site.rows("UPDATE alert SET state = 'resolved', due_at = NULL, verdict = 'confirmed'")
    alert = {"id": "x", "category": "device", "subject": None}
    with pytest.raises(ConflictError):
        confirmed_fact(alert, by_login="officer", note="")


async def test_an_outage_may_be_resolved_as_technical(gateway, officer):
    await raise_outage(gateway)
    answer = await officer.post(
        f"{ALERT}/resolve",
        json={"verdict": "technical", "note": "基站故障"},
        headers={"If-Match": '"1"'},
    )
    assert (answer.status_code, answer.json()["verdict"]) == (200, "technical")


async def test_a_missed_check_in_is_about_a_person_and_no_device(gateway, officer):
    event = outcome(rule="checkin_missed", device="", fence=None, fence_version=None)
    assert (await post_outcomes(gateway, [event])).json() == {"through": 1}
    alert = (await officer.get(f"{ALERT}")).json()
    assert (alert["subject"]["id"], alert["device"]) == ("s-4k2m9q", None)
    listed = await officer.get("/api/v1/alerts?subject=s-4k2m9q")
    assert len(listed.json()["items"]) == 1

"""A look at a track says why, by the list, and what it belongs to; what was read is noted."""

import pytest

from server.law.codes import TABLES
from server.looks.purposes import PURPOSES
from tests.server.conftest import post_outcomes
from tests.server.events import outcome

SUBJECT, OTHER = "s-4k2m9q", "s-7h3n2c"
TRACK = f"/api/v1/subjects/{SUBJECT}/track"
SPAN = {"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T02:00:00Z"}


async def look(client, purpose, ref=SUBJECT, **more):
    return await client.get(TRACK, params=SPAN | {"purpose": purpose, "ref": ref} | more)


def test_the_list_of_purposes_is_the_code_table():
    assert [code.name for code in TABLES["track_purpose"].codes] == list(PURPOSES)


async def test_a_look_notes_its_purpose_what_it_belongs_to_and_the_span(gateway, officer, site):
    await post_outcomes(gateway, [outcome()])
    answer = await look(officer, "alert", "episode-1", words="电话无人接听")
    assert answer.status_code == 200, answer.text
    (noted,) = site.rows(
        "SELECT by_login, act, subject_id, purpose, purpose_code, ref_kind, ref_id,"
        " span_from = %s AND span_to = %s AS is_span FROM access_log",
        tuple(SPAN.values()),
    )
    assert noted == {
        "by_login": "officer",
        "act": "track",
        "subject_id": SUBJECT,
        "purpose": "电话无人接听",
        "purpose_code": "alert",
        "ref_kind": "alert",
        "ref_id": "episode-1",
        "is_span": True,
    }


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_what_a_purpose_belongs_to_is_this_persons(officer, people, site, purpose):
    """Of whatever kind: what is not there, or another person's, opens no track."""
    login = next(iter(PURPOSES[purpose].roles - {"officer", "supervisor", "head"}), "officer")
    client = officer if login == "officer" else people(login)
    for ref in ("x-1", OTHER):
        answer = await look(client, purpose, ref)
        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["ref"]
    assert site.one("SELECT count(*) FROM access_log") == 0


async def test_an_order_of_this_person_opens_the_track(officer, site):
    order = site.one("SELECT id FROM positioning_order WHERE subject_id = %s", (SUBJECT,))
    assert (await look(officer, "order_review", order)).status_code == 200


async def test_a_role_has_its_own_purposes_and_no_other(people, site):
    for role in ("officer", "supervisor", "head", "auditor", "procurator"):
        client = people(role)
        for name, purpose in PURPOSES.items():
            answer = await look(client, name)
            is_past = role in purpose.roles
            assert (answer.status_code == 403) is not is_past, (role, name, answer.text)
            if purpose.ref_kind == "case":
                assert answer.is_success is is_past, (role, name)
    looks = "SELECT DISTINCT purpose_code FROM access_log WHERE by_login = 'procurator'"
    assert site.rows(looks) == [{"purpose_code": "oversight"}]

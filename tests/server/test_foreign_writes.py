"""Every writing call of the interface, as every role of another county, at what this county has.

The calls are those that test_roles.py holds to the contract: a new one is tried here too, and one
with a place that is not stated here fails.
"""

import re
from functools import cache
from itertools import count

import pytest

from server.app import contract
from tests.server.conftest import ROLES
from tests.server.full_county import ID, digests, fill
from tests.server.test_access_of_strangers import OF_PEOPLE, OURS
from tests.server.test_roles import BODIES

# A person's own session, password and factor are no thing of another county.
OWN = re.compile(r"/api/v1/(sessions?|me)(/|$)")
WRITES = sorted(one for one in OF_PEOPLE if one[0] != "GET" and not OWN.match(one[1]))
PLACES = {"subject_id": "s-4k2m9q", "device_id": "wb-000001", "login": "officer"}
# Where a place of a path is a row's key. county-a has a row of each.
TABLES = {
    "absence_id": "duty_absence",
    "activity_id": "activity",
    "alert_id": "alert",
    "application_id": "order_application",
    "assessment_id": "assessment",
    "channel_id": "notification_channel",
    "check_id": "information_check",
    "command_id": "command",
    "data_request_id": "data_request",
    "delivery_id": "notification_delivery",
    "device_id": "device",
    "document_id": "document",
    "fact_id": "fact",
    "finding_id": "finding",
    "group_id": "alert",
    "handover_id": "duty_handover",
    "hold_id": "legal_hold",
    "impact_id": "impact_assessment",
    "incident_id": "incident",
    "investigation_id": "investigation",
    "leave_id": "leave_application",
    "login": "app_user",
    "look_id": "file_look",
    "measure_id": "measure",
    "media_id": "media",
    "missing_id": "missing_person",
    "notification_id": "notification",
    "notice_id": "score_notice",
    "mapping_id": "outflow_mapping",
    "basis_id": "outflow_basis",
    "batch_id": "outflow_message",
    "number": "incident_task",
    "objection_id": "objection",
    "order_id": "positioning_order",
    "participant_id": "participant",
    "deed_id": "participant_deed",
    "policy_id": "participant_policy",
    "permission_id": "permission_application",
    "proposal_id": "class_proposal",
    "recipient": "document_copy",
    "recovery_id": "account_recovery",
    "redemption_id": "redemption",
    "request_id": "leave_assistance",
    "review_id": "fact_review",
    "shift_id": "duty_shift",
    "subject_id": "subject",
    "task_id": "dispatch_task",
    "transfer_id": "transfer",
    "treatment_id": "score_treatment",
    "verification_id": "alert_verification",
    "version": "plan",
}
_KEYS = count(1)


@cache
def calls():
    return contract()["paths"]


def at_ours(method, template):
    """A path to things of county-a."""
    given = calls()[template][method.lower()].get("parameters", ())
    forms = {one["name"]: one["schema"].get("type") for one in given if one["in"] == "path"}

    def place(found):
        name = found[1]
        return PLACES.get(name, "1" if forms[name] == "integer" else ID)

    return re.sub(r"\{(\w+)\}", place, template)


def body_of(method, template):
    """The body that the contract shows."""
    if template in BODIES:
        return BODIES[template]
    content = calls()[template][method.lower()].get("requestBody", {}).get("content", {})
    shown = content.get("application/json", {}).get("examples", {}).get("typical")
    return shown["value"] if shown else None


def test_each_place_of_a_writing_call_is_a_row_of_a_table():
    named = {place for _, template in WRITES for place in re.findall(r"\{(\w+)\}", template)}
    assert named - TABLES.keys() == set()


@pytest.fixture
def county(site):
    # The accounts of the seed are there already.
    assert set(TABLES.values()) - {"app_user"} <= fill(site)
    site.add_org("county-b", "/")
    return site


SLOW = [pytest.param(role, marks=pytest.mark.slow) for role in ROLES if role != "supervisor"]


@pytest.mark.parametrize("role", ["supervisor", *SLOW])
async def test_no_writing_call_reaches_a_thing_of_another_county(county, people, role):
    county.add_account("other", "county-b", role)
    client = people("other")
    before = digests(county, without="county-b")
    for method, template in WRITES:
        path, body = at_ours(method, template), body_of(method, template)
        headers = {"If-Match": '"1"', "Idempotency-Key": f"foreign-{next(_KEYS):06}"}
        answer = await client.request(method, path, json=body, headers=headers)
        told = f"{role} {method} {template}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code != 500, told
        if "{" in template:
            # 409: the role has not this power, whatever it is asked for.
            is_powerless = "has not this power" in answer.text
            assert answer.status_code in {403, 404} or is_powerless, told
        asked = path + str(body)
        assert [name for name in OURS if name in answer.text and name not in asked] == [], told
    after = digests(county, without="county-b")
    assert {name for name in after if after[name] != before[name]} == set()

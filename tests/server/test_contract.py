"""What the contract promises: words in both languages, examples that are taken, problems."""

import json
import re

import httpx
import pytest
from jsonschema import Draft202012Validator

from server.app import contract
from server.contract.describing import EXAMPLES, WORDS, operations
from tests.server.conftest import BASE
from tests.server.declared import UndeclaredError, hold_to_contract

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACES = {
    "subject_id": "s-4k2m9q",
    "device_id": "wb-000001",
    "version": "1",
    "number": "1",
    "recipient": "police",
}
TAKEN = {404, 409, 412}
# Their examples name evidence, and a fresh site has none: 422 there says that it is nobody's; a
# whole policy is no example.
NAMES_OTHERS = {
    "POST /api/v1/incidents",
    "POST /api/v1/order-applications",
    "POST /api/v1/score-policies",
    "POST /api/v1/score-policies/what-if",
    "POST /api/v1/subjects/{subject_id}/measures",
}
# A password is what it is: a wrong one is 401 or 403.
SECRETS = {
    *("POST /api/v1/session", "POST /api/v1/me/password", "POST /api/v1/session/code"),
    "PUT /api/v1/session/factor",
}


@pytest.fixture
async def served(nobody):
    return (await nobody.get("/api/v1/openapi.json")).json()


def bodies(contract):
    for call, operation in operations(contract):
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media is not None and "/gateway/" not in call:
            yield call, media


def caller(path):
    if path.startswith("/api/v1/me/"):
        return "own"
    if path.startswith("/api/v1/recoveries") or path.endswith("/grant"):
        return "security"
    return "admin" if path.startswith("/api/v1/accounts") else "supervisor"


async def test_a_server_serves_what_the_command_prints(served):
    assert served == contract()


async def test_every_call_says_what_it_does_in_both_languages(served):
    assert served["openapi"].startswith("3.1")
    for call, operation in operations(served):
        assert re.match(r"[A-Z]", operation["summary"]), call
        assert CHINESE.search(operation.get("x-summary-zh", "")), f"{call}: add it to words.toml"
    assert WORDS.keys() - {call for call, _ in operations(served)} == set()


async def test_every_call_declares_its_problems(served):
    for call, operation in operations(served):
        (media,) = operation["responses"]["default"]["content"].items()
        assert media[0] == "application/problem+json", call
        assert "422" not in operation["responses"], call


async def test_every_list_is_paged(served):
    for call, operation in operations(served):
        names = {one["name"] for one in operation.get("parameters", [])}
        assert "cursor" not in names or "limit" in names, call


async def test_every_body_has_an_example_that_its_schema_accepts(served):
    for call, media in bodies(served):
        assert "examples" in media, f"{call}: add it to examples.json"
        example = media["examples"]["typical"]
        assert CHINESE.search(example["summary"]), call
        schema = media["schema"] | {"components": served["components"]}
        faults = [one.message for one in Draft202012Validator(schema).iter_errors(example["value"])]
        assert faults == [], call
    assert EXAMPLES.keys() - {call for call, _ in bodies(served)} == set()


async def test_every_example_is_taken_or_refused_for_the_state_of_things(served, people, site):
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    refused = []
    for number, (call, media) in enumerate(bodies(served)):
        if call in SECRETS | NAMES_OTHERS:
            continue
        method, path = call.split(" ")
        login = caller(path)
        place = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x-1"), path)
        value = media["examples"]["typical"]["value"]
        headers = {"Idempotency-Key": f"contract-{number}", "If-Match": '"1"'}
        answer = await people(login).request(method, place, json=value, headers=headers)
        if not answer.is_success and answer.status_code not in TAKEN:
            refused.append(f"{call}: {answer.text}")
    assert refused == []


def told(method: str, path: str, status: int, body: object, media: str = "application/json"):
    request = httpx.Request(method, f"{BASE}/api/v1{path}")
    return httpx.Response(
        status, request=request, content=json.dumps(body), headers={"Content-Type": media}
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(told("GET", "/duties/counts", 200, {"by": 3, "counts": []}), id="type"),
        pytest.param(
            told("GET", "/alerts/counts", 200, {"open": 1, "acknowledged": 0}), id="absent"
        ),
        pytest.param(
            told(
                "GET",
                "/alerts/counts",
                200,
                {"open": 1, "acknowledged": 0, "critical_open": 0, "secret": 1},
            ),
            id="undeclared",
        ),
        pytest.param(told("GET", "/alerts/counts", 202, {}), id="status"),
        pytest.param(told("GET", "/alerts/counts", 200, "x", "text/plain"), id="media"),
        pytest.param(told("GET", "/alerts/counts", 404, {"detail": "no"}), id="no problem"),
        pytest.param(told("GET", "/nothing", 200, {}), id="unknown call"),
    ],
)
async def test_an_answer_that_is_not_as_declared_is_found(answer):
    with pytest.raises(UndeclaredError):
        await hold_to_contract(answer)

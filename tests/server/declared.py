"""Holds every answer that a test gets to the contract: the status, the media type, the body."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from server.app import contract
from server.contract.describing import operations

CONTRACT = "/api/v1/openapi.json"


class UndeclaredError(AssertionError):
    """An answer is not what the contract says."""


async def hold_to_contract(response: httpx.Response) -> None:
    """Raise UndeclaredError where an answer of the interface is not as declared.

    Members that the contract does not name are a fault too, but where it names none at all.
    """
    request = response.request
    path = request.url.path
    if not path.startswith("/api/") or path == CONTRACT:
        return
    await response.aread()
    media = response.headers.get("Content-Type", "").split(";")[0]
    told = f"{request.method} {path} -> {response.status_code} {media}"
    call = call_of(request.method, path)
    declared = _responses().get(call or "", {"default": _PROBLEM})
    answer = declared.get(str(response.status_code))
    if answer is None and response.status_code >= httpx.codes.BAD_REQUEST:
        answer = declared["default"]
    if answer is None:
        raise UndeclaredError(f"{told}: {call} declares {sorted(declared)}")
    content = {name.split(";")[0]: what for name, what in answer.get("content", {}).items()}
    if not content and not response.content:
        return
    if media not in content:
        raise UndeclaredError(f"{told}: {call} declares {sorted(content)}")
    if media.endswith("json") and request.method != "HEAD":
        faults = _validator(json.dumps(content[media].get("schema", {}))).iter_errors(
            response.json()
        )
        told_faults = [f"/{'/'.join(map(str, one.path))}: {one.message[:300]}" for one in faults]
        if told_faults:
            raise UndeclaredError("\n".join([told, *told_faults[:5]]))


def call_of(method: str, path: str) -> str | None:
    """Return the operation that a request calls, as `GET /api/v1/acts/{act_id}`."""
    for pattern, call in _patterns():
        if pattern.fullmatch(f"{method} {path}"):
            return call
    return None


_PROBLEM: dict[str, Any] = {
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}


@cache
def _contract() -> dict[str, Any]:
    return contract()


@cache
def _responses() -> dict[str, dict[str, Any]]:
    return {call: operation["responses"] for call, operation in operations(_contract())}


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # Words before places, as the server's own routes stand.
    calls = sorted(_responses(), key=lambda call: [part[0] == "{" for part in call.split("/")[1:]])
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(call))), call) for call in calls]


@cache
def _components() -> dict[str, Any]:
    schemas = _contract()["components"]["schemas"]
    return {"schemas": {name: _closed(schema) for name, schema in schemas.items()}}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": _components()})

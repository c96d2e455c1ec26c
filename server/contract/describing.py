"""Completes the contract that the routes give: words, examples, problems, ETags."""

import json
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from server.contract import problems
from server.problem import PlainRefusals

_METHODS: Final = frozenset({"get", "head", "options", "post", "put", "patch", "delete"})
_DATA: Final = files("server.contract")
WORDS: Final[dict[str, str]] = tomllib.loads(_DATA.joinpath("words.toml").read_text("utf-8"))
"""What each call does, in Chinese, by method and path."""
EXAMPLES: Final[dict[str, Any]] = json.loads(_DATA.joinpath("examples.json").read_text("utf-8"))
"""An example of each body whose schema has none."""
_ETAG: Final = {
    "description": "the version; a change names it in If-Match",
    "schema": {"type": "string"},
}


class DescribedApp(FastAPI):
    """An app whose contract is complete, and whose every refusal is a problem."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers, the framework's own among them, inside of ours."""
        return PlainRefusals(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """Return the contract (OpenAPI 3.1)."""
        if self.openapi_schema is None:
            describe(super().openapi())
        return super().openapi()


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its method and path, as `GET /api/v1/acts`."""
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield f"{method.upper()} {path}", operation


def describe(contract: dict[str, Any]) -> None:
    """Complete a contract in its place."""
    schemas = contract.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in problems.SCHEMAS.items():
        schemas.setdefault(name, schema)
    for call, operation in operations(contract):
        text = operation.get("description", "").split("\n")[0]
        operation["summary"] = text.split(". ")[0].rstrip(".") or operation["summary"]
        if call in WORDS:
            operation["x-summary-zh"] = WORDS[call]
        responses = operation["responses"]
        responses.pop("422", None)
        responses["default"] = problems.RESPONSE
        _add_example(call, operation, schemas)
        _add_etag(operation)


def _add_example(call: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    media = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if media is None:
        return
    name = media["schema"].get("$ref", "").rpartition("/")[2]
    given = schemas.get(name, {}).get("examples", [])
    value = given[0] if given else EXAMPLES.get(call)
    if value is not None:
        words = f"{WORDS.get(call, '')} / {operation['summary']}"
        media["examples"] = {"typical": {"summary": words, "value": value}}


def _add_etag(operation: dict[str, Any]) -> None:
    names = {one["name"].lower() for one in operation.get("parameters", [])}
    if "if-match" not in names:
        return
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response["headers"] = {"ETag": _ETAG}

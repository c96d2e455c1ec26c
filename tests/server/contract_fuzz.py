"""Requests made from the contract, with a session of each kind, held to what it declares."""

from collections.abc import Sequence
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server.conftest import TOKEN, Site

load_all_checks()
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A stream without end; tests of the live feed read it.
_STREAMS = {("GET", "/api/v1/live")}
# Longer than the longest that a gateway may ask to wait.
_TIMEOUT_S = 40
_SETTINGS = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def calls(contract: dict[str, Any]) -> list[APIOperation]:
    """Return every call of the contract that ends by itself."""
    schema = schemathesis.openapi.from_dict(contract)
    found = [made.ok() for made in schema.get_all_operations()]
    kept = [one for one in found if (one.method.upper(), one.path) not in _STREAMS]
    assert len(kept) == len(found) - len(_STREAMS)
    return kept


def fuzz(
    operation: APIOperation,
    headers: dict[str, str],
    *,
    base: str,
    modes: Sequence[GenerationMode],
    examples: int,
) -> dict[str, str]:
    """Return what is wrong with the answers to requests of one call: a request by fault."""
    faults: dict[str, str] = {}

    def ask(case: Case) -> None:
        told = case.as_curl_command()
        try:
            answer = case.call(base_url=base, headers=headers, timeout=_TIMEOUT_S)
            case.validate_response(answer, checks=_CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                faults[f"{operation.label}: {one.title}: {one.message[:200]}"] = told[:1500]
        except requests.RequestException as error:
            faults[f"{operation.label}: {type(error).__name__}"] = told[:1500]

    for mode in modes:
        strategy = operation.as_strategy(mode)
        try:
            settings(_SETTINGS, max_examples=examples)(given(case=strategy)(ask))()
        except Unsatisfiable:
            continue
    return faults


def person(site: Site, login: str) -> dict[str, str]:
    secret, csrf = site.open_session(login)
    return {"Cookie": f"guitu_session={secret}", "X-CSRF-Token": csrf}


def gateway() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}

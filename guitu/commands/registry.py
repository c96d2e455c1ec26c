"""`guitu registry`: people, devices, orders and fences from a file into a running server."""

import json
from pathlib import Path
from typing import Any

import click
import httpx

from guitu.errors import RegistryRefusedError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TIMEOUT_S = 120.0  # a province's boundaries in one file

_SHOWN = 5  # faults in one line


@click.group
def command() -> None:
    """Load registry files (docs/wire/registry-v1.md)."""


@command.command("load")
@click.argument("file", type=_FILE)
@click.option("--server", default="http://127.0.0.1:8210", show_default=True, help="Address.")
@click.option("--login", required=True, help="An admin or supervisor.")
@click.option("--password-file", type=_FILE, required=True, help="File with the password.")
@click.option("--code", help="Code of the second factor, if the login has one.")
def load(*, file: Path, server: str, login: str, password_file: Path, code: str | None) -> None:
    """Load FILE into the server, whole or not at all; repeating it changes nothing."""
    password = password_file.read_text().strip()
    _require_json(file)
    with httpx.Client(base_url=server, timeout=_TIMEOUT_S) as client:
        try:
            session = client.post("/api/v1/session", json={"login": login, "password": password})
            headers = {"X-CSRF-Token": _answer(session)["csrf_token"]}
            if code is not None:
                _answer(client.post("/api/v1/session/code", json={"code": code}, headers=headers))
            headers["Content-Type"] = "application/json"
            taken = client.post("/api/v1/registry", content=file.read_bytes(), headers=headers)
            changed = _answer(taken)["changed"]
            client.delete("/api/v1/session", headers=headers)
        except httpx.HTTPError as error:
            raise RegistryRefusedError(f"{server} does not answer: {error}") from error
    click.echo(" ".join(f"{name}={value}" for name, value in changed.items()))


def _require_json(file: Path) -> None:
    try:
        json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RegistryRefusedError(f"{file} is not JSON: {error}") from error


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        answer: dict[str, Any] = response.json()
        return answer
    problem = _problem(response)
    faults = problem.get("errors") or []
    places = "; ".join(
        f"{fault.get('pointer')}: {fault.get('detail')}" for fault in faults[:_SHOWN]
    )
    more = f" (and {len(faults) - _SHOWN} more)" if len(faults) > _SHOWN else ""
    text = places or problem.get("detail") or response.reason_phrase
    raise RegistryRefusedError(f"the server answered {response.status_code}: {text}{more}")


def _problem(response: httpx.Response) -> dict[str, Any]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    problem: dict[str, Any] = response.json()
    return problem

"""`guitu registry`: people, devices, orders and fences from a file into a running server."""

import json
from pathlib import Path
from typing import Any, Final

import click

from guitu.errors import RegistryFileError
from guitu.server_session import sign_in_options, signed_in

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TIMEOUT_S: Final = 120.0  # a province's boundaries in one file


@click.group
def command() -> None:
    """Load registry files (docs/wire/registry-v1.md)."""


@command.command("load")
@click.argument("file", type=_FILE)
@sign_in_options("An admin or supervisor.")
def load(*, file: Path, **sign_in: Any) -> None:
    """Load FILE into the server, whole or not at all; repeating it changes nothing."""
    content = file.read_bytes()
    _require_json(file, content)
    with signed_in(**sign_in) as session:
        headers = {"Content-Type": "application/json"}
        taken = session.json(
            "POST", "/api/v1/registry", content=content, headers=headers, timeout=_TIMEOUT_S
        )
    click.echo(" ".join(f"{name}={value}" for name, value in taken["changed"].items()))


def _require_json(file: Path, content: bytes) -> None:
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RegistryFileError(f"{file} is not JSON: {error}") from error

"""`guitu fact`: checks what proves a confirmed fact, without a server."""

import json
from pathlib import Path
from typing import Any

import click

from guitu.errors import FactFileError
from server.signing.records import verify_record

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group
def command() -> None:
    """Check records of facts (docs/http-alerts.md)."""


@command.command("verify")
@click.argument("file", type=_FILE)
@click.option(
    "--key", "key_file", type=_FILE, required=True, help="File with the public key (base64)."
)
def verify(*, file: Path, key_file: Path) -> None:
    """Verify FILE, an answer of GET /api/v1/facts/{id}, and print what it proves as JSON."""
    content = verify_record(_record(file), key_file.read_text(encoding="utf-8", errors="replace"))
    fact = content["fact"]
    said = {"ok": True, **fact, "frozen_at": content["frozen_at"], "alert": content["alert"]["id"]}
    click.echo(json.dumps(said, ensure_ascii=False))


def _record(file: Path) -> dict[str, Any]:
    try:
        record = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FactFileError(f"{file} is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise FactFileError(f"{file} is no JSON object: save GET /api/v1/facts/{{id}} whole")
    return record

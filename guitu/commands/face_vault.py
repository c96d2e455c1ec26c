"""`guitu face enrol`, `list` and `forget`: the store of faces of a gateway."""

import functools
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from gateway.faces.engine import DlibEngine
from gateway.faces.enrolling import templates_of
from gateway.faces.looking import KIOSK, Look, look
from gateway.faces.picture import decode_picture
from gateway.faces.sealing import read_keys
from gateway.faces.vault import FILING_THRESHOLD, Enrolment, Vault
from guitu.sim_options import FILE

_TOKEN_BYTES: Final = 16
_US_PER_S: Final = 1_000_000

Command = Callable[..., None]


def _store(command: Command) -> Command:
    data_dir = click.option(
        "--data-dir", required=True, envvar="GUITU_GATEWAY_DATA_DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The gateway's folder.",
    )  # fmt: skip
    key_file = click.option(
        "--key-file", required=True, envvar="GUITU_GATEWAY_FACES_KEY_FILE", type=FILE,
        help="The gateway's keys of faces (guitu keys new).",
    )  # fmt: skip
    return data_dir(key_file(command))


@click.command("enrol")
@_store
@click.option("--subject", required=True, help="The person's pseudonym.")
@click.option("--org", required=True, help="The office whose kiosks may compare.")
@click.option("--basis", required=True, help="Legal basis of the enrolment.")
@click.option("--notice", required=True, help="Reference of the notice that the person was given.")
@click.argument("pictures", type=FILE, nargs=-1, required=True)
def enrol(
    *, data_dir: Path, key_file: Path, subject: str, org: str, basis: str, notice: str,
    pictures: tuple[Path, ...],
) -> None:  # fmt: skip
    """Enrol a person from PICTURES; prints the token for card or code, once, as JSON.

    Exit 1 when no picture can be used; nothing is kept of a picture.
    """
    made = templates_of([one.read_bytes() for one in pictures], _see)
    refused = [{"file": str(pictures[n]), "cause": cause} for n, cause in made.refused.items()]
    if not made.templates:
        raise click.ClickException(f"no picture can be used: {json.dumps(refused)}")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    at_us = time.time_ns() // 1_000
    enrolment = Enrolment(org, subject, DlibEngine.name, basis, notice, at_us)
    with _opened(data_dir, key_file) as vault:
        count = vault.enrol(token, enrolment, made.templates)
        people = vault.people()
    if people >= FILING_THRESHOLD:
        click.echo(
            f"{people} people's faces are kept here: from {FILING_THRESHOLD} on they are filed with"
            " the authorities",
            err=True,
        )
    said = {"subject": subject, "token": token, "templates": count, "refused": refused}
    click.echo(json.dumps(said))


@click.command("list")
@_store
def listed(*, data_dir: Path, key_file: Path) -> None:
    """Print whose faces are kept, on what basis and since when; a JSON object each."""
    names = ("subject", "org", "basis", "notice", "templates")
    with _opened(data_dir, key_file) as vault:
        for *values, at_us in vault.listed():
            said: dict[str, Any] = dict(zip(names, values, strict=True))
            at = datetime.fromtimestamp(at_us / _US_PER_S, UTC).isoformat(timespec="seconds")
            click.echo(json.dumps(said | {"enrolled_at": at}, ensure_ascii=False))


@click.command("forget")
@_store
@click.argument("subject")
def forget(*, data_dir: Path, key_file: Path, subject: str) -> None:
    """Destroy the templates and pictures of SUBJECT; the gateway does it by itself at the end."""
    with _opened(data_dir, key_file) as vault:
        click.echo(json.dumps({"subject": subject, "templates": vault.forget(subject)}))


@contextmanager
def _opened(data_dir: Path, key_file: Path) -> Iterator[Vault]:
    vault = Vault(data_dir, read_keys(key_file))
    try:
        yield vault
    finally:
        vault.close()


def _see(data: bytes) -> Look:
    return look(decode_picture(data), _engine(), KIOSK)


@functools.cache
def _engine() -> DlibEngine:
    return DlibEngine()

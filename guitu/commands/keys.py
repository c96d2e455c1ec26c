"""`guitu keys`: makes master keys, rotates keys, says how far that is."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import click

from guitu.environment import read_settings
from server.config import ServerSettings
from server.db import Database
from server.errors import SettingsError
from server.personal.starting import master_of, vault_of
from server.rotation import resealing, rewrapping, store
from server.rotation.state import key_state
from server.rotation.wrapped import WRAPPED
from server.secrecy.key_file import KeyFile, add_key, drop_keys

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SETTINGS: Final = tuple(dict.fromkeys(what.setting for what in WRAPPED))
_owner = click.option(
    "--owner-dsn-file", required=True, type=_FILE, envvar="GUITU_OWNER_DSN_FILE",
    help="File with the connection string of the role that owns the schema.",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group
def command() -> None:
    """Make and rotate the keys that seal personal data (docs/secrecy.md)."""


@command.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new(*, file: Path) -> None:
    """Put a new master key in front of FILE's, or begin the file. Running servers take it up."""
    click.echo(f"{file}: key {add_key(file)}")


@command.command("status")
@_owner
@_json
def status(*, owner_dsn_file: Path, as_json: bool) -> None:
    """Say what each key holds; no key is shown."""
    with resealing.connect(_line(owner_dsn_file)) as owner:
        state = key_state(owner)
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False))
        return
    for one in state["wrapped"]:
        held = ", ".join(f"{key}: {count}" for key, count in one["under"].items()) or "none"
        click.echo(f"{one['setting']} {one['table']}: {held}")
    for one in state["data_keys"]:
        ended = f", retired {one['retired_at']}" if one["retired_at"] else ""
        org = one["org"] or "(index)"
        click.echo(f"data key {one['id']} {org} {one['algorithm']}: {one['fields']} fields{ended}")
    for table, count in state["plain"].items():
        click.echo(f"in plain {table}: {count} rows")


@command.command("rotate")
@_owner
@click.option("--data", is_flag=True, help="New data keys too; every field is sealed anew.")
@click.option("--org", help="With --data: of one organisation only.")
@click.option("--drop", is_flag=True, help="Take master keys that wrap nothing out of their files.")
@_json
def rotate(*, owner_dsn_file: Path, data: bool, org: str | None, drop: bool, as_json: bool) -> None:
    """Wrap every secret under the newest master key; servers go on. A repeat goes on too.

    Settings: GUITU_SERVER_... variables, as of the server.
    """
    if org is not None and not data:
        raise click.UsageError("--org goes with --data")
    settings = read_settings(ServerSettings)
    files = {name: getattr(settings, name) for name in _SETTINGS}
    keys = {name: KeyFile(path, name) for name, path in files.items() if path is not None}
    with resealing.connect(_line(owner_dsn_file)) as owner:
        done = rewrapping.rewrap(owner, keys)
        said: dict[str, Any] = {"rewrapped": done.count, "faults": done.faults}
        if data:
            said |= _renewed(owner, settings, org)
        if drop:
            said["dropped"] = _dropped(owner, files)
    click.echo(
        json.dumps(said) if as_json else "\n".join(f"{name}: {n}" for name, n in said.items())
    )
    if done.faults:
        raise SettingsError(
            f"{len(done.faults)} secrets open with no key of their file, the first:"
            f" {done.faults[0]}; put the key of before back into the file, as its last line"
        )


def _renewed(owner: store.Owner, settings: ServerSettings, org: str | None) -> dict[str, int]:
    forgotten = resealing.forget_data_keys(owner)
    made = resealing.renew_data_keys(owner, master_of(settings), settings.cipher, org)
    current = {
        row["org_id"]: row["id"]
        for row in store.data_keys(owner)
        if row["retired_at"] is None and row["use"] == "fields" and org in {None, row["org_id"]}
    }
    resealed = asyncio.run(_resealed(settings, current))
    return {"data_keys_made": made, "rows_resealed": resealed, "data_keys_forgotten": forgotten}


async def _resealed(settings: ServerSettings, current: dict[str, int]) -> int:
    database = Database(
        app_dsn=settings.app_dsn(),
        ingest_dsn=settings.ingest_dsn(),
        worker_dsn=settings.worker_dsn(),
        size=2,
        timeout_s=30,
    )
    await database.open()
    try:
        return await resealing.reseal(database, vault_of(settings, database), current)
    finally:
        await database.close()


def _dropped(owner: store.Owner, files: dict[str, Path | None]) -> list[str]:
    gone = []
    for path in {path for path in files.values() if path is not None}:
        # One file may stand under several settings.
        under = [store.under(owner, what) for what in WRAPPED if files[what.setting] == path]
        used = {key for held in under for key in held}
        if "former" not in used:
            gone += drop_keys(path, used)
    return gone


def _line(path: Path) -> str:
    return path.read_text().strip()

"""`guitu restore`: a site as it was at a moment, from a base backup and the log."""

import json
from datetime import datetime
from pathlib import Path

import click

from guitu.backups.place import chosen
from guitu.backups.restoring import Until, restore
from guitu.errors import BackupError

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command
@click.option(
    "--from", "backups", required=True, help="Folder of the backups.",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--data", required=True, type=_FOLDER,
    help="Data folder to fill: it has the site's `secrets` and no database.",
)  # fmt: skip
@click.option("--backup", "name", help="Name of the base backup; else the last that fits.")
@click.option(
    "--until", metavar="TIME|backup",
    help="A moment with its zone (2026-11-22T01:02:03+08:00), or `backup`: that of the base "
    "backup. Left out: all that the log has.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    *, backups: Path, data: Path, name: str | None, until: str | None, as_json: bool
) -> None:
    """Bring a site's database and gateway folder back, on a machine where neither is."""
    moment = _moment(until)
    base = chosen(backups, name, moment if isinstance(moment, datetime) else None)
    restored = restore(data.resolve(), backups, base, until=moment)
    if as_json:
        record = {"backup": base.name, "until": until, "journal_behind": restored.log_ahead}
        click.echo(json.dumps(record))
        return
    click.echo(f"{data}: restored from {base.name}")
    if restored.log_ahead:
        click.echo(
            f"数据库比网关日志新 {restored.log_ahead} 条 / the database is {restored.log_ahead} "
            "entries ahead of the restored journal: bring back the gateway's own newer folder, or "
            "register the gateway under a new name (docs/operations.md)"
        )


def _moment(until: str | None) -> Until:
    if until is None:
        return None
    if until == "backup":
        return "backup"
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise BackupError(f"--until {until!r} is neither a time nor `backup`") from error
    if moment.tzinfo is None:
        raise BackupError(f"--until {until!r} has no zone: add +08:00 or Z")
    return moment

"""`guitu backup`: a base backup of a running site, and how many are kept."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from guitu.backups.base_backup import back_up, drop_older

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("var"),
    show_default=True, help="Data folder of the running `guitu up`.",
)  # fmt: skip
@click.option("--to", "backups", required=True, type=_FOLDER, help="Folder of the backups.")
@click.option(
    "--keep", type=click.IntRange(1, 1000), metavar="N",
    help="Remove all base backups but the newest N, and the log before them.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, data: Path, backups: Path, keep: int | None, as_json: bool) -> None:
    """Copy database and gateway of a running site. The secrets are not copied: keep them apart."""
    base = back_up(data.resolve(), backups.resolve(), clock=lambda: datetime.now(UTC))
    dropped = [] if keep is None else drop_older(backups.resolve(), keep)
    if as_json:
        facts = {name: value for name, value in base.facts.items() if name != "digests"}
        click.echo(json.dumps({"backup": base.name, **facts, "removed": dropped}))
    else:
        click.echo(f"{base.folder}: whole; {len(dropped)} older removed")

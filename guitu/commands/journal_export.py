"""`guitu journal export`: a gateway's journal as Parquet files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from gateway.errors import JournalError
from gateway.journal.export import MANIFEST, Manifest, export_journal
from guitu.commands.journal_file import DATA_OPTION, open_journal

_US_PER_S: Final = 1_000_000
_FOREVER_US: Final = 1 << 62
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@click.command("export")
@DATA_OPTION
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files: a new one, or an empty one.",
)
@click.option("--from", "begin", help="Committed at or after this time (RFC 3339 with zone).")
@click.option("--to", "end", help="Committed before this time.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
def command(*, data: Path, out: Path, begin: str | None, end: str | None, as_json: bool) -> None:
    """Write reports and outcomes as Parquet, a file of each for every UTC day of commits.

    Positions are WGS-84 in 1e-7 degrees; the names of the columns end in their units. The manifest
    with counts and SHA-256 digests is written last: a folder without one is incomplete. The files
    hold personal data: what makes them lawful, and ends them, is the same as for the journal.
    """
    begin_us = 0 if begin is None else _microseconds(begin, "--from")
    end_us = _FOREVER_US if end is None else _microseconds(end, "--to")
    if end_us <= begin_us:
        raise click.UsageError("--to must be after --from")
    journal = open_journal(data)
    try:
        _make_empty(out)
        manifest = export_journal(
            journal, out, begin_us=begin_us, end_us=end_us, progress=_Progress().show
        )
    except (JournalError, OSError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        journal.close()
    if as_json:
        click.echo(msgspec.json.encode(manifest))
    else:
        _tell(manifest, out)


class _Progress:
    """A line on stderr for every twentieth of the entries."""

    def __init__(self) -> None:
        self._told = 0

    def show(self, done: int, count: int) -> None:
        share = done * 20 // count
        if share > self._told:
            self._told = share
            click.echo(f"{done:,} of {count:,} entries ({share * 5} %)", err=True)


def _tell(manifest: Manifest, out: Path) -> None:
    for file in manifest.files:
        click.echo(f"{file.name:32} {file.rows:12,} rows {file.size_bytes:14,} bytes")
    click.echo(
        f"{manifest.reports:,} reports and {manifest.outcomes:,} outcomes of "
        f"{manifest.entries:,} entries; digests in {out / MANIFEST}"
    )


def _make_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: name a new folder with --out")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _microseconds(text: str, option: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {text!r} is not an RFC 3339 time") from error
    if moment.tzinfo is None:
        raise click.UsageError(f"{option} {text!r} has no zone: end it with Z or +08:00")
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * _US_PER_S + since.microseconds

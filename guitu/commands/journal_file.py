"""Where the commands that read a gateway's journal find it."""

from pathlib import Path
from typing import Final

import click

from gateway.journal.store import Journal

DATA_OPTION: Final = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("var/gateway"),
    show_default=True,
    help="The gateway's data folder.",
)


def open_journal(data: Path) -> Journal:
    """Open the journal in `data` for reading; the gateway may be running.

    Raises:
        click.ClickException: There is none.
    """
    path = data / "journal.db"
    if not path.exists():
        raise click.ClickException(f"{data} holds no journal.db: name the folder with --data")
    return Journal(path, writable=False)

"""`guitu journal`: look into a gateway's journal, and hold it to what it says."""

import json
from pathlib import Path

import click

from gateway.recovery import verify
from guitu.commands.journal_file import DATA_OPTION, open_journal


@click.group
def command() -> None:
    """Verify and count a gateway's journal; the gateway may be running."""


@command.command("verify")
@DATA_OPTION
@click.option("--json", "as_json", is_flag=True)
def verify_command(*, data: Path, as_json: bool) -> int:
    """Replay the journal and compare every outcome byte for byte; exit 1 on a difference."""
    journal = open_journal(data)
    found = verify(journal, data)
    journal.close()
    if as_json:
        record = {
            "first": found.first_seq,
            "entries": found.entries,
            "outcomes": found.outcomes,
            "fault": found.fault,
        }
        click.echo(json.dumps(record))
    elif found.fault is None:
        click.echo(
            f"{found.entries} entries from {found.first_seq + 1} on replayed: "
            f"every digest chains, all {found.outcomes} outcomes are the recorded ones"
        )
    else:
        click.echo(f"fault: {found.fault}")
    return 0 if found.fault is None else 1


@command.command("stats")
@DATA_OPTION
@click.option("--json", "as_json", is_flag=True)
def stats_command(*, data: Path, as_json: bool) -> None:
    """Count entries, reports and outcomes by kind."""
    journal = open_journal(data)
    counts = journal.counts()
    journal.close()
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, count in counts.items():
        click.echo(f"{name:24} {count:12,}")

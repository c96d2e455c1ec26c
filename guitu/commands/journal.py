"""`guitu journal`: look into a gateway's journal, and hold it to what it says."""

import json
from pathlib import Path
from typing import Any, Final

import click

from gateway.directory.snapshot import to_text
from gateway.recovery import destructions
from gateway.verification import verify
from guitu.commands import journal_export
from guitu.commands.journal_file import DATA_OPTION, open_journal

_US_PER_MS: Final = 1_000


@click.group
def command() -> None:
    """Verify, count and export a gateway's journal; the gateway may be running."""


command.add_command(journal_export.command)


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
            "unreplayed": found.unreplayed,
            "fault": found.fault,
        }
        click.echo(json.dumps(record))
    elif found.fault is None:
        click.echo(
            f"{found.entries} entries from {found.first_seq + 1} on replayed: "
            f"every digest chains, all {found.outcomes} outcomes are the recorded ones"
        )
        if found.unreplayed:
            click.echo(
                f"{found.unreplayed} of them were not computed again: places in them were "
                "destroyed (guitu journal destructions)"
            )
    else:
        click.echo(f"fault: {found.fault}")
    return 0 if found.fault is None else 1


@command.command("destructions")
@DATA_OPTION
@click.option("--json", "as_json", is_flag=True)
def destructions_command(*, data: Path, as_json: bool) -> None:
    """Tell what liftings that came late have destroyed, of whom, and which directory said so."""
    journal = open_journal(data)
    records: list[dict[str, Any]] = [
        {
            "entry": seq,
            "at": _moment(journal.written_at_us(seq)),
            "directory_version": said.directory_version,
            "reports": said.reports,
            "outcomes": said.outcomes,
            "refused": said.refused,
            "spans": [
                {
                    "holder_kind": span.holder_kind,
                    "holder": span.holder,
                    "from": _moment(span.begin_ms * _US_PER_MS),
                    "to": _moment(span.end_ms * _US_PER_MS),
                }
                for span in said.spans
            ],
        }
        for seq, said in destructions(journal)
    ]
    journal.close()
    if as_json:
        click.echo(json.dumps(records))
        return
    for record in records:
        click.echo(
            "entry {entry} at {at}: directory {directory_version} took {reports} places, the "
            "evidence of {outcomes} outcomes and the bytes of {refused} messages".format(**record)
        )
        for span in record["spans"]:
            click.echo("  {holder_kind} {holder} from {from} to {to}".format(**span))


@command.command("stats")
@DATA_OPTION
@click.option("--json", "as_json", is_flag=True)
def stats_command(*, data: Path, as_json: bool) -> None:
    """Tell what the journal holds, from when to when, and how large it is."""
    journal = open_journal(data)
    tally = journal.tally()
    journal.close()
    record = {
        "first": tally.first_seq,
        "last": tally.last_seq,
        "oldest_at": _moment(tally.oldest_at_us),
        "newest_at": _moment(tally.newest_at_us),
        "entries": tally.entries,
        "reports": tally.reports,
        "outcomes": tally.outcomes,
        "quarantined": tally.quarantined,
        "size_bytes": tally.size_bytes,
    }
    if as_json:
        click.echo(json.dumps(record))
        return
    for name, value in record.items():
        parts = value if isinstance(value, dict) else {"": value}
        for part, figure in parts.items():
            shown = f"{figure:,}" if isinstance(figure, int) else figure or "-"
            click.echo(f"{f'{name} {part}'.strip():28} {shown:>26}")


def _moment(at_us: int | None) -> str | None:
    return None if at_us is None else to_text(at_us // _US_PER_MS)

"""`guitu quarantine`: what the gateway refused, with its bytes and the reason."""

import json
from pathlib import Path
from typing import Any, Final

import click

from gateway.directory.snapshot import to_text
from gateway.journal.entry import Refused
from guitu.commands.journal_file import DATA_OPTION, open_journal

_US_PER_MS: Final = 1_000
_SHOWN_BYTES: Final = 60


@click.command
@DATA_OPTION
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, bytes in hex.")
def command(*, data: Path, limit: int, as_json: bool) -> None:
    """List refused messages, newest first."""
    journal = open_journal(data)
    for refused in journal.quarantined(limit):
        record = _record(refused)
        if as_json:
            click.echo(json.dumps(record, ensure_ascii=False))
        else:
            click.echo(
                f"{record['at']} {refused.reason} {refused.topic} ({refused.size} bytes): "
                f"{refused.detail}\n    {_shown(refused)}"
            )
    journal.close()


def _record(refused: Refused) -> dict[str, Any]:
    return {
        "at": to_text(refused.at_us // _US_PER_MS),
        "reason": refused.reason,
        "topic": refused.topic,
        "detail": refused.detail,
        "size": refused.size,
        "payload_hex": None if refused.payload is None else refused.payload.hex(),
    }


def _shown(refused: Refused) -> str:
    if refused.payload is None:
        return "(no bytes kept: there is no legal basis for a position in them)"
    more = "..." if len(refused.payload) > _SHOWN_BYTES else ""
    return repr(refused.payload[:_SHOWN_BYTES])[2:-1] + more

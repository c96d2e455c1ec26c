"""Times that people type."""

from datetime import datetime

import click

from gateway.directory.snapshot import to_ms


def moment_ms(option: str, text: str | None) -> int | None:
    """Return an RFC 3339 time as milliseconds since 1970 UTC; None stays None.

    Raises:
        click.UsageError: It is not one, or has no zone.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {text!r} is not an RFC 3339 time") from error
    if moment.tzinfo is None:
        raise click.UsageError(f"{option} {text!r} has no zone: end it with Z or +08:00")
    return to_ms(moment)

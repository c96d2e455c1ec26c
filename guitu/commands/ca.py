"""`guitu ca`: a site's own certificate authority, for TLS off loopback."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from guitu.ca.authority import Authority, Issued, init
from guitu.ca.certificates import Use

_DAYS: Final = {"server": 397, "broker": 397, "gateway": 90, "device": 90}
_folder = click.option(
    "--folder", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="The authority's folder; keep it off the machines that it certifies.",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of words.")


@click.group
def command() -> None:
    """Certificates for server, broker, gateways and devices, by an authority of the site's own."""


@command.command("init")
@_folder
@click.option("--name", default="Guitu site authority", show_default=True, help="Its name.")
def begin(*, folder: Path, name: str) -> None:
    """Make the authority: a key for its owner only, and the certificate that clients trust."""
    init(folder, name)
    click.echo(f"{folder / 'root.crt'}: give this file to who connects")


@command.command
@click.argument("use", type=click.Choice(["server", "broker", "gateway", "device"]))
@click.argument("name")
@_folder
@click.option("--place", "places", multiple=True, help="Host name or address it is reached by.")
@click.option(
    "--out", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder for NAME.crt and NAME.key.",
)  # fmt: skip
@click.option(
    "--days", type=click.IntRange(1, 825),
    help="How long it is valid: 397 for a server or broker, 90 for a gateway or device.",
)  # fmt: skip
@_json
def issue(
    *,
    use: Use,
    name: str,
    folder: Path,
    places: Sequence[str],
    out: Path,
    days: int | None,
    as_json: bool,
) -> None:
    """Issue a certificate; again for the same name renews it, the older one lapses by itself."""
    made = Authority(folder).issue(use, name, places, out=out, days=days or _DAYS[use])
    _tell([made], as_json=as_json)


@command.command
@click.argument("serial")
@_folder
@_json
def revoke(*, serial: str, folder: Path, as_json: bool) -> None:
    """Revoke a certificate by its serial number, and write root.crl anew."""
    _tell([Authority(folder).revoke(serial)], as_json=as_json)


@command.command
@_folder
def crl(*, folder: Path) -> None:
    """Write root.crl anew: the list of what was revoked holds for a week."""
    click.echo(str(Authority(folder).write_crl()))


@command.command("list")
@_folder
@_json
def show(*, folder: Path, as_json: bool) -> None:
    """List what was issued."""
    _tell(Authority(folder).issued(), as_json=as_json)


def _tell(rows: Sequence[Issued], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    for row in rows:
        state = f"revoked {row.revoked_at}" if row.revoked_at else f"until {row.valid_until}"
        click.echo(f"{row.serial}  {row.use:8} {row.name}  {state}")

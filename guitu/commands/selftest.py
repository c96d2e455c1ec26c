"""`guitu selftest`: a cut strap, made up, through decoding, rules and journal; and a round trip."""

import json
from pathlib import Path

import click

from guitu.checkup.drill import drill, round_trip


@click.command
@click.option("--server", metavar="URL", help="Ask this server too.")
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A gateway's bearer token, to ask as that gateway.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, server: str | None, token_file: Path | None, as_json: bool) -> int:
    """Try the gateway's parts on a made-up frame in a scratch folder. Exit 1: something failed."""
    found = drill()
    if server is not None:
        token = None if token_file is None else token_file.read_text().strip()
        found += round_trip(server, token)
    is_well = all(one.is_well for one in found)
    if as_json:
        said = {"ok": is_well, "checks": [one.described() for one in found]}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{'ok   ' if one.is_well else 'FAULT'} {one.check}: {one.detail}")
    return 0 if is_well else 1

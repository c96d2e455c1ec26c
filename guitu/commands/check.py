"""`guitu check`: whether the server or the gateway would start with these settings."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import click

from gateway.config import GatewaySettings
from guitu.checkup import gateway_side, server_side
from guitu.checkup.findings import Finding
from guitu.environment import read_settings
from guitu.errors import SettingsError
from server.config import ServerSettings


@click.command
@click.argument("program", type=click.Choice(["server", "gateway"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, program: str, as_json: bool) -> int:
    """Check settings, files, keys, database and ports; nothing is started. Exit 1: a fault."""
    found = list(
        _checked(ServerSettings, server_side.findings)
        if program == "server"
        else _checked(GatewaySettings, gateway_side.findings)
    )
    is_well = all(one.is_well for one in found)
    if as_json:
        said = {"program": program, "ok": is_well, "checks": [one.described() for one in found]}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{'ok   ' if one.is_well else 'FAULT'} {one.check}: {one.detail}")
    return 0 if is_well else 1


def _checked(
    settings: type[Any], findings: Callable[[Any], Iterator[Finding]]
) -> Iterator[Finding]:
    try:
        given = read_settings(settings)
    except SettingsError as error:
        yield Finding("settings", is_well=False, detail=str(error))
        return
    yield Finding("settings", is_well=True, detail="complete and in range")
    yield from findings(given)

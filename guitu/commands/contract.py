"""`guitu contract`: the interface's contract, for generators of clients; no server is needed."""

import json

import click

from server.app import contract


@click.command
def command() -> None:
    """Print the contract (OpenAPI 3.1) that a server of this version serves."""
    click.echo(json.dumps(contract(), ensure_ascii=False, indent=2))

"""`guitu bench NAME`: machine, versions, commit and seed first, then results beside a baseline."""

import importlib
import json
from typing import Any, Final

import click

BENCHMARKS: Final = ("intake", "e2e", "protocols", "uplink", "geofence", "quality")


@click.command
@click.argument("name", type=click.Choice(BENCHMARKS))
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, name: str, seed: int, as_json: bool) -> None:
    """Run a benchmark and print its rows."""
    about: dict[str, Any] = importlib.import_module("benchmarks.machine").machine(seed)
    if not as_json:
        for key, value in about.items():
            click.echo(f"{key:14} {value}")
        click.echo("")
    rows: list[dict[str, Any]] = importlib.import_module(f"benchmarks.{name}").run(seed)
    if as_json:
        click.echo(json.dumps({"machine": about, "rows": rows}))
        return
    for row in rows:
        click.echo(row.pop("row"))
        for key, value in row.items():
            click.echo(f"    {key:28} {value}")

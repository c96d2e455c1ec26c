"""`guitu bench NAME`: machine, versions, commit and seed first, then results beside a baseline."""

import importlib
import json
from typing import Any, Final

import click

BENCHMARKS: Final = (
    "intake",
    "e2e",
    "protocols",
    "memory",
    "uplink",
    "geofence",
    "engine",
    "quality",
    "cases",
    "alerts",
    "scoring",
    "security",
    "row_security",
    "face",
    "console",
)
_SCALED: Final = ("alerts", "scoring", "security", "face", "console")
_BESIDE_PAST: Final = ("alerts",)
_PAST_ALERTS: Final = 5_000_000


@click.command
@click.argument("name", type=click.Choice(BENCHMARKS))
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--scale", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True,
    help=f"Share of the full size; of {', '.join(_SCALED)}.",
)  # fmt: skip
@click.option(
    "--alerts", "past", type=click.IntRange(1_000, 50_000_000), default=_PAST_ALERTS,
    show_default=True, help=f"Past alerts beside the lists; of {', '.join(_BESIDE_PAST)}.",
)  # fmt: skip
@click.option(
    "--attacks", is_flag=True, help="Of face: what the simulator's attacks come to, by type."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, name: str, seed: int, scale: float, past: int, attacks: bool, as_json: bool) -> None:
    """Run a benchmark and print its rows."""
    if scale != 1 and name not in _SCALED:
        raise click.UsageError(f"{name} has one size only: --scale is of {', '.join(_SCALED)}")
    if past != _PAST_ALERTS and name not in _BESIDE_PAST:
        raise click.UsageError(f"{name} has no past alerts: --alerts is of {_BESIDE_PAST[0]}")
    if attacks and name != "face":
        raise click.UsageError(f"{name} has no attacks: --attacks is of face")
    about: dict[str, Any] = importlib.import_module("benchmarks.machine").machine(seed)
    if not as_json:
        for key, value in about.items():
            click.echo(f"{key:14} {value}")
        click.echo("")
    run = importlib.import_module(f"benchmarks.{name}{'_attacks' * attacks}").run
    sizes = [scale] * (name in _SCALED) + [past] * (name in _BESIDE_PAST)
    rows: list[dict[str, Any]] = run(seed, *sizes)
    if as_json:
        click.echo(json.dumps({"machine": about, "rows": rows}))
        return
    for row in rows:
        click.echo(row.pop("row"))
        for key, value in row.items():
            click.echo(f"    {key:28} {value}")

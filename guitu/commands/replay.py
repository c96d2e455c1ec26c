"""`guitu replay`: the engine offline over a track."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from firmware_protocols.track_file import TrackPoint, read_track
from gateway.directory.snapshot import Directory, compile_directory, to_ms
from gateway.engine.outcome import Outcome
from gateway.replay import directory_from_fences, outcome_record, replay

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.option("--fixes", type=_FILE, required=True, help="Track: CSV, GPX or Geolife PLT, WGS-84.")
@click.option("--fences", type=_FILE, help="GeoJSON FeatureCollection; `properties.use`.")
@click.option("--datum", help="Datum of the fences: WGS84, GCJ02, BD09.")
@click.option("--skip-invalid", is_flag=True, help="List invalid fences on stderr and go on.")
@click.option("--directory", "snapshot", type=_FILE, help="Directory snapshot instead of fences.")
@click.option("--rules", type=_FILE, help='JSON {"version": "...", "parameters": {...}}.')
@click.option("--diff", type=_FILE, help="Second rule set: print what only one of them finds.")
@click.option("--device", default="wb-replay", show_default=True, help="Device that played it.")
@click.option("--subject", default="s-replay", show_default=True, help="Who wore it.")
@click.option("--start", help="Shift the first fix to this time (RFC 3339 with zone).")
def command(
    *,
    fixes: Path,
    fences: Path | None,
    datum: str | None,
    skip_invalid: bool,
    snapshot: Path | None,
    rules: Path | None,
    diff: Path | None,
    device: str,
    subject: str,
    start: str | None,
) -> None:
    """Run the engine over a track and print its outcomes as JSON lines."""
    if (fences is None) == (snapshot is None):
        raise click.UsageError("give either --fences or --directory")
    if snapshot is not None and (rules is not None or diff is not None):
        raise click.UsageError("--rules and --diff go with --fences: a directory has its own rules")
    points = read_track(_text(fixes), name=fixes.name)
    start_ms = None if start is None else _start_ms(start)

    def run(rule_file: Path | None) -> list[Outcome]:
        if snapshot is not None:
            directory = compile_directory(snapshot.read_bytes())
        else:
            skipped: list[str] | None = [] if skip_invalid else None
            directory = directory_from_fences(
                _json(fences),
                device=device,
                subject=subject,
                datum=datum,
                rules=None if rule_file is None else _json(rule_file),
                skip_invalid=skipped,
            )
            for fault in skipped or ():
                click.echo(f"guitu: {fault}", err=True)
        return _outcomes(directory, points, device, start_ms)

    found = run(rules)
    if diff is None:
        for outcome in found:
            click.echo(json.dumps(outcome_record(outcome), ensure_ascii=False))
        return
    _print_differences(found, run(diff))


def _print_differences(first: list[Outcome], second: list[Outcome]) -> None:
    for name, mine, theirs in (("first", first, second), ("second", second, first)):
        known = {outcome.id for outcome in theirs}
        for outcome in mine:
            if outcome.id not in known:
                record = {"only_in": name} | outcome_record(outcome)
                click.echo(json.dumps(record, ensure_ascii=False))


def _outcomes(
    directory: Directory, points: list[TrackPoint], device: str, start_ms: int | None
) -> list[Outcome]:
    if device not in directory.devices:
        raise click.UsageError(f"device {device!r} is not in the directory; name it with --device")
    return list(replay(directory, points, device=device, start_ms=start_ms))


def _json(path: Path | None) -> dict[str, Any]:
    text = "" if path is None else _text(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise click.ClickException(f"{path} is not a JSON object")
    return value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error


def _start_ms(text: str) -> int:
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--start {text!r} is not an RFC 3339 time") from error
    if start.tzinfo is None:
        raise click.UsageError(f"--start {text!r} has no zone: end it with Z or +08:00")
    return to_ms(start)

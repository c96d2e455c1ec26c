"""`guitu replay --fixes`: the engine offline over a track."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from firmware_protocols.track_file import TrackPoint, read_track
from gateway.backtest.rule_set import RuleSet, read_rule_set, with_rules
from gateway.directory.snapshot import Directory, compile_directory
from gateway.engine.outcome import Outcome
from gateway.replay import directory_from_fences, outcome_record, replay
from guitu.moments import moment_ms


def run(
    fixes: Path,
    *,
    rules: Path | None,
    diff: Path | None,
    fences: Path | None,
    datum: str | None,
    skip_invalid: bool,
    snapshot: Path | None,
    device: str,
    subject: str,
    start: str | None,
) -> None:
    """Print the outcomes of a track, or what only one of two rule sets finds in it."""
    if (fences is None) == (snapshot is None):
        raise click.UsageError("give either --fences or --directory")
    first, second = (None if path is None else read_rule_set(path) for path in (rules, diff))
    points = read_track(_text(fixes), name=fixes.name)
    start_ms = moment_ms("--start", start)

    def outcomes(rule_set: RuleSet | None) -> list[Outcome]:
        if snapshot is not None:
            directory = compile_directory(with_rules(snapshot.read_bytes(), rule_set))
        else:
            skipped: list[str] | None = [] if skip_invalid else None
            directory = directory_from_fences(
                _json(fences),
                device=device,
                subject=subject,
                datum=datum,
                rules=_members(rule_set),
                skip_invalid=skipped,
            )
            for fault in skipped or ():
                click.echo(f"guitu: {fault}", err=True)
        return _outcomes(directory, points, device, start_ms)

    found = outcomes(first)
    if second is None:
        for outcome in found:
            click.echo(json.dumps(outcome_record(outcome), ensure_ascii=False))
        return
    _print_differences(found, outcomes(second))


def _members(rule_set: RuleSet | None) -> Mapping[str, Any] | None:
    if rule_set is None:
        return None
    members: Mapping[str, Any] = msgspec.json.decode(rule_set.body)
    return members


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

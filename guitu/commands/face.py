"""`guitu face`: compare pictures, measure the engine on pairs, enrol people."""

import functools
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import click

from gateway.errors import PictureError
from gateway.faces.comparing import verdict_of
from gateway.faces.engine import DlibEngine
from gateway.faces.looking import ANY_FACE, Look, look
from gateway.faces.pairs import (
    Acquired,
    Evaluation,
    acquire,
    distance_between,
    evaluate_pairs,
    pictures_of,
    read_pairs,
)
from gateway.faces.picture import decode_picture
from gateway.faces.roc import Point, Rate
from guitu.commands.face_calibrate import calibrate
from guitu.commands.face_vault import enrol, forget, listed
from guitu.sim_options import FILE

_ROUND: Final = 6
_REMEMBERED: Final = 8
"""Files per worker and turn: each is 100 ms and more of work."""


@click.group("face")
def command() -> None:
    """Compare faces, measure how often that is wrong, enrol people (docs/faces.md)."""


for one in (calibrate, enrol, listed, forget):
    command.add_command(one)


@command.command("compare")
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
def compare(a: Path, b: Path) -> None:
    """Compare the faces of pictures A and B; prints one JSON object.

    Exit 0: compared. 3: one of them has no face that can be compared, and the answer is
    inconclusive. 1: one of them is no picture.
    """
    try:
        one, other = see(a.read_bytes()), see(b.read_bytes())
    except PictureError as error:
        raise click.ClickException(str(error)) from error
    said: dict[str, Any] = {"distance": None, "verdict": "inconclusive"}
    causes = [one.cause, other.cause]
    if causes == [None, None]:
        distance = distance_between(one, other)
        said = {"distance": round(distance, _ROUND), "verdict": verdict_of(distance)}
    said["faces"] = [one.faces, other.faces]
    if any(causes):
        said["causes"] = causes
    click.echo(json.dumps(said))
    if any(causes):
        click.get_current_context().exit(3)


@command.command("eval")
@click.argument("pairs", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True,
    help="Processes that look at pictures.",
)  # fmt: skip
def evaluate(pairs: Path, *, as_json: bool, workers: int) -> None:
    """Compare the PAIRS of a CSV (a,b,same) and print FMR, FNMR and failures to acquire."""
    found = list(read_pairs(pairs))
    files = pictures_of(found, pairs)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        made = pool.map(_acquired, files, chunksize=_REMEMBERED)
        with click.progressbar(
            zip(files, made, strict=True), length=len(files), label="pictures", file=sys.stderr
        ) as bar:
            looks: dict[Path, Acquired] = dict(bar)
    result = evaluate_pairs(found, looks.__getitem__)
    if as_json:
        click.echo(json.dumps(as_data(result)))
    else:
        _print(result)


def see(data: bytes) -> Look:
    """Return what a picture shows, whatever its quality.

    Raises:
        PictureError: It is none.
    """
    return look(decode_picture(data), _engine(), ANY_FACE)


@functools.cache
def _engine() -> DlibEngine:
    return DlibEngine()


def _acquired(path: Path) -> Acquired:
    return acquire(path, see)


def as_data(result: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON's types."""
    match, no_match = result.shipped
    return {
        "pairs": result.pairs,
        "compared": {"same": len(result.same), "different": len(result.different)},
        "failure_to_acquire": _rate(result.failure_to_acquire),
        "causes": dict(sorted(result.failures.items())),
        "inconclusive": _rate(result.inconclusive),
        "accuracy": result.accuracy,
        "shipped": {"match": _point(match), "no_match": _point(no_match)},
        "curve": [_point(point) for point in result.curve],
    }


def _rate(one: Rate) -> dict[str, Any]:
    share = None if one.share is None else round(one.share, _ROUND)
    bounds = [round(one.low, _ROUND), round(one.high, _ROUND)]
    return {"wrong": one.wrong, "of": one.trials, "share": share, "bounds_95": bounds}


def _point(one: Point) -> dict[str, Any]:
    return {"threshold": one.threshold, "fmr": _rate(one.fmr), "fnmr": _rate(one.fnmr)}


def _print(result: Evaluation) -> None:
    match, no_match = result.shipped
    named = ", ".join(f"{cause} {count}" for cause, count in sorted(result.failures.items()))
    lines = [
        f"pairs                {result.pairs}",
        f"compared             {len(result.same)} same, {len(result.different)} different",
        f"failure to acquire   {_text(result.failure_to_acquire)}  {named}",
        f"inconclusive         {_text(result.inconclusive)}",
        f"accuracy at {no_match.threshold:.2f}     "
        + ("-" if result.accuracy is None else f"{result.accuracy:.4%}"),
        "",
        "threshold  FMR                           FNMR",
        *(f"{_line(point)}  <- shipped" for point in (match, no_match)),
        *(_line(point) for point in result.curve),
    ]
    click.echo("\n".join(lines))


def _line(point: Point) -> str:
    return f"{point.threshold:9.2f}  {_text(point.fmr):28}  {_text(point.fnmr)}"


def _text(one: Rate) -> str:
    if one.share is None:
        return "- (no pair)"
    return f"{one.share:8.4%} [{one.low:.4%}, {one.high:.4%}]"

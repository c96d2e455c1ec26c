"""`guitu face calibrate`: thresholds and gates of one camera, from its own pictures."""

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np

from gateway.faces.calibrating import Calibration, curve_plot
from gateway.faces.calibrating import calibrate as calibrated
from gateway.faces.engine import DlibEngine
from gateway.faces.looking import ANY_FACE, Look, look
from gateway.faces.pairs import Acquired, acquire
from gateway.faces.picture import decode_picture
from gateway.faces.roc import Rate, points

_OUT = click.Path(dir_okay=False, path_type=Path)
_Share = click.FloatRange(0, 0.5)


@click.command("calibrate")
@click.argument("people", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=_OUT, help="The camera's file, KIOSK.json.")
@click.option("--plot", type=_OUT, help="The curve, as SVG.")
@click.option("--fmr", type=_Share, default=0.001, show_default=True, help="False matches borne.")
@click.option("--fnmr", type=_Share, default=0.01, show_default=True, help="Likewise non-matches.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True,
    help="Processes that look at pictures.",
)  # fmt: skip
def calibrate(
    *, people: Path, out: Path, plot: Path | None, fmr: float, fnmr: float, workers: int
) -> None:
    """Make a camera's file from pictures that it took: a folder for each person in PEOPLE."""
    files = [
        (who.name, file)
        for who in sorted(people.iterdir())
        if who.is_dir()
        for file in sorted(who.iterdir())
        if file.is_file()
    ]
    looks: dict[str, list[Acquired]] = {}
    with ProcessPoolExecutor(max_workers=workers) as pool:
        made = pool.map(_acquired, [file for _, file in files], chunksize=4)
        for (who, _), one in zip(files, made, strict=True):
            looks.setdefault(who, []).append(one)
    found = calibrated(looks, most_fmr=fmr, most_fnmr=fnmr)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(found.camera), indent=2) + b"\n")
    if plot is not None:
        plot.write_text(_document(found), encoding="utf-8")
    click.echo(json.dumps(_said(found)))


def _acquired(path: Path) -> Acquired:
    return acquire(path, _see)


def _see(data: bytes) -> Look:
    return look(decode_picture(data), DlibEngine(), ANY_FACE)


def _document(found: Calibration) -> str:
    return curve_plot(found).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _said(found: Calibration) -> dict[str, Any]:
    thresholds = found.camera.thresholds
    at = np.array([thresholds.match, thresholds.no_match])
    match, no_match = points(found.same, found.different, at)
    return {
        "match": thresholds.match,
        "no_match": thresholds.no_match,
        "pairs": found.camera.measured["pairs"],
        "fmr_at_match": _rate(match.fmr),
        "fnmr_at_no_match": _rate(no_match.fnmr),
        "refused": dict(sorted(found.refused.items())),
    }


def _rate(one: Rate) -> dict[str, Any]:
    return {"share": one.share, "bounds_95": [round(one.low, 6), round(one.high, 6)]}

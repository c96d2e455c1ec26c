"""`guitu fence`: check files of fences, evaluate fixes against them."""

import csv
import json
import sys
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from geofence.datum import DATUMS, Datum, to_wgs84
from geofence.errors import FenceError
from geofence.far import far_distances_mm
from geofence.feature_file import FenceFeature, features_of, file_datum
from geofence.fence import Fence
from geofence.index import FenceIndex, build_index
from geofence.probability import (
    PPM,
    SATELLITE,
    AccuracyFloors,
    effective_accuracy_mm,
    outside_ppm,
)
from guitu.fix_file import FixBlock, read_fixes

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_DATUM: Final = click.Choice(DATUMS)
_NONE_CLAIMED: Final = -1


@click.group
def command() -> None:
    """Fences: check a file, evaluate fixes against one."""


@command.command
@click.argument("file", type=_FILE)
@click.option("--datum", type=_DATUM, help="Where the file's `datum` member does not say.")
def check(*, file: Path, datum: str | None) -> None:
    """Print one JSON object per fence of a GeoJSON FILE: valid or not, and where the fault is."""
    for feature in _features(file, datum)[0]:
        click.echo(json.dumps(_finding(feature), ensure_ascii=False))


@command.command("eval")
@click.option("--fences", type=_FILE, required=True, help="GeoJSON; `properties.radius_m`.")
@click.option("--fixes", type=_FILE, required=True, help="CSV: fix,longitude_deg,latitude_deg.")
@click.option("--datum", type=_DATUM, help="Of fences and fixes; default: the file's, or WGS84.")
@click.option("--skip-invalid", is_flag=True, help="List invalid fences on stderr and go on.")
def evaluate(*, fences: Path, fixes: Path, datum: str | None, skip_invalid: bool) -> None:
    """Print every fix against every fence as CSV: fix,fence,covers,distance_m,p_inside.

    distance_m is signed, negative inside; a fix on the border is covered. p_inside is the
    probability that the fix is truly inside, from `accuracy_m` (without one: the default radius).
    """
    features, in_datum = _features(fences, datum)
    names, shapes = _usable(features, fences, skip_invalid=skip_invalid)
    index = build_index([shape.outline for shape in shapes])
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["fix", "fence", "covers", "distance_m", "p_inside"])
    for block in read_fixes(fixes):
        distance_mm, inside_ppm = _evaluate(index, block, in_datum)
        out.writerows(
            [
                block.fix[pair // len(names)],
                names[pair % len(names)],
                int(distance <= 0),
                f"{distance / 1_000:.3f}",
                f"{inside / PPM:.6f}",
            ]
            for pair, (distance, inside) in enumerate(
                zip(distance_mm.tolist(), inside_ppm.tolist(), strict=True)
            )
        )


def _evaluate(index: FenceIndex, block: FixBlock, datum: Datum) -> tuple[Any, Any]:
    """Return signed millimetres and P(inside) in ppm of every fix against every fence."""
    lon, lat = to_wgs84(block.lon_deg, block.lat_deg, datum)
    fix = np.repeat(np.arange(len(lon)), len(index))
    zone = np.tile(np.arange(len(index)), len(lon))
    distance_mm = index.distances_mm(lon, lat, fix, zone)
    cut = np.flatnonzero(np.abs(distance_mm) >= index.reach_mm)
    distance_mm[cut] = far_distances_mm(index, lon[fix[cut]], lat[fix[cut]], zone[cut])
    claimed = np.where(np.isnan(block.accuracy_m), _NONE_CLAIMED, block.accuracy_m * 1_000)
    accuracy_mm = effective_accuracy_mm(
        claimed.astype(np.int64),
        np.full(len(lon), SATELLITE),
        np.zeros(len(lon), np.bool_),
        AccuracyFloors(),
    )
    return distance_mm, PPM - outside_ppm(distance_mm, accuracy_mm[fix])


def _features(path: Path, given: str | None) -> tuple[list[FenceFeature], Datum]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise FenceError(f"{path}: not a GeoJSON object")
    datum = file_datum(document, given)
    if datum is None:
        datum = "WGS84"
        click.echo(f"guitu: {path} names no datum: WGS84 (RFC 7946 section 4)", err=True)
    return features_of(document, datum), datum


def _usable(
    features: list[FenceFeature], path: Path, *, skip_invalid: bool
) -> tuple[list[str], list[Fence]]:
    names, shapes = [], []
    for feature in features:
        if isinstance(feature.fence, Fence):
            names.append(feature.fence_id)
            shapes.append(feature.fence)
            continue
        text = f"{path}: fence {feature.fence_id}: {feature.fence}"
        if not skip_invalid:
            raise click.ClickException(f"{text}; --skip-invalid goes on without it")
        click.echo(f"guitu: skipped {text}", err=True)
    if not names:
        raise click.ClickException(f"{path}: no usable fence")
    return names, shapes


def _finding(feature: FenceFeature) -> dict[str, Any]:
    found: dict[str, Any] = {"fence": feature.fence_id}
    if isinstance(feature.fence, Fence):
        return found | {"valid": True, "repaired": feature.fence.repaired}
    fault = feature.fence
    where = {"ring": fault.ring, "vertex": fault.vertex}
    named = {name: value for name, value in where.items() if value is not None}
    return found | {"valid": False, "reason": fault.reason} | named | {"repaired": False}

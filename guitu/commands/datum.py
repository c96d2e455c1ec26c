"""`guitu datum convert`: positions from one datum to another."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Final, TextIO, cast

import click
import numpy as np

from geofence.datum import DATUMS, Datum, from_wgs84, to_wgs84

_LINES_PER_BLOCK: Final = 8_192
_DATUM: Final = click.Choice(DATUMS)


@click.group
def command() -> None:
    """Datums: WGS84, GCJ02, BD09."""


@command.command
@click.option("--from", "source", type=_DATUM, required=True, help="Datum of the input.")
@click.option("--to", "target", type=_DATUM, required=True, help="Datum of the output.")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def convert(*, source: str, target: str, file: TextIO) -> None:
    """Convert lines `lon,lat` of FILE (`-`: stdin) to lines of the same form, 9 decimals."""
    lines = _positions(file)
    while block := list(islice(lines, _LINES_PER_BLOCK)):
        lon, lat = np.array(block).T
        if source != target:
            lon, lat = to_wgs84(lon, lat, cast("Datum", source))
            lon, lat = from_wgs84(lon, lat, cast("Datum", target))
        sys.stdout.writelines(
            f"{x:.9f},{y:.9f}\n" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
        )


def _positions(file: TextIO) -> Iterator[tuple[float, float]]:
    try:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _position(f"{file.name}:{number}", line)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file.name} cannot be read as text: {error}") from error


def _position(where: str, line: str) -> tuple[float, float]:
    try:
        lon, lat = map(float, line.split(","))
    except ValueError:
        lon = lat = float("nan")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004  # degrees
        raise click.ClickException(
            f"{where}: {line.strip()[:80]!r} is not `longitude,latitude` within ±180, ±90 degrees"
        )
    return lon, lat

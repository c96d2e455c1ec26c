"""Files of fixes: CSV with a header, read in blocks."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import click
import numpy as np

from geofence.arrays import FloatArray

_NEEDED: Final = ("fix", "longitude_deg", "latitude_deg")
_ROWS_PER_BLOCK: Final = 8_192
_MOST_ACCURACY_M: Final = 1_000_000.0


@dataclass(frozen=True, slots=True)
class FixBlock:
    """Some fixes of a file, in order; shape (n,) each.

    Attributes:
        fix: Ids as in the file.
        lon_deg: Longitudes, degrees.
        lat_deg: Latitudes.
        accuracy_m: Radii of the 68 % error circles; NaN where the file does not say.
    """

    fix: list[str]
    lon_deg: FloatArray
    lat_deg: FloatArray
    accuracy_m: FloatArray


def read_fixes(path: Path) -> Iterator[FixBlock]:
    """Yield the fixes of a CSV file with columns fix, longitude_deg, latitude_deg[, accuracy_m].

    Raises:
        ClickException: The file is not one; says in which line and what is allowed.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise click.ClickException(
                    f"{path}:1: no column {', '.join(missing)}; the header is "
                    "fix,longitude_deg,latitude_deg[,accuracy_m]"
                )
            while rows := list(islice(_rows(path, reader), _ROWS_PER_BLOCK)):
                fix, lon, lat, accuracy = zip(*rows, strict=True)
                yield FixBlock(list(fix), np.array(lon), np.array(lat), np.array(accuracy))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{path} cannot be read as CSV: {error}") from error


def _rows(path: Path, reader: "csv.DictReader[str]") -> Iterator[tuple[str, float, float, float]]:
    for row in reader:
        where = f"{path}:{reader.line_num}"
        yield (
            row["fix"] or "",
            _number(where, "longitude_deg", row["longitude_deg"], 180),
            _number(where, "latitude_deg", row["latitude_deg"], 90),
            _accuracy(where, row.get("accuracy_m")),
        )


def _number(where: str, name: str, text: str | None, most: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise click.ClickException(f"{where}: {name} {text!r} is not a number within ±{most}")
    return value


def _accuracy(where: str, text: str | None) -> float:
    if text is None or not text.strip():
        return float("nan")
    value = _number(where, "accuracy_m", text, _MOST_ACCURACY_M)
    if value < 0:
        raise click.ClickException(f"{where}: accuracy_m {text!r} is below 0")
    return value

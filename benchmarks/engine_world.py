"""A population for the engine: who wears what under which fences, and what arrives of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, DTYPES, Party, ReportColumns
from gateway.directory.compiled import Directory
from gateway.directory.snapshot import compile_directory

START_MS: Final = 1_795_312_800_000
EVERY_MS: Final = 60_000
_COUNTY_SUBJECTS: Final = 550
_COUNTY_VERTICES: Final = 176
_COUNTY_DEG: Final = 0.35
_HOME_M: Final = 300.0
_DEGREE_M: Final = 111_320.0
_E7: Final = 1e7
_ALWAYS: Final[dict[str, Any]] = {"valid_from": "2026-01-01T00:00:00Z", "valid_to": None}


Batch = tuple[ReportColumns, list[Party], int]
"""Reports, their parties, and journal time, milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Everybody of a benchmark.

    Attributes:
        directory: The directory that they are judged by.
        parties: The party of each.
        lon_e7: Longitude of each home, 1e-7 degrees, shape (s,).
        lat_e7: Latitude.
    """

    directory: Directory
    parties: list[Party]
    lon_e7: NDArray[np.int64]
    lat_e7: NDArray[np.int64]

    def batches(self, seed: int, size: int) -> Iterator[Batch]:
        """Yield batches of live reports without end: columns, their parties, journal time, ms.

        Everybody reports once a minute, at a second of the own; within 150 m of home but for one
        report in a hundred, which is 2 km away.
        """
        random = np.random.default_rng(seed)
        subjects = len(self.parties)
        phase_ms = np.sort(random.integers(0, EVERY_MS, subjects))
        whose = random.permutation(subjects)
        at = 0
        while True:
            place = (at + np.arange(size)) % subjects
            lap = (at + np.arange(size)) // subjects
            time_ms = START_MS + lap * EVERY_MS + phase_ms[place]
            numbers, party = np.unique(whose[place], return_inverse=True)
            columns = self._columns(random, whose[place], lap, time_ms)
            columns["party"] = party.astype(np.int32)
            at += size
            parties = [self.parties[number] for number in numbers.tolist()]
            yield ReportColumns(**columns), parties, int(time_ms[-1]) + 100

    def _columns(
        self,
        random: np.random.Generator,
        subject: NDArray[np.int64],
        lap: NDArray[np.int64],
        time_ms: NDArray[np.int64],
    ) -> dict[str, Any]:
        size = len(subject)
        away_m = np.where(random.random(size) < 0.01, 2_000.0, 150.0 * random.random(size))
        turn = 2 * np.pi * random.random(size)
        values = {
            "fix_time_ms": time_ms,
            "received_at_us": (time_ms + 80) * 1_000,
            "boot": np.ones(size),
            "seq": lap,
            "lon_e7": self.lon_e7[subject] + away_m * np.cos(turn) / _DEGREE_M * _E7,
            "lat_e7": self.lat_e7[subject] + away_m * np.sin(turn) / _DEGREE_M * _E7,
            "source_datum": np.zeros(size),
            "accuracy_mm": random.integers(4_000, 15_000, size),
            "altitude_mm": np.full(size, ABSENT),
            "speed_mmps": random.integers(0, 1_500, size),
            "heading_cdeg": np.full(size, ABSENT),
            "satellites": random.integers(7, 16, size),
            "battery_pct": 90 - lap % 60,
            "alarms": np.zeros(size),
            "backlog": np.zeros(size),
            "skin_contact": np.ones(size),
            "heart_rate_bpm": random.integers(58, 96, size),
            "skin_temperature_cc": random.integers(3_200, 3_400, size),
            "steps": lap * 20,
        }
        return {name: values[name].astype(DTYPES[name]) for name in values}


def make_population(seed: int, subjects: int) -> Population:
    """Return people in counties of 550, each with an area, a home for the night, and a school."""
    random = np.random.default_rng(seed)
    counties = -(-subjects // _COUNTY_SUBJECTS)
    side = int(np.ceil(np.sqrt(counties)))
    county = np.arange(subjects) // _COUNTY_SUBJECTS
    centre_lon = 100.0 + 0.4 * (np.arange(counties) % side)
    centre_lat = 22.0 + 0.4 * (np.arange(counties) // side) * min(1.0, 60 / side)
    lon = centre_lon[county] + random.uniform(-0.12, 0.12, subjects)
    lat = centre_lat[county] + random.uniform(-0.12, 0.12, subjects)
    people = [f"s-{n}" for n in range(subjects)]
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": "bench",
        "orgs": ["bench"],
        "devices": [
            {"device": f"wb-{n}", "org": "bench", "kind": "wristband", "expected_interval_s": 60}
            for n in range(subjects)
        ],
        "bindings": [
            {"device": f"wb-{n}", "holder_kind": "subject", "holder": people[n]} | _ALWAYS
            for n in range(subjects)
        ],
        "orders": [
            {
                "order": f"o-{n}",
                "subject": people[n],
                "valid_from": "2026-01-01T00:00:00Z",
                "valid_to": "2027-12-31T00:00:00Z",
            }
            for n in range(subjects)
        ],
        "schedules": [
            {
                "schedule": "night",
                "zone": "Asia/Shanghai",
                "windows": [{"start": "22:00", "end": "06:00", "days": [1, 2, 3, 4, 5, 6, 7, 0]}],
            }
        ],
        "fences": [
            *(_county(random, n, (centre_lon[n], centre_lat[n]), people) for n in range(counties)),
            *(_home(n, lon[n], lat[n]) for n in range(subjects)),
            *(_school(n, lon[n], lat[n]) for n in range(0, subjects, 2)),
        ],
        "rules": {"version": "bench", "parameters": {}},
    }
    encoded = json.dumps(body).encode()
    # The country is more than a gateway takes: it is here to see how the cost grows.
    directory = compile_directory(encoded, bytes_max=len(encoded))
    parties = [Party("bench", f"wb-{n}", "subject", people[n]) for n in range(subjects)]
    lon_e7, lat_e7 = np.rint(lon * _E7).astype(np.int64), np.rint(lat * _E7).astype(np.int64)
    return Population(directory, parties, lon_e7, lat_e7)


def _county(
    random: np.random.Generator, number: int, centre: tuple[float, float], people: list[str]
) -> dict[str, Any]:
    turn = np.linspace(0, 2 * np.pi, _COUNTY_VERTICES, endpoint=False)
    away = _COUNTY_DEG * random.uniform(0.55, 0.6, _COUNTY_VERTICES)
    ring = np.column_stack([centre[0] + away * np.cos(turn), centre[1] + away * np.sin(turn)])
    points = [*ring.tolist(), ring[0].tolist()]
    first = number * _COUNTY_SUBJECTS
    return _fence(f"f-county-{number}", "inclusion", people[first : first + _COUNTY_SUBJECTS]) | {
        "geometry": {"type": "Polygon", "coordinates": [points]}
    }


def _home(number: int, lon_deg: float, lat_deg: float) -> dict[str, Any]:
    return _fence(f"f-home-{number}", "curfew", [f"s-{number}"]) | {
        "geometry": {"type": "Point", "coordinates": [lon_deg, lat_deg]},
        "radius_m": _HOME_M,
        "schedule": "night",
    }


def _school(number: int, lon_deg: float, lat_deg: float) -> dict[str, Any]:
    return _fence(f"f-no-{number}", "exclusion", [f"s-{number}"]) | {
        "geometry": {"type": "Point", "coordinates": [lon_deg + 0.015, lat_deg]},
        "radius_m": 200.0,
    }


def _fence(name: str, use: str, people: list[str]) -> dict[str, Any]:
    return {"fence": name, "version": 1, "use": use, "datum": "WGS84", "subjects": people} | _ALWAYS

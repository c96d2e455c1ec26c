"""A district for the tests of place rules: circles on a line east of a home."""

import json
from itertools import pairwise

import numpy as np

from gateway.directory.moment import to_text
from gateway.directory.snapshot import compile_directory
from gateway.engine.placing.doubt import CARRY as DOUBTS
from gateway.engine.placing.placement import Placement
from gateway.engine.rules.leave_overdue import LEAVE_OVERDUE
from geofence.kernel import signed_distances
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, row, stretch
from tests.unit.gateway.rules.building import fresh_memory as fresh_of

HOME = (119.9, 28.4)
M_PER_DEGREE = 97_970.0
"""Of longitude, at 28.4 degrees north, within a metre."""

NIGHT = {
    "schedule": "night",
    "zone": "Asia/Shanghai",
    "windows": [{"start": "22:00", "end": "06:00"}],
}
MIDNIGHT_MS = START_MS - 10 * HOUR_MS
"""Of the day of START_MS, in Beijing."""


def east(metres):
    """Longitude and latitude of a place some metres east of home."""
    return [HOME[0] + metres / M_PER_DEGREE, HOME[1]]


def fence(name, use, metres_east=0.0, *, radius_m=300.0, subjects=("s-0",), **more):
    return {
        "fence": name,
        "version": 1,
        "use": use,
        "datum": "WGS84",
        "geometry": {"type": "Point", "coordinates": east(metres_east)},
        "radius_m": radius_m,
        "subjects": list(subjects),
        "valid_from": to_text(START_MS - 100 * DAY_MS),
        "valid_to": None,
    } | more


def leave(name, begin_ms, end_ms, *, kind="leave", to=None, subject="s-0"):
    return {
        "leave": name,
        "subject": subject,
        "kind": kind,
        "valid_from": to_text(begin_ms),
        "valid_to": to_text(end_ms),
        "fence": to,
    }


def site(site_id, metres_east, *, radius_m=50.0, official=False, **more):
    longitude_deg, latitude_deg = east(metres_east)
    return {
        "site": site_id,
        "kind": "school",
        "name": None,
        "datum": "WGS84",
        "longitude_deg": longitude_deg,
        "latitude_deg": latitude_deg,
        "radius_m": radius_m,
        "official": official,
    } | more


def directory(*fences, leaves=(), sites=(), schedules=(NIGHT,), parameters=None, **more):
    subjects = {subject for one in fences for subject in one["subjects"]} | {"s-0"}
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": "county",
        "orgs": ["county"],
        "devices": [],
        "bindings": [],
        "orders": [
            {
                "order": f"o-{subject}",
                "subject": subject,
                "valid_from": to_text(START_MS - 100 * DAY_MS),
                "valid_to": to_text(START_MS + 100 * DAY_MS),
            }
            for subject in sorted(subjects)
        ],
        "fences": list(fences),
        "schedules": list(schedules),
        "leaves": list(leaves),
        "sites": list(sites),
        "rules": {"version": "test", "parameters": parameters or {}},
    }
    return compile_directory(json.dumps(body | more).encode())


def placement(*fences, **more):
    return Placement(directory(*fences, **more), signed_distances)


def at(time_ms, metres_east=0.0, *, accuracy_m=8.0):
    """A report of where somebody is."""
    longitude_deg, latitude_deg = east(metres_east)
    return row(
        time_ms,
        lon_e7=round(longitude_deg * 10**7),
        lat_e7=round(latitude_deg * 10**7),
        accuracy_mm=round(accuracy_m * 1_000),
    )


def minutes(begin_ms, *metres_east):
    """One report a minute."""
    return [at(begin_ms + k * MINUTE_MS, metres) for k, metres in enumerate(metres_east)]


def said_in_cuts(placed, rows_by_wearer, cuts=(), *, subjects=("s-0",), parameters=None):
    """Return what a placement says, {question: [(wearer, row, decision, mm, ppm)]}, and its memory.

    Rows are judged in stretches that end before the given row numbers of each wearer.
    """
    memory = fresh_of(LEAVE_OVERDUE, len(rows_by_wearer))
    doubted = {name: np.full(len(rows_by_wearer), c.fresh, c.dtype) for name, c in DOUBTS.items()}
    found = {}
    edges = [0, *cuts, max(map(len, rows_by_wearer))]
    for begin, end in pairwise(edges):
        there = [w for w, rows in enumerate(rows_by_wearer) if rows[begin:end]]
        if not there:
            continue
        piece = stretch(
            [rows_by_wearer[w][begin:end] for w in there], wearers=there, parameters=parameters
        )
        kept = {name: values[there] for name, values in memory.items()}
        doubts = {name: values[there] for name, values in doubted.items()}
        person = np.array([placed.person(subjects[w]) for w in there])
        pairs = placed.pairs(piece, person, kept, doubts)
        for name, values in kept.items():
            memory[name][there] = values
        for name, values in doubts.items():
            doubted[name][there] = values
        first = np.cumsum([0, *(len(rows_by_wearer[w][begin:end]) for w in there)])
        for r, q, *told in zip(
            *(getattr(pairs, name).tolist() for name in pairs.__slots__), strict=True
        ):
            group = int(piece.group[r])
            line = (there[group], begin + r - int(first[group]), *told)
            found.setdefault(tuple(placed.questions[q]), []).append(line)
    return found, memory


def decisions(placed, rows, rule, *, target=None, **options):
    """Return the decisions about one question of the first wearer, by row; None: no pair."""
    found, _ = said_in_cuts(placed, [rows], **options)
    out = [None] * len(rows)
    for (name, _, where), lines in found.items():
        if name == rule and target in (None, where):
            for _, number, decision, _, _ in lines:
                assert out[number] is None
                out[number] = decision
    return out

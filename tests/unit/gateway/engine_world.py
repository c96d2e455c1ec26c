"""A small county for engine tests: one circle, one square, a few people."""

import json
from datetime import UTC, datetime

from firmware_protocols.message import Report
from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine

T0_MS = 1_795_312_923_000
HOME = (119.9, 28.4)
SCHOOL = (119.92, 28.4)
METRES_PER_DEGREE_LON = 97_970.0
"""At 28.4 degrees north, within a metre."""


def text(time_ms):
    return datetime.fromtimestamp(time_ms / 1_000, UTC).isoformat().replace("+00:00", "Z")


def circle(name, use, centre, *, radius_m, people, start):
    return {
        "fence": name,
        "version": 1,
        "use": use,
        "datum": "WGS84",
        "geometry": {"type": "Point", "coordinates": list(centre)},
        "radius_m": radius_m,
        "subjects": people,
        "valid_from": start,
        "valid_to": None,
    }


def worn_by(number, person, start):
    device = f"wb-{number}"
    return (
        {"device": device, "org": "county", "kind": "wristband", "expected_interval_s": 10},
        {
            "device": device,
            "holder_kind": "subject",
            "holder": person,
            "valid_from": start,
            "valid_to": None,
        },
    )


def directory_json(
    *,
    subjects=1,
    order_from_ms=T0_MS - 10**9,
    order_to_ms=T0_MS + 10**9,
    later_order=None,
    parameters=None,
    version=1,
    **change,
):
    people = [f"s-{n}" for n in range(subjects)]
    start = text(T0_MS - 10**9)
    stretches = [(order_from_ms, order_to_ms), *([later_order] if later_order else [])]
    worn = [worn_by(number, person, start) for number, person in enumerate(people)]
    body = {
        "format": "guitu-directory/1",
        "version": version,
        "org": "county",
        "orgs": ["county"],
        "devices": [device for device, _ in worn],
        "bindings": [binding for _, binding in worn],
        "orders": [
            {
                "order": f"eo-{n}-{number}",
                "subject": person,
                "valid_from": text(begin_ms),
                "valid_to": text(end_ms),
            }
            for n, person in enumerate(people)
            for number, (begin_ms, end_ms) in enumerate(stretches)
        ],
        "fences": [
            circle("f-home", "inclusion", HOME, radius_m=300.0, people=people, start=start),
            circle("f-school", "exclusion", SCHOOL, radius_m=200.0, people=people, start=start),
        ],
        "rules": {
            "version": "test",
            "parameters": {"revision_quiet_s": 0, "silence_s": 900, "silence_return_s": 0}
            | (parameters or {}),
        },
    }
    return json.dumps(body | change).encode()


def make_engine(**options):
    directory = compile_directory(directory_json(**options))
    engine = Engine(directory)
    engine.set_directory(directory, T0_MS)
    return engine


def make_report(seconds, *, seq=None, metres_east=0.0, subject=0, **fields):
    return Report(
        device=f"wb-{subject}",
        kind="fix",
        fix_time_ms=T0_MS + round(seconds * 1_000),
        boot=1,
        seq=round(seconds) if seq is None else seq,
        longitude_deg=HOME[0] + metres_east / METRES_PER_DEGREE_LON,
        latitude_deg=HOME[1],
        datum="WGS84",
        accuracy_m=fields.pop("accuracy_m", 8.0),
        battery_pct=fields.pop("battery_pct", 80),
        **fields,
    )


def feed(engine, reports, *, at_s=None):
    """Give the engine one batch, as the pipeline does, and a tick when something came late."""
    devices = sorted({report.device for report in reports})
    parties = [Party("county", d, "subject", f"s-{d.removeprefix('wb-')}") for d in devices]
    newest_ms = max((report.fix_time_ms for report in reports), default=T0_MS)
    at_ms = newest_ms if at_s is None else T0_MS + round(at_s * 1_000)
    columns = columns_from_reports(
        reports, [devices.index(r.device) for r in reports], [at_ms * 1_000] * len(reports)
    )
    found = engine.step(columns.take(engine.fresh(columns, parties)), parties, at_ms)
    return found + (engine.tick(at_ms) if engine.tick_due(at_ms) else [])


def standing(engine):
    """Every standing episode as (rule, subject, target, begin, end), sorted."""
    return sorted(
        (
            *(getattr(engine.book.keys[slot], f) for f in ("rule", "subject")),
            engine.book.keys[slot].target or engine.book.keys[slot].device,
            e.begin_ms - T0_MS,
            -1 if e.end_ms is None else e.end_ms - T0_MS,
        )
        for slot, e in engine.book.all_episodes()
    )

"""Two people under order and a protected person, who must not meet."""

import json

import msgspec

from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import (
    T0_MS,
    directory_json,
    make_report,
    standing,
    text,
    worn_by,
)

PROTECTED = "v-0"
BAND = "pb-0"
HOLDERS = {"wb-0": "s-0", "wb-1": "s-1", "wb-2": "s-2", "wb-3": "s-3", BAND: PROTECTED}
MINUTE_S = 60


def pair(name, subject, other, *, distance_m=200.0, to_ms=None):
    return {
        "pair": name,
        "subject": subject,
        "other": other,
        "distance_m": distance_m,
        "valid_from": text(T0_MS - 10**9),
        "valid_to": None if to_ms is None else text(to_ms),
    }


ORDERS = (pair("nc-1", "s-0", PROTECTED), pair("nc-2", "s-1", "s-0", distance_m=150.0))


def body(*, orders=ORDERS, subjects=2, **options):
    found = json.loads(directory_json(subjects=subjects, **options))
    device, binding = worn_by(0, PROTECTED, text(T0_MS - 10**9))
    found["devices"].append(device | {"device": BAND})
    found["bindings"].append(binding | {"device": BAND, "holder_kind": "protected"})
    return json.dumps(found | {"no_contact": list(orders)}).encode()


def make_engine(log=None, **options):
    directory = compile_directory(body(**options))
    engine = Engine(directory, log=log)
    engine.set_directory(directory, T0_MS)
    return engine


def seen(who, seconds, metres_east, **fields):
    """A report of where somebody was; `who` is a number, or PROTECTED."""
    if who == PROTECTED:
        report = make_report(seconds, metres_east=metres_east, **fields)
        return msgspec.structs.replace(report, device=BAND)
    return make_report(seconds, subject=who, metres_east=metres_east, **fields)


def feed(engine, reports, *, at_s=None):
    """Give the engine one batch, as the pipeline does, and a tick where one is due."""
    devices = sorted({report.device for report in reports})
    kinds = {BAND: "protected"}
    parties = [Party("county", d, kinds.get(d, "subject"), HOLDERS[d]) for d in devices]
    newest_ms = max((report.fix_time_ms for report in reports), default=T0_MS)
    at_ms = newest_ms if at_s is None else T0_MS + round(at_s * 1_000)
    columns = columns_from_reports(
        reports, [devices.index(r.device) for r in reports], [at_ms * 1_000] * len(reports)
    )
    found = engine.step(columns.take(engine.fresh(columns, parties)), parties, at_ms)
    return found + (engine.tick(at_ms) if engine.tick_due(at_ms) else [])


def pairs_standing(engine):
    return [one for one in standing(engine) if one[0] == "no_contact"]


def reloaded(engine, log=None, **options):
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))
    found = Engine(compile_directory(body(**options)), log=log)
    found.load(stored)
    return found

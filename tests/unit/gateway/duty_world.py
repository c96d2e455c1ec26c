"""A county with duties: people who check in at kiosks every day, and whose papers end."""

import json

from gateway.attempt import Attempt
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import text

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
MIDNIGHT_MS = 1_795_276_800_000
"""2026-11-22 00:00 in Beijing, a Sunday."""


def at(day, hours, minutes=0):
    """Return a time of Beijing's clock, `day` days after that Sunday."""
    return MIDNIGHT_MS + day * DAY_MS + round((hours * 60 + minutes) * MINUTE_MS)


def directory_json(*, kiosk=None, grace_s=1_800, windows=None, **change):
    people = ("s-1", "s-2")
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": "county",
        "orgs": ["county", "office-1"],
        "devices": [
            {"device": name, "org": "office-1", "kind": "kiosk", "expected_interval_s": 60}
            for name in ("k-1", "k-2")
        ],
        "bindings": [],
        "orders": [],
        "fences": [],
        "rules": {"version": "test", "parameters": {}},
        "subjects": [
            {
                "subject": person,
                "org": "office-1",
                "class": None,
                "colour": None,
                "valid_from": text(at(-100, 0)),
                "valid_to": None,
            }
            for person in people
        ],
        "schedules": [
            {
                "schedule": "mornings",
                "zone": "Asia/Shanghai",
                "windows": windows or [{"start": "08:00", "end": "10:00"}],
            }
        ],
        "checkins": [
            {
                "checkin": f"c-{person}",
                "subject": person,
                "schedule": "mornings",
                "kiosk": kiosk,
                "grace_s": grace_s,
                "valid_from": text(at(-100, 0)),
                "valid_to": None,
            }
            for person in people
        ],
    }
    return json.dumps(body | change).encode()


def make_engine(*, at_ms=None, listens=True, **options):
    """Return an engine that has known its directory since the evening before that Sunday."""
    at_ms = at(-1, 20) if at_ms is None else at_ms
    directory = compile_directory(directory_json(**options))
    engine = Engine(directory)
    engine.set_directory(directory, at_ms)
    if listens:
        engine.check_in([], at_ms)
    return engine


def attempt(time_ms, verdict="match", *, kiosk="k-1", subject="s-1", **given):
    name = given.pop("attempt", f"a-{subject}-{time_ms}-{verdict}")
    return Attempt(
        org="office-1",
        kiosk=kiosk,
        subject=subject,
        attempt=name,
        challenge_time_ms=given.pop("challenge_time_ms", time_ms - 5_000),
        response_time_ms=time_ms,
        received_ms=given.pop("received_ms", time_ms),
        verdict=verdict,
        capture=given.pop("capture", name.encode()),
    )


def pass_time(engine, from_ms, until_ms, step_ms=10 * MINUTE_MS):
    """Tick where a tick is due, as the pipeline does; return what was found."""
    found = []
    for now_ms in range(from_ms, until_ms + 1, step_ms):
        if engine.tick_due(now_ms):
            found += engine.tick(now_ms)
    return found


def told(outcomes):
    return [(one.change, one.rule, one.subject) for one in outcomes]


def standing(engine):
    """Every standing episode that no wearer's reports decide, sorted."""
    book = engine.book
    return sorted(
        (key.rule, key.subject, key.target, e.begin_ms, -1 if e.end_ms is None else e.end_ms)
        for slot, e in book.all_episodes()
        if (key := book.keys[slot])
    )

"""Encounters the obvious way: every minute and every two people, one by one."""

import numpy as np

from gateway.engine.stretch import between_mm
from geofence.decision import decide


def apart_mm(one, other):
    found = between_mm(*(np.array([v], np.int64) for v in (one[1], one[2], other[1], other[2])))
    return int(found[0])


def newest_by_minute(fixes):
    """Return {minute: (time, lon, lat, accuracy)}: the newest, of equal ones the most accurate."""
    best = {}
    for fix in fixes:
        minute = fix[0] // 60_000
        rank = (fix[0], -fix[3], fix[1], fix[2])
        if minute not in best or rank > best[minute][0]:
            best[minute] = (rank, fix)
    return {minute: fix for minute, (_, fix) in best.items()}


def contacts(duty, fixes_of, *, stale_ms, drift_mmps, violation_ppm, compliant_ppm):
    """Return [(time, decision)] of the closed minutes of one order.

    `duty` is (first, second, distance_mm, from_ms, to_ms), `fixes_of` has (time, lon, lat,
    accuracy) by person.
    """
    first, second, limit_mm, from_ms, to_ms = duty
    seen = [newest_by_minute(fixes_of.get(person, [])) for person in (first, second)]
    minutes = sorted(seen[0].keys() | seen[1].keys())
    out = []
    for minute in minutes[:-1]:
        here = [table.get(minute) for table in seen]
        judge = 1 if here[0] is None or (here[1] is not None and here[1][0] > here[0][0]) else 0
        fix = here[judge]
        earlier = [other for other in seen[1 - judge].values() if other[0] <= fix[0]]
        other = max(earlier, default=None)
        decision = 0
        if not from_ms <= fix[0] < to_ms:
            decision = -1
        elif other is not None and fix[0] - other[0] <= stale_ms:
            drift = (fix[0] - other[0]) * drift_mmps / 1_000
            both = round((fix[3] ** 2 + other[3] ** 2) ** 0.5)
            accuracy = max(round((both**2 + drift**2) ** 0.5), 1)
            said = decide(
                np.array([apart_mm(fix, other) - limit_mm]),
                np.array([accuracy]),
                np.array([limit_mm]),
                np.array([True]),
                violation_ppm=violation_ppm,
                compliant_ppm=compliant_ppm,
            )
            decision = int(said.decision[0])
        out.append((fix[0], decision))
    return out


def groups(places, radius_m):
    """Return the lowest place that each hangs together with, by steps within the radius."""
    label = list(range(len(places)))
    changed = True
    while changed:
        changed = False
        for a in range(len(places)):
            for b in range(len(places)):
                near = apart_mm((0, *places[a]), (0, *places[b])) <= radius_m * 1_000
                if near and label[b] > label[a]:
                    label[b] = label[a]
                    changed = True
    return label

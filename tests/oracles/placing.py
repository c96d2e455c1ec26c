"""The place rules one report and one fence at a time, in plain Python."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from gateway.columns import ABSENT
from geofence.far import far_distances_mm
from geofence.index import build_index
from geofence.probability import outside_ppm

RULE_OF = {"leave": "leave_place"}


def distance_mm(fence, row):
    index = build_index([fence.shape.outline])
    lon, lat = np.array([row["lon_e7"] / 1e7]), np.array([row["lat_e7"] / 1e7])
    none = np.zeros(1, np.int64)
    near = int(index.distances_mm(lon, lat, none, none)[0])
    return near if abs(near) < 500_000 else int(far_distances_mm(index, lon, lat, none)[0])


def judged(fence, row, parameters):
    """Return (decision, ppm) of one report about one fence."""
    claimed = row["accuracy_mm"]
    if claimed < 0:
        claimed = parameters["accuracy_default_m"] * 1_000
    accuracy_mm = round(max(claimed, parameters["accuracy_floor_m"] * 1_000))
    away = distance_mm(fence, row)
    ppm = int(outside_ppm(np.array([away]), np.array([accuracy_mm]))[0])
    if fence.use == "exclusion":
        ppm = 1_000_000 - ppm
    if accuracy_mm > round(fence.shape.size_m * 1_000) and abs(away) < 3 * accuracy_mm:
        return 0
    if ppm >= parameters["violation_ppm"]:
        return 1
    return -1 if ppm <= parameters["compliant_ppm"] else 0


def in_window(schedule, time_ms):
    wall = datetime.fromtimestamp(time_ms / 1_000, ZoneInfo(schedule.zone))
    minute = wall.hour * 60 + wall.minute
    return any(
        w.start_min <= minute < w.end_min or minute + 1_440 < w.end_min for w in schedule.windows
    )


def runs(thing, time_ms):
    return thing.valid_from_ms <= time_ms < thing.valid_to_ms


def is_asked(directory, subject, fence, time_ms, parameters):
    """Whether a fence is in force for a subject, overdue leave apart."""
    leaves = directory.leaves.get(subject, [])
    if fence.schedule and not in_window(directory.schedules[fence.schedule], time_ms):
        return False
    if fence.use in ("inclusion", "curfew"):
        return not any(runs(one, time_ms) for one in leaves)
    travel_ms = parameters["leave_travel_s"] * 1_000 if fence.use == "leave" else 0
    if fence.use in ("leave", "route"):
        return any(
            one.fence == fence.fence
            and one.valid_from_ms + travel_ms <= time_ms < one.valid_to_ms - travel_ms
            for one in leaves
        )
    return True


def over_until(leaves, time_ms):
    """Return the end of the newest stretch of leaves that is over; None without."""
    ends = []
    for one in leaves:
        end = one.valid_to_ms
        if end <= time_ms and not any(
            other.valid_from_ms <= end < other.valid_to_ms for other in leaves
        ):
            ends.append(end)
    return max(ends, default=None)


def decisions(directory, subject, rows, parameters):
    """Return {(rule, fence): [(row, decision)]} of one subject's reports in order of time."""
    found = {}
    leaves = directory.leaves.get(subject, [])
    listed = list(directory.fences_of.get(subject, []))
    for one in leaves:
        listed += [k for k, f in enumerate(directory.fences) if f.fence == one.fence]
    away_since = None
    for number, row in enumerate(rows):
        time_ms, has_fix = row["fix_time_ms"], row["lon_e7"] != ABSENT
        valid = [
            f for f in (directory.fences[k] for k in dict.fromkeys(listed)) if runs(f, time_ms)
        ]
        areas = [f for f in valid if f.use == "inclusion"] if has_fix and leaves else []
        seen = [judged(f, row, parameters) for f in areas]
        if seen and min(seen) == 1:
            away_since = time_ms if away_since is None else away_since
        elif seen and min(seen) == -1:
            away_since = None
        end = over_until(leaves, time_ms)
        is_out = (
            away_since is not None
            and end is not None
            and away_since <= end
            and not any(runs(one, time_ms) for one in leaves)
        )
        for fence in valid:
            asked = is_asked(directory, subject, fence, time_ms, parameters)
            asked = asked and not (is_out and fence.use in ("inclusion", "curfew"))
            says = judged(fence, row, parameters) if has_fix else None
            told = says if asked else -1
            if told is not None:
                rule = RULE_OF.get(fence.use, fence.use)
                found.setdefault((rule, fence.fence), []).append((number, told))
            if fence.use == "inclusion" and leaves:
                late = is_out and time_ms >= end + parameters["leave_grace_s"] * 1_000
                told = -1 if not is_out else says if late or says is None else 0
                if told is not None:
                    found.setdefault(("leave_overdue", fence.fence), []).append((number, told))
    return found

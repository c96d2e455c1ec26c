"""Unusual places of one person, one report after another, with lists and plain integers."""

from functools import cache
from typing import Any

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.stretch import between_mm
from gateway.parameters import parameters_from

DAY_MS = 86_400_000
SLOT_MS = 3 * 3_600_000


@cache
def apart_mm(a, b):
    """Return the distance of two (lon_e7, lat_e7)."""
    lon, lat, other_lon, other_lat = (np.array([value]) for value in (*a, *b))
    return int(between_mm(lon, lat, other_lon, other_lat)[0])


class Place:
    def __init__(self, at):
        self.at, self.weight, self.usual = at, [0] * 8, [False] * 8


class ScalarUnusual:
    """One wearer."""

    def __init__(self, leaves=(), **overrides):
        self.leaves = leaves
        self.limits = parameters_from(overrides)
        self.places: list[Any] = [None] * 6
        self.mains = [0] * 8
        self.log = {}  # day: {slot: was near a usual place}
        self.samples, self.today, self.folded = {}, None, None
        self.fix_ms = self.away_ms = self.told_ms = self.told_day = None

    def feed(self, one):
        """Return (decision, facts of a +1)."""
        now = one["fix_time_ms"]
        local_ms = now + 8 * 3_600_000
        day, slot = local_ms // DAY_MS, local_ms % DAY_MS // SLOT_MS
        if self.today is None or day > self.today:
            if self.today is not None:
                self.fold()
            self.today, self.samples = day, {}
        before_ms = self.fix_ms
        if any(begin <= now < end for begin, end in self.leaves):
            self.away_ms = None
            self.fix_ms = now if one["lon_e7"] != ABSENT else before_ms
            return 0, None
        if one["lon_e7"] == ABSENT:
            return 0, None
        self.fix_ms = now
        radius_mm = 50_000 if one["accuracy_mm"] == ABSENT else one["accuracy_mm"]
        if radius_mm > self.limits["usual_accuracy_m"] * 1_000:
            return 0, None
        at = (one["lon_e7"], one["lat_e7"])
        says, facts = self.look(at, radius_mm, day, slot)
        self.samples.setdefault(slot, at)
        return self.told(says, facts, now, day, before_ms)

    def told(self, says, facts, now, day, before_ms):
        if says != "away":
            self.away_ms = None
            return (-1 if says == "usual" else 0), None
        gap_ms = self.limits["unusual_gap_s"] * 1_000
        if self.away_ms is None or before_ms is None or now - before_ms > gap_ms:
            self.away_ms = now
        if now - self.away_ms < self.limits["unusual_s"] * 1_000:
            return 0, None
        if self.told_day != day:
            self.told_day, self.told_ms = day, self.away_ms
        return (1, facts) if self.told_ms == self.away_ms else (0, None)

    def look(self, at, radius_mm, day, slot):
        days = sorted(self.log)
        known = [d for d in days if self.folded - d < 28]
        if len(known) < self.limits["unusual_history_days"]:
            return "unknown", None
        usual = [apart_mm(at, p.at) for p in self.places if p and p.usual[slot]]
        if not usual:
            return "unknown", None
        if min(usual) - radius_mm <= self.limits["unusual_distance_m"] * 1_000:
            return "usual", None
        kind = weekend(day)
        alike = [d for d in known if d >= day - 28 and weekend(d) == kind and slot in self.log[d]]
        as_usual = sum(self.log[d][slot] for d in alike)
        facts = {"distance_mm": min(usual), "like_days": len(alike), "usual_days": as_usual}
        if len(alike) < self.limits["unusual_regular_days"]:
            return "unknown", None
        if as_usual * 100 < len(alike) * self.limits["unusual_regular_pct"]:
            return "unknown", None
        return "away", facts

    def fold(self):
        last = self.today if self.folded is None else self.folded
        for _ in range((self.today + 3) // 7 - (last + 3) // 7):
            for place in filter(None, self.places):
                place.weight = [weight * 3 // 4 for weight in place.weight]
        near = {slot: self.near(at) for slot, at in self.samples.items()}
        for slot, at in sorted(self.samples.items()):
            usual = [apart_mm(at, p.at) for p in self.places if p and p.usual[slot]]
            is_regular = bool(usual) and min(usual) <= self.limits["unusual_distance_m"] * 1_000
            self.log.setdefault(self.today, {})[slot] = is_regular
            if near[slot]:
                main = self.places[self.mains[slot]]
                self.gain(main if main in near[slot] else near[slot][0], slot)
        for slot, at in sorted(self.samples.items()):
            if not near[slot]:
                self.settle(slot, at)
        for place in filter(None, self.places):
            around = [place.weight[s - 1] + place.weight[s] for s in range(8)]
            around = [both + place.weight[(s + 1) % 8] for s, both in enumerate(around)]
            place.usual = [sum_ >= self.limits["usual_weight"] for sum_ in around]
        self.folded = self.today
        self.mains = [self.heaviest(slot) for slot in range(8)]

    def near(self, at):
        limit_mm = self.limits["usual_place_m"] * 1_000
        return [p for p in self.places if p and apart_mm(at, p.at) <= limit_mm]

    def heaviest(self, slot):
        """Return the place of most weight around a slot."""
        around = [
            sum(p.weight[s % 8] for s in (slot - 1, slot, slot + 1)) if p else 0
            for p in self.places
        ]
        return around.index(max(around))

    def settle(self, slot, at):
        near = self.near(at)
        if near:
            self.gain(near[0], slot)
            return
        spare = [
            (sum(p.weight) if p else 0, n)
            for n, p in enumerate(self.places)
            if not (p and any(p.usual))
        ]
        if spare:
            place = self.places[min(spare)[1]] = Place(at)
            self.gain(place, slot)

    def gain(self, place, slot):
        place.weight[slot] = min(place.weight[slot] + 8, 255)


def weekend(day):
    return (day + 3) % 7 >= 5

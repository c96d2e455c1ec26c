"""Stays near sensitive sites: whose reports lie near one that is neither home nor an errand."""

from typing import Final

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.placing.homes import Homes, Places
from gateway.engine.placing.lists import NONE, FenceLists
from gateway.engine.placing.measure import Fixes, put, unasked
from gateway.engine.placing.pairs import Pairs
from gateway.engine.placing.question import Question
from gateway.engine.placing.sites import Sites, sensitive_sites
from gateway.engine.stretch import Stretch
from geofence.arrays import IntArray

_MM_PER_M: Final = 1_000


class Dwell:
    """The rule `dwell` under one directory: one question per subject.

    Attributes:
        sensitive: The sensitive sites.
        is_asked: Anybody's stays are asked for at any time, and there is a site.
    """

    def __init__(self, lists: FenceLists, homes: Homes, official: Sites) -> None:
        """Number the questions in `lists`.

        Args:
            lists: Subjects and questions.
            homes: Where nobody is asked why they stay.
            official: Likewise.
        """
        self._homes = homes
        self._official = official
        self.sensitive = sensitive_sites(lists.directory)
        self.is_asked = len(self.sensitive) > 0 and is_asked(lists.directory)
        asked = lists.subjects.keys if self.is_asked else ()
        numbers = [lists.questions.of(Question("dwell", subject, "")) for subject in asked]
        self._question = np.array(numbers, np.int64)

    def pairs(self, stretch: Stretch, fixes: Fixes, number: IntArray) -> Pairs:
        """Return one pair for every report with a position; compliant where it is not asked.

        Args:
            stretch: The reports.
            fixes: Their positions.
            number: Subject of each, NONE when unknown, shape (n,).
        """
        row = np.flatnonzero((number != NONE) & stretch.has_fix)
        out = unasked(len(row))
        at = np.flatnonzero(stretch.limits["dwell_enabled"][row] > 0)
        margin_mm = stretch.limits["dwell_margin_m"][row[at]] * _MM_PER_M
        places = _places(stretch, fixes, row[at])
        near, site, signed_mm = self.sensitive.nearest(
            places.lon_deg, places.lat_deg, places.time_ms, margin_mm
        )
        if len(near):
            at = at[near]
            places = _places(stretch, fixes, row[at])
            lawful = self._official.cover(places.lon_deg, places.lat_deg, places.time_ms)
            asked = ~(lawful | self._homes.hold(number[row[at]], places))
            at, site, signed_mm = at[asked], site[asked], signed_mm[asked]
            size_mm = self.sensitive.radius_mm(site) + margin_mm[near[asked]]
            inside = np.ones(len(at), np.bool_)
            put(out, at, fixes.decided(row[at], signed_mm, size_mm, inside))
        question = self._question[number[row]]
        return Pairs(row, question, out.decision, out.distance_mm, out.violation_ppm)


def _places(stretch: Stretch, fixes: Fixes, row: IntArray) -> Places:
    return Places(fixes.lon_deg[row], fixes.lat_deg[row], stretch.time_ms[row])


def is_asked(directory: Directory) -> bool:
    """Return whether anybody's stays near sites are asked for at any time."""
    layers = directory.rule_layers
    tables = (layers.kinds, layers.device_classes, layers.classes, layers.colours)
    every = [directory.parameters, *(layer for table in tables for layer in table.values())]
    every += [period.parameters for period in directory.periods]
    return any(layer.get("dwell_enabled", 0) for layer in every)

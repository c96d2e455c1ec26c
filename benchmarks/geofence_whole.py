"""One batch end to end: pairs, signed distance, nearest site, decision, and the fold of each slot.

What the gateway's engine does with a batch, without its journal and its words.
"""

from typing import Final

import numpy as np

from benchmarks.geofence_world import Fixes, World
from geofence.decision import decide
from geofence.index import FenceIndex
from geofence.kernel import Kernel
from geofence.probability import SATELLITE, AccuracyFloors, effective_accuracy_mm
from geofence.sites import SiteIndex, build_sites
from geofence.transition import Persistence, Streaks, fold

SITES: Final = 10_000
_SPREAD_DEG: Final = {1: 0.4, 9: 0.1}
"""By number of counties: few cannot hold 10,000 sites without a school at every corner."""

_INTERVAL_MS: Final = 60_000
_FLOORS: Final = AccuracyFloors()


class WholeBatch:
    """State of every slot of a world, and what a batch does to it."""

    def __init__(self, world: World, index: FenceIndex, kernel: Kernel, seed: int) -> None:
        """Start with slots that have seen nothing, and 10,000 sites about the homes."""
        self._lists, self._index, self._kernel = world.assignment, index, kernel
        self._size_mm = np.array([round(fence.size_m * 1_000) for fence in world.fences])
        # Counties and homes are to be stayed in; exclusions lie between them, corridors behind.
        zone = np.arange(len(world.fences))
        self._violated_inside = (zone >= world.counties) & (
            zone < world.counties + world.exclusions
        )
        self._state = Streaks.fresh(world.assignment.slots)
        self._sites = make_sites(world, seed)
        self._time_ms = 0

    @property
    def state_bytes(self) -> int:
        """Bytes of the state of all slots."""
        state = self._state
        return state.sign.nbytes + state.count.nbytes + state.begin_ms.nbytes + state.active.nbytes

    def take(self, fixes: Fixes) -> int:
        """Judge a batch and move the state on; returns how many pairs that was."""
        self._time_ms += _INTERVAL_MS
        many = len(fixes.subject)
        pairs = self._lists.pairs(fixes.subject)
        distance_mm = self._index.distances_mm(
            fixes.lon_deg, fixes.lat_deg, pairs.fix, pairs.zone, kernel=self._kernel
        )
        self._sites.nearest(fixes.lon_deg, fixes.lat_deg)
        accuracy_mm = effective_accuracy_mm(
            np.full(many, 8_000), np.full(many, SATELLITE), np.zeros(many, np.bool_), _FLOORS
        )[pairs.fix]
        said = decide(
            distance_mm,
            accuracy_mm,
            self._size_mm[pairs.zone],
            self._violated_inside[pairs.zone],
            violation_ppm=950_000,
            compliant_ppm=500_000,
        )
        # A subject may come twice: its rows follow one another, the earlier fix first.
        # Sorting numbers that carry their row is a quarter of a stable argsort's time.
        rows = len(pairs.slot)
        order = np.sort(pairs.slot * rows + np.arange(rows)) % rows
        slot = pairs.slot[order]
        opens = np.concatenate([[True], slot[1:] != slot[:-1]])
        slots, group = slot[opens], np.cumsum(opens) - 1
        one = np.ones(len(slot), np.int64)
        need = Persistence(3 * one, 30_000 * one, one, 0 * one)
        time_ms = self._time_ms + pairs.fix[order]
        after, _ = fold(self._state.take(slots), group, time_ms, said.decision[order], need)
        self._state.put(slots, after)
        return len(slot)


def make_sites(world: World, seed: int) -> SiteIndex:
    """Return 10,000 sites about the homes, so spread that 2 to 11 % of the fixes are near one."""
    rng = np.random.default_rng([seed, SITES])
    place = world.home_deg[rng.integers(world.subjects, size=SITES)]
    place = place + rng.normal(0, _SPREAD_DEG.get(world.counties, 0.01), place.shape)
    return build_sites(place[:, 0].copy(), place[:, 1].copy())

"""Where each person's home lies, by number and time: the middle of the fence that says it.

That is the fence of the curfew, unless it is large; else an area that must not be left at any hour
and is hardly larger than a house. A larger area of activity is none: who lives at its edge sleeps
hundreds of metres from its middle.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.directory.moment import FOREVER_MS
from gateway.engine.placing.lists import COLUMNS, NONE, FenceLists
from gateway.engine.placing.question import CURFEW, INCLUSION
from geofence.arrays import IntArray

LARGEST_MM: Final = 2_000_000
"""Radius of a circle of the same area: a larger one is a district, not a home."""

HOUSE_MM: Final = 150_000
"""Likewise: who is inside is at most so far from the middle of the house."""

MOST: Final = 4
"""Fences of one person that are looked at, those that say most first."""

_HOME: Final = np.dtype(
    [("from_ms", np.int64), ("to_ms", np.int64), ("lon_e7", np.int32), ("lat_e7", np.int32)]
)
"""What is read together lies together."""

_OPAQUE: Final = np.dtype(f"V{_HOME.itemsize}")


class Residences:
    """The homes of a directory, a column per person."""

    def __init__(self, lists: FenceLists) -> None:
        """Read them from `lists`."""
        listed = lists.assigned.pairs(np.arange(len(lists.assigned)))
        use = lists.columns[listed.slot, COLUMNS.index("use")]
        size_mm = lists.size_mm[listed.zone]
        always = lists.columns[listed.slot, COLUMNS.index("schedule")] == NONE
        says = (use == CURFEW) & (size_mm <= LARGEST_MM)
        says |= (use == INCLUSION) & always & (size_mm <= HOUSE_MM)
        person, zone, slot = listed.fix[says], listed.zone[says], listed.slot[says]
        order = np.lexsort((slot, lists.size_mm[zone], use[says] != CURFEW, person))
        person, zone, slot = person[order], zone[order], slot[order]
        rank = np.arange(len(person)) - np.searchsorted(person, person)
        first = rank < MOST
        person, zone, slot, rank = person[first], zone[first], slot[first], rank[first]
        # One person more, who has no home: the one that NONE is the number of.
        shape = (int(rank.max(initial=-1)) + 1, len(lists.assigned) + 1)
        homes = np.full(shape, np.array((FOREVER_MS, FOREVER_MS, ABSENT, ABSENT), _HOME), _HOME)
        homes["from_ms"][rank, person], homes["to_ms"][rank, person] = lists.assigned.valid_ms(
            slot
        ).T
        homes["lon_e7"][rank, person], homes["lat_e7"][rank, person] = lists.centre_e7[zone].T
        self._homes = homes.view(_OPAQUE)

    def at(
        self, number: IntArray, time_ms: IntArray
    ) -> tuple[NDArray[np.int32] | None, NDArray[np.int32] | None]:
        """Return longitude and latitude of homes, 1e-7 degrees, shape (n,); None: nobody has one.

        Args:
            number: Number of each person in the lists, or NONE.
            time_ms: When; ABSENT where no home was known.
        """
        if not len(self._homes):
            return None, None
        lon_e7, lat_e7 = np.full((2, len(number)), ABSENT, np.int32)
        for homes in self._homes[::-1]:
            home = homes.take(number).view(_HOME)
            holds = (home["from_ms"] <= time_ms) & (time_ms < home["to_ms"])
            np.copyto(lon_e7, home["lon_e7"], where=holds)
            np.copyto(lat_e7, home["lat_e7"], where=holds)
        return lon_e7, lat_e7

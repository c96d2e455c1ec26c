"""Where everybody is now, and who of them may make a gathering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.columns import DEGREE_E7
from gateway.engine.encounters.nearness import groups
from gateway.engine.placing.homes import Places
from gateway.engine.placing.lists import NONE
from gateway.engine.placing.placement import Placement
from gateway.engine.stretch import NEVER_MS
from geofence.arrays import IntArray


@dataclass(frozen=True, slots=True)
class GatheringLimits:
    """Parameters: how many people, how near, how long, and how long out of sight at most."""

    people: int
    radius_m: int
    lasting_ms: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """People who are near enough others to be looked at, by subject; shape (k,) each, int64.

    Attributes:
        subject: Number of the subject, ascending.
        group: Number of the group; those of one are together.
        household: Name of the residence, the same at all times; people of one count as one.
    """

    subject: IntArray
    group: IntArray
    household: IntArray


class Whereabouts:
    """The newest fix of every subject, by number, whatever order it came in."""

    def __init__(self) -> None:
        """Start without anybody."""
        self._rows = np.empty((0, 4), np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    def saw(
        self,
        subject: IntArray,
        time_ms: IntArray,
        lon_e7: IntArray,
        lat_e7: IntArray,
        accuracy_mm: IntArray,
    ) -> None:
        """Note fixes; of fixes at one time the most accurate one counts.

        Args:
            subject: Number of each fix's subject, shape (n,).
            time_ms: Fix time.
            lon_e7: Longitude, 1e-7 degrees, WGS-84.
            lat_e7: Latitude.
            accuracy_mm: Error radius to reckon with.
        """
        if not len(subject):
            return
        size = int(subject.max()) + 1
        if size > len(self._rows):
            grown = np.full((max(size, 2 * len(self._rows)), 4), NEVER_MS)
            grown[: len(self._rows)] = self._rows
            self._rows = grown
        new = np.column_stack([time_ms, lon_e7, lat_e7, accuracy_mm]).astype(np.int64)
        order = np.lexsort((lat_e7, lon_e7, -accuracy_mm, time_ms, subject))
        subject, new = subject[order], new[order]
        last = np.flatnonzero(np.append(subject[1:] != subject[:-1], [True]))
        subject, new = subject[last], new[last]
        old = self._rows[subject]
        both = np.stack([old, new])
        rank = np.lexsort((both[:, :, 2], both[:, :, 1], -both[:, :, 3], both[:, :, 0]), axis=0)
        newer = rank[1] == 1
        self._rows[subject[newer]] = new[newer]

    def crowd(
        self, now_ms: int, limits: GatheringLimits, placement: Placement, subjects: Sequence[str]
    ) -> Crowd:
        """Return who is near others, outside official places and the own residence.

        Nobody counts whose newest fix is old, of the future, or less accurate than the radius.

        Args:
            now_ms: The minute that is looked at.
            limits: Parameters.
            placement: Residences and official places.
            subjects: Subjects by number.
        """
        time_ms, lon_e7, lat_e7, accuracy_mm = self._rows.T
        known = (time_ms > now_ms - limits.gap_ms) & (time_ms <= now_ms)
        subject = np.flatnonzero(known & (accuracy_mm <= limits.radius_m * 1_000))
        group = groups(lon_e7[subject], lat_e7[subject], limits.radius_m)
        near = np.bincount(group, minlength=len(subject))[group] >= limits.people
        subject = subject[near]
        places = Places(lon_e7[subject] / DEGREE_E7, lat_e7[subject] / DEGREE_E7, time_ms[subject])
        person = np.array([placement.person(subjects[n]) for n in subject.tolist()], np.int64)
        lawful = placement.official.cover(places.lon_deg, places.lat_deg, places.time_ms)
        lawful |= placement.homes.hold(person, places)
        subject = subject[~lawful]
        group = groups(lon_e7[subject], lat_e7[subject], limits.radius_m)
        names = [subjects[number] for number in subject.tolist()]
        home = placement.homes.households(names, now_ms)
        return Crowd(subject, group, np.where(home == NONE, -2 - subject, home))

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"rows": self._rows.tobytes()}

    def load(self, stored: Mapping[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._rows = np.frombuffer(stored["rows"], np.int64).reshape(-1, 4).copy()

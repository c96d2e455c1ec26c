"""Where people were, once a minute of fix time: a set that does not depend on order of arrival."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geofence.arrays import BoolArray, IntArray

BUCKET_MS: Final = 60_000
"""A minute: the reporting interval of a wristband under order."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """The newest fix of each subject in each bucket, by subject and time; shape (k,) each, int64.

    Attributes:
        subject: Number of the subject.
        time_ms: Fix time.
        lon_e7: Longitude, 1e-7 degrees, WGS-84.
        lat_e7: Latitude.
        accuracy_mm: Error radius to reckon with (`placing.measure.Fixes`), above 0.
    """

    subject: IntArray
    time_ms: IntArray
    lon_e7: IntArray
    lat_e7: IntArray
    accuracy_mm: IntArray

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def bucket(self) -> IntArray:
        """Bucket of each."""
        return self.time_ms // BUCKET_MS

    def take(self, keep: IntArray | BoolArray) -> "Sightings":
        """Return some of them."""
        return Sightings(*(getattr(self, name)[keep] for name in self.__slots__))


def sightings(
    subject: IntArray, time_ms: IntArray, lon_e7: IntArray, lat_e7: IntArray, accuracy_mm: IntArray
) -> Sightings:
    """Return the newest of fixes per subject and bucket.

    Of fixes at one time, as two devices of one person may send, the most accurate one counts.

    Args:
        subject: Number of each fix's subject, shape (n,), in any order.
        time_ms: Fix time.
        lon_e7: Longitude.
        lat_e7: Latitude.
        accuracy_mm: Error radius.
    """
    columns = [
        np.asarray(column, np.int64) for column in (subject, time_ms, lon_e7, lat_e7, accuracy_mm)
    ]
    return _newest(columns)


def merged(one: Sightings, other: Sightings) -> Sightings:
    """Return what both saw."""
    return _newest(
        [np.concatenate([getattr(one, n), getattr(other, n)]) for n in Sightings.__slots__]
    )


def _newest(columns: list[IntArray]) -> Sightings:
    subject, time_ms, lon_e7, lat_e7, accuracy_mm = columns
    order = np.lexsort((lat_e7, lon_e7, -accuracy_mm, time_ms, subject))
    subject, bucket = subject[order], time_ms[order] // BUCKET_MS
    is_last = np.ones(len(order), np.bool_)
    is_last[:-1] = (subject[1:] != subject[:-1]) | (bucket[1:] != bucket[:-1])
    order = order[is_last]
    return Sightings(*(column[order] for column in columns))


NOBODY: Final = sightings(*(np.empty(0, np.int64) for _ in Sightings.__slots__))
"""No sightings."""

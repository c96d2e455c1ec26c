"""Who wears what: one row per (subject, device) that has ever been under an order here."""

from typing import Any, Final

import msgspec
import numpy as np

from gateway.engine.device import DEVICE_RULES
from gateway.engine.episodes import EpisodeBook
from geofence.arrays import IntArray

NEVER_MS: Final = -1
"""No report yet."""


class Wearer(msgspec.Struct, array_like=True):
    """One person with one device. `known_ms` is when the gateway learnt of the pair."""

    subject: str
    device: str
    org: str
    known_ms: int


class Wearers:
    """The wearers, their slots and their newest times as columns."""

    def __init__(self, book: EpisodeBook) -> None:
        """Start empty; slots are made in `book`."""
        self._book = book
        self._clear()

    def _clear(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._of_subject: dict[str, list[int]] = {}
        self.rows: list[Wearer] = []
        self.device_slots = np.zeros((0, len(DEVICE_RULES)), np.int64)
        self.silence_slot = np.zeros(0, np.int64)
        self.last_ms = np.zeros(0, np.int64)
        self.base_last_ms = np.zeros(0, np.int64)
        self.received_ms = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def wearer(self, subject: str, device: str, org: str, known_ms: int) -> int:
        """Return the number of a wearer; makes it if it is new."""
        number = self._ids.get((subject, device))
        if number is None:
            number = self._add(Wearer(subject, device, org, known_ms))
            self.last_ms = np.append(self.last_ms, NEVER_MS)
            self.base_last_ms = np.append(self.base_last_ms, NEVER_MS)
            self.received_ms = np.append(self.received_ms, known_ms)
        return number

    def find(self, subject: str, device: str) -> int | None:
        """Return the number of a wearer, or None when it is new."""
        return self._ids.get((subject, device))

    def of_subject(self, subject: str) -> list[int]:
        """Return the numbers of all wearers of one subject."""
        return self._of_subject.get(subject, [])

    def saw(self, wearer: IntArray, time_ms: IntArray, received_ms: IntArray) -> None:
        """Note reports: their fix times and when they came."""
        np.maximum.at(self.last_ms, wearer, time_ms)
        np.maximum.at(self.received_ms, wearer, received_ms)

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {
            "rows": self.rows,
            "last_ms": self.last_ms.tobytes(),
            "base_last_ms": self.base_last_ms.tobytes(),
            "received_ms": self.received_ms.tobytes(),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned; the book must be loaded already."""
        self._clear()
        for row in msgspec.convert(stored["rows"], list[Wearer]):
            self._add(row)
        self.last_ms = np.frombuffer(stored["last_ms"], np.int64).copy()
        self.base_last_ms = np.frombuffer(stored["base_last_ms"], np.int64).copy()
        self.received_ms = np.frombuffer(stored["received_ms"], np.int64).copy()

    def _add(self, row: Wearer) -> int:
        number = self._ids[row.subject, row.device] = len(self.rows)
        self.rows.append(row)
        self._of_subject.setdefault(row.subject, []).append(number)
        slots = [self._book.slot(rule, row.subject, row.device) for rule in DEVICE_RULES]
        self.device_slots = np.vstack([self.device_slots, np.array([slots], np.int64)])
        silence = self._book.slot("silence", row.subject, row.device)
        self.silence_slot = np.append(self.silence_slot, silence)
        return number

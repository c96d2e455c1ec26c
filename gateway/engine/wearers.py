"""Who wears what: one row per (holder, device) that has ever been watched here."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from gateway.columns import Party
from gateway.engine.addresses import UNKNOWN, Addresses
from gateway.engine.rule import EVERY_KIND
from gateway.engine.stretch import NEVER_MS, Table
from geofence.arrays import BoolArray, IntArray

KINDS: Final = tuple(sorted(EVERY_KIND))
"""Kinds of device by number."""

_OBJECTS_MAX: Final = 4_096


class Wearer(msgspec.Struct, array_like=True):
    """One person with one device. `known_ms` is when the gateway learnt of the pair.

    A protected person (受保护人) is known by where it was, and is never judged. An officer's
    recorder is judged, and its officer is not: it has no subject, whoever holds it.
    """

    subject: str
    device: str
    org: str
    kind: str
    known_ms: int
    is_protected: bool = False


def subject_of(party: Party) -> str:
    """Return whom a party's reports are about; nobody where an officer holds the device."""
    return "" if party.holder_kind == "officer" else party.holder


class Wearers:
    """The wearers, and their newest times as columns; `rows` and the columns share numbers."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: list[Wearer] = []
        self._ids: dict[tuple[str, str], int] = {}
        self._parties = Addresses()
        self._asked: tuple[Sequence[Party], IntArray, int] = ((), np.empty(0, np.int64), 0)
        self._columns: Table = {}
        self._make(64)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last_ms(self) -> IntArray:
        """Newest fix time of each wearer; NEVER_MS before the first report."""
        return self._columns["last_ms"]

    @property
    def received_ms(self) -> IntArray:
        """When each wearer was heard last, our clock; when it became known before that."""
        return self._columns["received_ms"]

    @property
    def is_protected(self) -> BoolArray:
        """Who is a protected person."""
        return self._columns["is_protected"]

    @property
    def kind(self) -> IntArray:
        """Kind of each wearer's device, index into KINDS."""
        return self._columns["kind"]

    @property
    def expected_interval_ms(self) -> IntArray:
        """How often each wearer's device should report."""
        return self._columns["expected_interval_ms"]

    def numbers(self, parties: Sequence[Party]) -> IntArray:
        """Return the number of each party; UNKNOWN for new ones and for other holders."""
        if parties is self._asked[0] and len(self.rows) == self._asked[2]:
            return self._asked[1]
        out = self._parties.numbers(parties)
        for at in np.flatnonzero(out == UNKNOWN).tolist():
            out[at] = self._found(parties[at])
        # A batch asks twice: for what is known of it, and for its judgement.
        self._asked = parties, out, len(self.rows)
        return out

    def number(self, subject: str, device: str) -> int | None:
        """Return the number of a wearer, or None when it is new."""
        return self._ids.get((subject, device))

    def add(self, row: Wearer, expected_interval_s: int) -> int:
        """Return the number of a new wearer."""
        number = self._ids[row.subject, row.device] = len(self.rows)
        self.rows.append(row)
        if number == len(self.last_ms):
            self._make(2 * number)
        self.received_ms[number] = row.known_ms
        self.kind[number] = KINDS.index(row.kind)
        self.is_protected[number] = row.is_protected
        self.expected_interval_ms[number] = expected_interval_s * 1_000
        return number

    def _found(self, party: Party) -> int:
        number = self._ids.get((subject_of(party), party.device), UNKNOWN)
        if number != UNKNOWN:
            # The intake gives the same object for the same party.
            if len(self._parties) > _OBJECTS_MAX + 4 * len(self.rows):
                self._parties = Addresses()
            self._parties.add(party, number)
        return number

    def saw(self, wearer: IntArray, time_ms: IntArray, received_ms: IntArray) -> None:
        """Note reports: their fix times and when they came."""
        np.maximum.at(self.last_ms, wearer, time_ms)
        np.maximum.at(self.received_ms, wearer, received_ms)

    def unheard_since(self, time_ms: int, received_ms: int) -> BoolArray:
        """Return of whom no later fix time is known and nothing came later, shape (w,).

        Args:
            time_ms: Fix time.
            received_ms: Our clock.
        """
        size = len(self.rows)
        unheard: BoolArray = self.last_ms[:size] < time_ms
        unheard &= self.received_ms[:size] < received_ms
        return unheard

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        size = len(self.rows)
        return {"rows": self.rows} | {n: c[:size].tobytes() for n, c in self._columns.items()}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self.rows = msgspec.convert(stored["rows"], list[Wearer])
        self._ids = {(row.subject, row.device): number for number, row in enumerate(self.rows)}
        self._parties, self._asked = Addresses(), ((), np.empty(0, np.int64), 0)
        self._columns = {}
        self._make(max(64, 2 * len(self.rows)))
        for name, column in self._columns.items():
            column[: len(self.rows)] = np.frombuffer(stored[name], column.dtype)

    def _make(self, size: int) -> None:
        for name, dtype, fresh in (
            ("last_ms", np.int64, NEVER_MS),
            ("received_ms", np.int64, NEVER_MS),
            ("kind", np.int64, 0),
            ("is_protected", np.bool_, False),
            ("expected_interval_ms", np.int64, 0),
        ):
            grown = np.full(size, fresh, dtype)
            held = self._columns.get(name, grown[:0])
            grown[: len(held)] = held
            self._columns[name] = grown

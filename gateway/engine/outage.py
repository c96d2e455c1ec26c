"""Outages of the network: many devices of one organisation quiet at once are one fact.

It depends on when things arrive, by nature. While it lasts no silence of the organisation begins,
and afterwards its devices have as long to be heard again as a silence takes; a gap in fix time that
is still there when reports come again is found by those reports.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from gateway.engine.episode import SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding
from gateway.engine.rules.outage import OUTAGE
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY
from gateway.engine.stretch import NEVER_MS
from gateway.engine.watch import Watch
from gateway.engine.wearers import KINDS, Wearers
from geofence.arrays import BoolArray, IntArray

_ASKED: Final = np.array([kind in OUTAGE.kinds for kind in KINDS])
_WHOLE_PCT: Final = 100


class _Quiet(NamedTuple):
    """How many devices of an organisation are quiet, of how many, and since when all of them."""

    quiet: int
    watched: int
    since_ms: int


class Outages:
    """Raises and ends outages, and excuses the devices that they cover."""

    def __init__(
        self,
        book: EpisodeBook,
        wearers: Wearers,
        settings: Settings,
        is_silent: Callable[[IntArray], BoolArray],
    ) -> None:
        """Work on the given parts of the engine's state.

        Args:
            book: Where outages stand.
            wearers: Who is heard when.
            settings: The parameters.
            is_silent: Which wearers' silence has been told already.
        """
        self._book = book
        self._wearers = wearers
        self._settings = settings
        self._is_silent = is_silent
        self._orgs: list[str] = []
        self._numbers: dict[str, int] = {}
        self._org = np.empty(0, np.int64)

    def use(self, watch: Watch) -> None:
        """Watch people by another directory from now on."""
        self._watch = watch

    def due(self, at_ms: int) -> bool:
        """Return whether an outage begins or ends at `at_ms`."""
        out = self._out(at_ms)
        return any((org in out) != self._is_open(org) for org in self._orgs)

    def tick(self, at_ms: int) -> list[Finding]:
        """Return the outages that begin and end at `at_ms`."""
        out, found = self._out(at_ms), []
        for org in self._orgs:
            is_open, quiet = self._is_open(org), out.get(org)
            limits = self._settings.of_person("", at_ms)
            if is_open and quiet is None:
                change = self._book.end(self._slot(org), at_ms, at_ms, late=False)
                found.append(Finding(change, org, limits))
            elif quiet is not None and not is_open:
                slot = self._slot(org)
                change = self._book.begin(slot, quiet.since_ms, at_ms, late=False)
                facts = {"devices_quiet": quiet.quiet, "devices_watched": quiet.watched}
                found.append(Finding(change, org, limits, facts))
        return found

    def excused_ms(self, at_ms: int) -> IntArray:
        """Return until when each wearer's quiet is put down to an outage, shape (w,).

        `at_ms` while the outage lasts, its end afterwards, NEVER_MS without one.
        """
        self._grow()
        until_ms = np.full(len(self._orgs), NEVER_MS)
        for number, org in enumerate(self._orgs):
            slot = self._book.find(_key(org))
            episodes = self._book.standing(slot) if slot is not None else []
            if episodes:
                end_ms = episodes[-1].end_ms
                until_ms[number] = at_ms if end_ms is None else end_ms
        return until_ms[self._org]

    def _out(self, at_ms: int) -> dict[str, _Quiet]:
        self._grow()
        size = len(self._org)
        if not size:
            return {}
        self._watch.grow(self._wearers.rows)
        since_ms = self._watch.since_ms(at_ms)
        everybody = np.arange(size)
        # Whose silence has been told is a case of its own and no part of what happens now.
        watched = (since_ms != NEVER_MS) & _ASKED[self._wearers.kind[:size]]
        watched &= ~self._is_silent(everybody)
        heard_ms = np.maximum(self._wearers.last_ms[:size], self._wearers.received_ms[:size])
        heard_ms = np.maximum(heard_ms, since_ms)
        limits = self._settings.limits(everybody, np.full(size, at_ms))
        quiet = watched & (at_ms - heard_ms > limits.ms("outage_s"))
        of_all = np.bincount(self._org[watched], minlength=len(self._orgs))
        of_quiet = np.bincount(self._org[quiet], minlength=len(self._orgs))
        of_orgs = self._settings.of_person("", at_ms)
        is_out = of_quiet >= of_orgs["outage_devices"]
        is_out &= _WHOLE_PCT * of_quiet >= of_orgs["outage_share_pct"] * of_all
        return {
            self._orgs[number]: _Quiet(
                int(of_quiet[number]),
                int(of_all[number]),
                int(heard_ms[quiet & (self._org == number)].max()),
            )
            for number in np.flatnonzero(is_out).tolist()
        }

    def _is_open(self, org: str) -> bool:
        slot = self._book.find(_key(org))
        return slot is not None and bool(self._book.are_open(np.array([slot]))[0])

    def _slot(self, org: str) -> int:
        return self._book.slot(_key(org), NOBODY)

    def _grow(self) -> None:
        held, rows = len(self._org), self._wearers.rows
        if held < len(rows):
            new: Any = [self._number(row.org) for row in rows[held:]]
            self._org = np.concatenate([self._org, np.array(new, np.int64)])

    def _number(self, org: str) -> int:
        number = self._numbers.setdefault(org, len(self._orgs))
        if number == len(self._orgs):
            self._orgs.append(org)
        return number


def _key(org: str) -> SlotKey:
    return SlotKey(OUTAGE.name, "", "", org)

"""Gatherings in the engine: once a minute of journal time, over everybody's newest fix."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.encounters.crowd import GatheringLimits, Whereabouts
from gateway.engine.encounters.gathering import GatheringChange, Gatherings
from gateway.engine.episode import SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding, Orgs
from gateway.engine.memory import RuleMemory
from gateway.engine.placing.placement import Placement
from gateway.engine.rules.gathering import GATHERING
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY
from gateway.engine.wearers import Wearers
from gateway.parameters import Parameters
from geofence.probability import floored_accuracy_mm

_MINUTE_MS: Final = 60_000
_MS_PER_S: Final = 1_000
_TARGET_BYTES: Final = 8


class Company:
    """Raises and ends the notices of gatherings. A person's number is that of a wearer."""

    def __init__(
        self, book: EpisodeBook, wearers: Wearers, settings: Settings, memory: RuleMemory
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._settings = settings
        self._memory = memory
        self._gatherings = Gatherings()
        self._minute = -1
        self._over: list[int] = []
        self._names: list[str] = []
        self._first: dict[str, int] = {}
        self._number = np.empty(0, np.int64)

    def use(self, directory: Directory, placement: Placement) -> None:
        """Put a directory in force."""
        self._directory = directory
        self._placement = placement
        self._orgs: Orgs | None = None

    def due(self, at_ms: int) -> bool:
        """Return whether a minute is over and enough people were seen lately to look at."""
        if at_ms // _MINUTE_MS <= self._minute:
            return False
        if len(self._gatherings):
            return True
        limits = self._settings.of_person("", at_ms)
        if not limits.whole("gathering_enabled"):
            return False
        last_ms = self._wearers.last_ms[: len(self._wearers)]
        lately = last_ms > at_ms - limits.whole("gathering_gap_s") * _MS_PER_S
        return int(np.count_nonzero(lately)) >= limits.whole("gathering_people")

    def tick(self, at_ms: int) -> list[Finding]:
        """Return the gatherings that begin and end at `at_ms`."""
        for slot in self._over:
            self._book.release(slot)
        self._over = []
        if not self.due(at_ms):
            return []
        self._minute = at_ms // _MINUTE_MS
        of_all = self._settings.of_person("", at_ms)
        limits = _limits(of_all)
        where = self._whereabouts(at_ms, limits) if of_all["gathering_enabled"] else Whereabouts()
        crowd = where.crowd(at_ms, limits, self._placement, self._names)
        changes = self._gatherings.step(crowd, at_ms, limits)
        return [self._finding(change, at_ms, of_all) for change in changes]

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        return {"gatherings": self._gatherings.dump(), "minute": self._minute, "over": self._over}

    def load(self, stored: Mapping[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._gatherings.load(stored["gatherings"])
        self._minute = stored["minute"]
        self._over = list(stored["over"])
        self._names, self._first, self._number = [], {}, np.empty(0, np.int64)

    def _whereabouts(self, at_ms: int, limits: GatheringLimits) -> Whereabouts:
        self._grow()
        fixes = self._memory.newest_fixes(len(self._names))
        time_ms = fixes["fix_ms"]
        wearer = np.flatnonzero((time_ms > at_ms - limits.gap_ms) & (time_ms <= at_ms))
        accuracy = self._settings.limits(wearer, time_ms[wearer])
        found = Whereabouts()
        found.saw(
            self._number[wearer],
            time_ms[wearer],
            fixes["fix_lon_e7"][wearer],
            fixes["fix_lat_e7"][wearer],
            floored_accuracy_mm(
                fixes["fix_accuracy_mm"][wearer].astype(np.int64),
                default_m=accuracy["accuracy_default_m"],
                floor_m=accuracy["accuracy_floor_m"],
            ),
        )
        return found

    def _grow(self) -> None:
        held = len(self._names)
        new = [row.subject for row in self._wearers.rows[held:]]
        if new:
            numbers = [self._first.setdefault(name, held + n) for n, name in enumerate(new)]
            self._names += new
            self._number = np.append(self._number, np.array(numbers, np.int64))

    def _finding(self, change: GatheringChange, at_ms: int, limits: Parameters) -> Finding:
        founders = self._named(change.founders)
        # The same founders may begin another one while this one goes on without them.
        named = "\0".join([str(change.begin_ms), *founders]).encode()
        digest = blake2b(named, digest_size=_TARGET_BYTES).hexdigest()
        slot = self._book.slot(SlotKey(GATHERING.name, "", "", digest), NOBODY)
        if change.end_ms is None:
            told = self._book.begin(slot, change.begin_ms, at_ms, late=False)
        else:
            told = self._book.end(slot, change.end_ms, at_ms, late=False)
            self._over.append(slot)
        record = {"founders": founders, "members": self._named(change.members)}
        org = self._org_of(founders, change.begin_ms)
        return Finding(told, org, limits, record=record)

    def _named(self, numbers: Sequence[int]) -> list[str]:
        return [self._wearers.rows[number].subject for number in numbers]

    def _org_of(self, founders: Sequence[str], time_ms: int) -> str:
        """Return the organisation that all of them are of, else the one above."""
        if self._orgs is None:
            self._orgs = Orgs(self._directory)
        found = {self._orgs.of(subject, time_ms) for subject in founders}
        return found.pop() if len(found) == 1 else self._directory.org


def _limits(parameters: Parameters) -> GatheringLimits:
    return GatheringLimits(
        parameters.whole("gathering_people"),
        parameters.whole("gathering_radius_m"),
        parameters.whole("gathering_s") * _MS_PER_S,
        parameters.whole("gathering_gap_s") * _MS_PER_S,
    )

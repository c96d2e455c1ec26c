"""Which parameters hold for whom and when: layers, classes, colours and sensitive periods.

A change of the rules themselves holds for reports from then on, by fix time: late ones from before
are judged by what held before. An era lasts from one change of the rules to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import msgspec
import numpy as np

from gateway.directory.compiled import Directory, SubjectVersion
from gateway.directory.layers import Period, RuleLayers
from gateway.directory.moment import FOREVER_MS
from gateway.engine.limits import Limits
from gateway.engine.stretch import NEVER_MS
from gateway.engine.wearers import Wearer
from gateway.parameters import Parameters, parameters_from
from geofence.arrays import IntArray

_ERAS_MAX: Final = 64
"""Changes of the rules that are remembered; a change a day for two months."""


class _Era:
    """One state of the rules, and what it says for each wearer.

    `from_ms` and `which` have a row per wearer and a column per stretch of time, FOREVER_MS where
    there are no more.
    """

    def __init__(self, begin_ms: int, layers: RuleLayers, periods: Sequence[Period]) -> None:
        self.begin_ms = begin_ms
        self.layers = layers
        self.periods = periods
        self.sets: list[Parameters] = []
        self._known: dict[frozenset[tuple[str, Any]], int] = {}
        # Apart from the sets of wearers: those are looked up for every report.
        self._of_people: dict[frozenset[tuple[str, Any]], Parameters] = {}
        self._most: dict[str, int] = {}
        self.clear()

    def clear(self) -> None:
        self.from_ms = np.empty((0, 1), np.int64)
        self.which = np.empty((0, 1), np.int64)

    def add(self, wearers: Sequence[Wearer], directory: Directory) -> None:
        found = [self._stretches(wearer, directory) for wearer in wearers]
        width = max([self.from_ms.shape[1], *map(len, found)])
        from_ms = np.full((len(found), width), FOREVER_MS)
        which = np.zeros((len(found), width), np.int64)
        for row, stretches in enumerate(found):
            from_ms[row, : len(stretches)] = [begin for begin, _ in stretches]
            which[row, : len(stretches)] = [number for _, number in stretches]
        more = width - self.from_ms.shape[1]
        held = np.pad(self.from_ms, ((0, 0), (0, more)), constant_values=FOREVER_MS)
        self.from_ms = np.concatenate([held, from_ms])
        self.which = np.concatenate([np.pad(self.which, ((0, 0), (0, more))), which])

    def grow(self, wearers: Sequence[Wearer], directory: Directory) -> None:
        held = len(self.from_ms)
        if held < len(wearers):
            self.add(wearers[held:], directory)

    def lookup(self, wearer: IntArray, time_ms: IntArray) -> IntArray:
        if self.from_ms.shape[1] == 1:
            first: IntArray = self.which[wearer, 0]
            return first
        column = (self.from_ms[wearer] <= time_ms[:, None]).sum(axis=1) - 1
        found: IntArray = self.which[wearer, np.maximum(column, 0)]
        return found

    def most(self, name: str) -> int:
        found = self._most.get(name)
        if found is None:
            base, on = parameters_from(self.layers.base).whole(name), self.layers
            tables = on.kinds, on.device_classes, on.classes, on.colours
            layers = [layer for table in tables for layer in table.values()]
            layers += [period.parameters for period in self.periods]
            found = self._most[name] = max([base, *(int(one.get(name, base)) for one in layers)])
        return found

    def of_person(self, version: SubjectVersion | None, time_ms: int) -> Parameters:
        running = [p for p in self.periods if p.valid_from_ms <= time_ms < p.valid_to_ms]
        overrides = self.layers.overrides(
            supervision_class=version.supervision_class if version else None,
            colour=version.colour if version else None,
            periods=running,
        )
        key = frozenset(overrides.items())
        found = self._of_people.get(key)
        if found is None:
            found = self._of_people[key] = parameters_from(overrides)
        return found

    def _stretches(self, wearer: Wearer, directory: Directory) -> list[tuple[int, int]]:
        versions = directory.subjects.get(wearer.subject, ())
        bounds = {NEVER_MS}
        for valid in (*versions, *self.periods):
            bounds |= {valid.valid_from_ms, valid.valid_to_ms}
        device = directory.devices.get(wearer.device)
        found: list[tuple[int, int]] = []
        for begin_ms in sorted(bounds):
            subject = directory.subject_at(wearer.subject, begin_ms)
            number = self._number(
                self.layers.overrides(
                    kind=wearer.kind,
                    device_class=device.device_class if device else None,
                    supervision_class=subject.supervision_class if subject else None,
                    colour=subject.colour if subject else None,
                    periods=[
                        p for p in self.periods if p.valid_from_ms <= begin_ms < p.valid_to_ms
                    ],
                )
            )
            if not found or found[-1][1] != number:
                found.append((begin_ms, number))
        return found

    def _number(self, overrides: Mapping[str, Any]) -> int:
        key = frozenset(overrides.items())
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.sets)
            self.sets.append(parameters_from(overrides))
        return number


class Settings:
    """The parameters by wearer and time."""

    def __init__(self) -> None:
        """Start without any rules; `use` brings them."""
        self._eras: list[_Era] = []
        self._wearers: Sequence[Wearer] = ()
        self._one: tuple[tuple[Parameters, int] | None, Limits] = (
            None,
            Limits((), np.empty(0, int)),
        )

    def use(self, directory: Directory, wearers: Sequence[Wearer], at_ms: int) -> None:
        """Put a directory in force at journal time `at_ms`."""
        self._directory = directory
        rules = directory.rule_layers, directory.periods
        newest = self._eras[-1] if self._eras else None
        if newest is None or (newest.layers, newest.periods) != rules:
            begin_ms = at_ms if self._eras else NEVER_MS
            self._eras = [*self._eras[1 - _ERAS_MAX :], _Era(begin_ms, *rules)]
        for era in self._eras:
            era.clear()
        self.grow(wearers)

    def grow(self, wearers: Sequence[Wearer]) -> None:
        """Take the wearers that are new since the last call."""
        self._wearers = wearers
        # Of the others nothing is worked out before late data asks for it.
        self._eras[-1].grow(wearers, self._directory)

    def limits(self, wearer: IntArray, time_ms: IntArray) -> Limits:
        """Return the parameters of rows.

        Args:
            wearer: Wearer of each row, shape (n,).
            time_ms: Its fix time.
        """
        newest = self._eras[-1]
        is_before = time_ms < newest.begin_ms
        if not is_before.any():
            return self._limits_of(newest, wearer, time_ms)
        which, before = newest.lookup(wearer, time_ms), np.flatnonzero(is_before)
        sets = list(newest.sets)
        begin_ms = np.array([era.begin_ms for era in self._eras[1:]])
        # What is older than all that is remembered is judged by the oldest.
        held = np.searchsorted(begin_ms, time_ms[before], side="right")
        for number in np.unique(held).tolist():
            rows, era = before[held == number], self._eras[number]
            era.grow(self._wearers, self._directory)
            which[rows] = era.lookup(wearer[rows], time_ms[rows]) + len(sets)
            sets += era.sets
        return Limits(sets, which)

    def _limits_of(self, era: _Era, wearer: IntArray, time_ms: IntArray) -> Limits:
        if len(era.sets) != 1:
            return Limits(era.sets, era.lookup(wearer, time_ms))
        # One set for everybody: all stretches of a length have the same.
        key = era.sets[0], len(wearer)
        if key != self._one[0]:
            self._one = key, Limits(era.sets, np.zeros(len(wearer), np.int64))
        return self._one[1]

    def most(self, name: str) -> int:
        """Return what a whole parameter is at most, for anybody at any time."""
        return max(era.most(name) for era in self._eras)

    def of_person(self, subject: str, time_ms: int) -> Parameters:
        """Return the parameters that hold for a person, whatever the device; "": for nobody."""
        era = next((e for e in reversed(self._eras) if e.begin_ms <= time_ms), self._eras[0])
        return era.of_person(self._directory.subject_at(subject, time_ms), time_ms)

    def dump(self) -> list[Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        return [
            [era.begin_ms, asdict(era.layers), [asdict(period) for period in era.periods]]
            for era in self._eras
        ]

    def load(self, stored: Sequence[Any], directory: Directory, wearers: Sequence[Wearer]) -> None:
        """Replace everything by what `dump` returned; `directory` is the one in force."""
        self._directory = directory
        self._eras = [
            _Era(begin_ms, msgspec.convert(layers, RuleLayers), msgspec.convert(ps, list[Period]))
            for begin_ms, layers, ps in stored
        ]
        self.grow(wearers)

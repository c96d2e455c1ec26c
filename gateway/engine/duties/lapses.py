"""Notices of what is about to end: by the directory and the passing of time alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.directory.compiled import Binding, Directory, Lapse
from gateway.engine.episode import SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding, Orgs
from gateway.engine.rules.lapse import LAPSE
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY

_MS_PER_H: Final = 3_600_000
_NEVER_MS: Final = 1 << 62

_Who = tuple[str, str]
"""Subject, and kind and id of what lapses."""


@dataclass(frozen=True, slots=True)
class _Notice:
    who: _Who
    from_ms: int
    lapse: Lapse


class Lapses:
    """Raises and ends the notices."""

    def __init__(self, book: EpisodeBook, settings: Settings) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._settings = settings
        self._until_ms: dict[_Who, int] = {}
        """The end that each open notice is about."""
        self._next_ms = -_NEVER_MS

    def use(self, directory: Directory) -> None:
        """Put a directory in force."""
        self._directory = directory
        self._orgs = Orgs(directory)
        worn = _worn(directory)
        self._notices = [
            self._notice(lapse, worn)
            for lapse in directory.lapses
            if not _is_continued(lapse, directory, worn)
        ]

    def learn(self) -> None:
        """Look again at the next tick: what is open may be about something that is no longer so."""
        self._next_ms = -_NEVER_MS

    def due(self, at_ms: int) -> bool:
        """Return whether `tick` would do anything."""
        return at_ms >= self._next_ms

    def tick(self, at_ms: int) -> list[Finding]:
        """Return what begins and ends by `at_ms`."""
        if not self.due(at_ms):
            return []
        wanted: dict[_Who, _Notice] = {}
        for notice in self._notices:
            if notice.from_ms <= at_ms < notice.lapse.valid_to_ms:
                wanted.setdefault(notice.who, notice)
        found = []
        for who, until_ms in list(self._until_ms.items()):
            if who not in wanted or wanted[who].lapse.valid_to_ms != until_ms:
                found.append(self._end(who, at_ms))
        found += [self._begin(n, at_ms) for who, n in wanted.items() if who not in self._until_ms]
        bounds = (ms for n in self._notices for ms in (n.from_ms, n.lapse.valid_to_ms))
        self._next_ms = min((ms for ms in bounds if ms > at_ms), default=_NEVER_MS)
        return found

    def prune(self) -> None:
        """Let go of the slots of notices that have ended for so long that none is kept."""
        for slot, key in enumerate(self._book.keys):
            if key.rule == LAPSE.name and not self._book.standing(slot):
                self._book.release(slot)

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        until_ms = [[*who, until_ms] for who, until_ms in self._until_ms.items()]
        return {"until_ms": until_ms, "next_ms": self._next_ms}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._until_ms = {(who, what): until_ms for who, what, until_ms in stored["until_ms"]}
        self._next_ms = stored["next_ms"]

    def _notice(self, lapse: Lapse, worn: Mapping[str, list[Binding]]) -> _Notice:
        limits = self._settings.of_person(lapse.subject, lapse.valid_to_ms)
        from_ms = lapse.valid_to_ms - limits.whole("lapse_notice_h") * _MS_PER_H
        from_ms = max(from_ms, _begin_ms(lapse, self._directory, worn))
        return _Notice((lapse.subject, f"{lapse.kind}/{lapse.lapse}"), from_ms, lapse)

    def _slot(self, who: _Who) -> int:
        subject, what = who
        return self._book.slot(SlotKey(LAPSE.name, subject, "", what), NOBODY)

    def _begin(self, notice: _Notice, at_ms: int) -> Finding:
        lapse = notice.lapse
        self._until_ms[notice.who] = lapse.valid_to_ms
        change = self._book.begin(self._slot(notice.who), notice.from_ms, at_ms, late=False)
        return Finding(
            change,
            self._orgs.of(lapse.subject, at_ms),
            self._settings.of_person(lapse.subject, lapse.valid_to_ms),
            {"kind": lapse.kind, "lapse": lapse.lapse, "valid_to_ms": lapse.valid_to_ms},
        )

    def _end(self, who: _Who, at_ms: int) -> Finding:
        slot, until_ms = self._slot(who), self._until_ms.pop(who)
        end_ms = max(min(until_ms, at_ms), self._book.standing(slot)[-1].begin_ms)
        change = self._book.end(
            slot,
            end_ms,
            end_ms,
            late=False,
            ended_by="date" if until_ms <= at_ms else "directory",
        )
        limits = self._settings.of_person(who[0], until_ms)
        return Finding(change, self._orgs.of(who[0], at_ms), limits)


def _worn(directory: Directory) -> dict[str, list[Binding]]:
    worn: dict[str, list[Binding]] = {}
    for bindings in directory.bindings.values():
        for binding in bindings:
            if binding.holder_kind == "subject":
                worn.setdefault(binding.holder, []).append(binding)
    return worn


def _is_continued(lapse: Lapse, directory: Directory, worn: Mapping[str, list[Binding]]) -> bool:
    """Return whether another order, leave or device goes on where this one ends."""
    subject, end_ms = lapse.subject, lapse.valid_to_ms
    if lapse.kind == "order":
        return directory.is_ordered(subject, end_ms)
    following = directory.leaves if lapse.kind == "leave" else worn
    if lapse.kind == "permit":
        return False
    return any(v.valid_from_ms <= end_ms < v.valid_to_ms for v in following.get(subject, ()))


def _begin_ms(lapse: Lapse, directory: Directory, worn: Mapping[str, list[Binding]]) -> int:
    """Return when what lapses began: before that nobody need be told."""
    if lapse.kind == "leave":
        leaves = directory.leaves.get(lapse.subject, ())
        return max((v.valid_from_ms for v in leaves if v.leave == lapse.lapse), default=0)
    if lapse.kind == "binding":
        ending = (v for v in worn.get(lapse.subject, ()) if v.valid_to_ms == lapse.valid_to_ms)
        return max((v.valid_from_ms for v in ending), default=0)
    return 0

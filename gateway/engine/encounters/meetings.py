"""The no-contact orders in the engine, live and late.

Live reports go on from where a pair stands; late ones have its minutes judged again from what is
kept of both. A pair is nobody's slot: the reports of two people decide it, whatever they wear.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.encounters.contact import (
    ContactLimits,
    Contacts,
    ContactState,
    Terms,
    advance,
    fresh_state,
    moved_state,
    no_contact,
)
from gateway.engine.encounters.duties import Duties
from gateway.engine.encounters.footage import Footage
from gateway.engine.encounters.sightings import BUCKET_MS, Sightings
from gateway.engine.episode import EpisodeChange, Observations, SlotKey, Stretched
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding, Orgs
from gateway.engine.ground import Grounds
from gateway.engine.history.block import Interval
from gateway.engine.history.history import History
from gateway.engine.limits import Limits
from gateway.engine.rules.no_contact import NO_CONTACT
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY
from gateway.engine.stretch import Table
from gateway.engine.wearers import Wearers
from geofence.arrays import BoolArray, IntArray
from geofence.transition import Persistence

_LOOK_BACK: Final = (30, 120, 480, 1_920, 1 << 40)
"""Minutes before the first late one in which a pair is looked for at rest, the shortest first."""

_MM_PER_M: Final = 1_000
_MS_PER_S: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Again:
    """What is judged again of a pair.

    Attributes:
        contacts: The decisions.
        through_ms: What ended by then stays as it is.
        opened_ms: Begin of the episode that was open then, or None.
    """

    contacts: Contacts
    through_ms: int
    opened_ms: int | None


class Meetings:
    """Raises and ends the alerts of the no-contact orders."""

    def __init__(
        self, book: EpisodeBook, wearers: Wearers, settings: Settings, history: History
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._settings = settings
        self._history = history
        self._duties: Duties | None = None

    def use(self, directory: Directory, grounds: Grounds) -> None:
        """Put a directory in force."""
        duties, before = Duties(directory), self._duties
        if before is None:
            self._state = fresh_state(duties)
        else:
            self._state = moved_state(self._state, before, duties)
        self._duties, self._directory, self._grounds = duties, directory, grounds
        self._orgs = Orgs(directory) if len(duties) else None
        self._footage = Footage(duties, self._wearers, self._settings, self._history)
        self._number = {asked.target: duty for duty, asked in enumerate(duties.questions)}
        keys = [_key(duties, duty) for duty in range(len(duties))]
        self._has_slot = np.array([self._book.find(key) is not None for key in keys], np.bool_)

    def saw(self, wearer: IntArray, rows: Table, at_ms: int) -> list[Finding]:
        """Judge reports that the history has already.

        Args:
            wearer: Whose each is, shape (n,).
            rows: ROW_COLUMNS, in any order.
            at_ms: Journal time.
        """
        duties = self._in_force()
        if not len(duties):
            return []
        self._footage.grow()
        fresh = self._footage.seen(wearer, rows)
        if not len(fresh):
            return []
        terms = self._terms()
        self._state, contacts, late = advance(duties, self._state, fresh, terms)
        if len(late):
            contacts = contacts.take(~np.isin(contacts.duty, late))
        found = self._go_on(duties, contacts)
        for duty in late.tolist():
            found += self._again(duties, duty, _first_bucket(duties, duty, fresh), at_ms)
        return found

    def saw_late(self, late: Sequence[tuple[int, Table]], at_ms: int) -> list[Finding]:
        """Judge again what late reports, by wearer, fell into; the history has them already."""
        if not late or not len(self._in_force()):
            return []
        wearer = np.repeat([n for n, _ in late], [len(rows["seq"]) for _, rows in late])
        columns = ("fix_time_ms", "lon_e7", "lat_e7", "accuracy_mm")
        rows = {name: np.concatenate([table[name] for _, table in late]) for name in columns}
        return self.saw(wearer, rows, at_ms)

    def finding(self, change: EpisodeChange) -> Finding:
        """Return what is to be told of a change of a pair's episode."""
        key = self._book.keys[change.slot]
        orgs = self._orgs or Orgs(self._directory)
        org, begin_ms = orgs.of(key.subject, change.begin_ms), change.begin_ms
        duty = self._number.get(key.target)
        if duty is None:
            return Finding(change, org, self._settings.of_person(key.subject, begin_ms))
        self._footage.grow()
        limits = self._limits(np.array([duty]), np.array([begin_ms]))
        duties = self._in_force()
        record: dict[str, Any] = {
            "other": duties.others[duty],
            "other_kind": duties.kinds[duty],
            "limit_m": int(duties.distance_mm[duty]) / _MM_PER_M,
        }
        if change.change == "raised":
            stale_ms = self._settings.most("contact_stale_s") * _MS_PER_S
            first, last = begin_ms // BUCKET_MS, change.confirmed_ms // BUCKET_MS
            record["reports"] = self._footage.evidence(
                int(duties.first[duty]),
                begin_ms - stale_ms,
                self._measured(duties, duty, first, last + 1),
            )
        parameters = {name: limits[name][0].item() for name in NO_CONTACT.parameters}
        return Finding(change, org, parameters, record=record)

    def destroy_places(self, person: str, spans: Sequence[Interval]) -> None:
        """Forget where somebody was at some fix times [begin_ms, end_ms)."""
        number = self._in_force().people.find(person)
        if number is None:
            return
        seen = self._state.seen
        gone = np.zeros(len(seen), np.bool_)
        for begin_ms, end_ms in spans:
            gone |= (seen.time_ms >= begin_ms) & (seen.time_ms < end_ms)
        kept = seen.take(~(gone & (seen.subject == number)))
        self._state = ContactState(kept, self._state.judged)

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        seen = self._state.seen
        return {
            "seen": [getattr(seen, name).tobytes() for name in seen.__slots__],
            "judged": self._state.judged.tobytes(),
        }

    def load(self, stored: Mapping[str, Any]) -> None:
        """Replace everything by what `dump` returned, under the directory that was in force."""
        columns = [np.frombuffer(column, np.int64) for column in stored["seen"]]
        judged = np.frombuffer(stored["judged"], np.int64)
        self._state = ContactState(Sightings(*columns), judged)

    def _in_force(self) -> Duties:
        if self._duties is None:
            raise ValueError("no directory in force")
        return self._duties

    def _go_on(self, duties: Duties, contacts: Contacts) -> list[Finding]:
        """Advance pairs by minutes that are later than all that they have seen."""
        told = _told(duties, contacts)
        is_hot = self._has_slot.copy()
        is_hot[contacts.duty[told & (contacts.decision > 0)]] = True
        hot = told & is_hot[contacts.duty]
        if not hot.any():
            return []
        changes = self._book.advance(self._observed(duties, contacts.take(hot)))
        return [self.finding(change) for change in changes]

    def _again(self, duties: Duties, duty: int, first: int, at_ms: int) -> list[Finding]:
        """Judge a pair again because its minute `first` was seen late."""
        past = self._past(duties, duty, first)
        if not self._has_slot[duty] and not (past.contacts.decision > 0).any():
            return []
        slot = self._slot(duties, duty)
        self._book.lay_down(slot)
        episodes: list[Stretched] = []
        if past.opened_ms is not None:
            self._book.streaks.open(slot, past.opened_ms)
            episodes.append(Stretched(past.opened_ms, past.through_ms))
        seen = self._observed(duties, past.contacts)
        for _, begins, time_ms, row in self._book.streaks.fold(seen):
            decided_ms = int(seen.time_ms[row])
            if begins:
                episodes.append(Stretched(time_ms, decided_ms, row))
            elif episodes and episodes[-1].end_ms is None:
                episodes[-1].end_ms, episodes[-1].closed_ms = time_ms, decided_ms
        key = self._book.keys[slot]
        changes = self._book.reconcile(
            slot,
            episodes,
            past.through_ms,
            lambda _, begin_ms: self._grounds.of(key, begin_ms, at_ms),
        )
        return [self.finding(change) for change in changes]

    def _past(self, duties: Duties, duty: int, first: int) -> _Again:
        """Return what must be judged again: from where the pair was last known to be at rest."""
        for back in _LOOK_BACK:
            contacts = self._measured(duties, duty, first - back, int(self._state.judged[duty]))
            told = np.flatnonzero(_told(duties, contacts))
            rest = self._at_rest(contacts.take(told), first)
            if rest is not None:
                at_ms = int(contacts.time_ms[told[rest]])
                return _Again(contacts.take(told[rest + 1 :]), at_ms, None)
        buckets = (contacts.time_ms // BUCKET_MS).tolist()
        through_ms = min(first, *buckets[:1]) * BUCKET_MS - 1 if buckets else first * BUCKET_MS - 1
        return _Again(contacts.take(told), through_ms, self._opened_ms(duties, duty, through_ms))

    def _at_rest(self, told: Contacts, first: int) -> int | None:
        """Return the first row before a minute that ends whatever was open, None without one."""
        before = np.flatnonzero(told.time_ms // BUCKET_MS < first)
        if not len(before):
            return None
        broken = np.maximum.accumulate(np.where(told.decision[before] > 0, before, -1))
        needed = self._limits(told.duty, told.time_ms)["contact_clear_reports"][before]
        rests = np.flatnonzero(before - broken >= needed)
        return int(rests[0]) if len(rests) else None

    def _opened_ms(self, duties: Duties, duty: int, through_ms: int) -> int | None:
        slot = self._book.find(_key(duties, duty))
        for one in self._book.standing(slot) if slot is not None else ():
            is_open = one.closed_ms is None or one.closed_ms > through_ms
            if is_open and one.confirmed_ms <= through_ms:
                return one.begin_ms
        return None

    def _measured(self, duties: Duties, duty: int, from_bucket: int, to_bucket: int) -> Contacts:
        """Return the decisions of an order from what is kept of both people."""
        terms = self._terms()
        people = int(duties.first[duty]), int(duties.second[duty])
        return no_contact(
            duties,
            self._footage.kept(people, from_bucket * BUCKET_MS - terms.longest_stale_ms),
            terms,
            which=np.array([duty]),
            from_bucket=np.full(len(duties), from_bucket),
            to_bucket=np.full(len(duties), to_bucket),
        )

    def _observed(self, duties: Duties, contacts: Contacts) -> Observations:
        limits = self._limits(contacts.duty, contacts.time_ms)
        need = Persistence(
            limits["contact_reports"],
            limits.ms("contact_s"),
            limits["contact_clear_reports"],
            np.zeros(len(contacts.duty), np.int64),
        )
        numbers, which = np.unique(contacts.duty, return_inverse=True)
        slots = [self._slot(duties, duty) for duty in numbers.tolist()]
        slot = np.array(slots, np.int64)[which]
        order = np.argsort(slot, kind="stable")
        return Observations(
            slot[order], contacts.time_ms[order], contacts.decision[order], need.take(order)
        )

    def _slot(self, duties: Duties, duty: int) -> int:
        self._has_slot[duty] = True
        return self._book.slot(_key(duties, duty), NOBODY)

    def _terms(self) -> Terms:
        return Terms(self._limits_at, self._settings.most("contact_stale_s") * _MS_PER_S)

    def _limits(self, duty: IntArray, time_ms: IntArray) -> Limits:
        return self._settings.limits(self._footage.wearer_of_duty[duty], time_ms)

    def _limits_at(self, duty: IntArray, time_ms: IntArray) -> ContactLimits:
        limits = self._limits(duty, time_ms)
        return ContactLimits(
            limits.ms("contact_stale_s"),
            limits["contact_drift_mmps"],
            limits["violation_ppm"],
            limits["compliant_ppm"],
        )


def _key(duties: Duties, duty: int) -> SlotKey:
    asked = duties.questions[duty]
    return SlotKey(asked.rule, asked.subject, "", asked.target)


def _told(duties: Duties, contacts: Contacts) -> BoolArray:
    """Return which minutes decide; after the order its ground has ended, not the contact."""
    told: BoolArray = (contacts.decision != 0) & duties.hold(contacts.duty, contacts.time_ms)
    return told


def _first_bucket(duties: Duties, duty: int, seen: Sightings) -> int:
    mine = (seen.subject == duties.first[duty]) | (seen.subject == duties.second[duty])
    return int(seen.bucket[mine].min())

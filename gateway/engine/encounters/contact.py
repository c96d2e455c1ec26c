"""No-contact orders (禁止接触): how far two people are from each other, minute by minute.

A pair is judged in every minute in which one of them was seen, at the newest fix of both in it,
against the newest not later fix of the other one. A minute is judged once a later one has been
seen of either; what comes late is judged again from the history of both. Either way the decisions
are a function of the set of fixes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from gateway.columns import DEGREE_E7
from gateway.engine.encounters.duties import Duties
from gateway.engine.encounters.sightings import BUCKET_MS, NOBODY, Sightings, merged
from geofence.arrays import BoolArray, FloatArray, Int8Array, IntArray
from geofence.decision import decide
from geofence.kernel import spread
from geofence.moving import Track, separation

_MS_PER_S: Final = 1_000
_EVER_MS: Final = 1 << 62
_FIRST: Final = -(1 << 40)
"""A bucket before all others."""


@dataclass(frozen=True, slots=True)
class ContactLimits:
    """Parameters of orders at fix times, shape (k,) each: those of their subjects."""

    stale_ms: IntArray
    drift_mmps: IntArray
    violation_ppm: IntArray
    compliant_ppm: IntArray


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for whom and when.

    Attributes:
        at: Returns the parameters of orders at fix times, given both, shape (k,) each.
        longest_stale_ms: No stale limit is longer.
    """

    at: Callable[[IntArray, IntArray], ContactLimits]
    longest_stale_ms: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """Decisions, by order and time; shape (k,) each.

    Attributes:
        duty: The order.
        time_ms: Newest fix time of both in the minute.
        decision: +1 nearer than allowed, -1 not or no longer in force, 0 cannot tell.
        distance_mm: Between the two; -1 when the other was not seen lately.
        violation_ppm: Probability of being nearer than allowed, parts per million.
    """

    duty: IntArray
    time_ms: IntArray
    decision: Int8Array
    distance_mm: IntArray
    violation_ppm: IntArray

    def take(self, keep: IntArray | BoolArray) -> "Contacts":
        """Return some of them."""
        return Contacts(*(getattr(self, name)[keep] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class ContactState:
    """What is carried from one batch to the next.

    Attributes:
        seen: What a minute that is still open may need.
        judged: First bucket of each order that has not been judged, shape (d,).
    """

    seen: Sightings
    judged: IntArray


def fresh_state(duties: Duties) -> ContactState:
    """Return the state before anybody was seen."""
    return ContactState(NOBODY, np.full(len(duties), _FIRST))


def moved_state(state: ContactState, before: Duties, after: Duties) -> ContactState:
    """Return a state under a later directory; an order that is new has judged nothing yet."""
    number = np.array([after.people.find(who) for who in before.people.keys], np.float64)
    kept = ~np.isnan(number[state.seen.subject])
    seen = state.seen.take(kept)
    subject = number[seen.subject].astype(np.int64)
    order = np.argsort(subject, kind="stable")
    names = Sightings.__slots__[1:]
    columns = [getattr(seen, name)[order] for name in names]
    judged = dict(zip(before.questions, state.judged.tolist(), strict=True))
    return ContactState(
        Sightings(subject[order], *columns),
        np.array([judged.get(question, _FIRST) for question in after.questions], np.int64),
    )


def no_contact(
    duties: Duties,
    seen: Sightings,
    terms: Terms,
    *,
    which: IntArray | None = None,
    from_bucket: IntArray | None = None,
    to_bucket: IntArray | None = None,
) -> Contacts:
    """Return the decisions of all orders in all closed minutes.

    Args:
        duties: The orders.
        seen: Sightings of the people by `duties.people`, from the stale limit before the first
            minute that is asked about.
        terms: Parameters.
        which: Orders that are asked about, ascending; None: all.
        from_bucket: First bucket wanted of each order, shape (d,); None: all.
        to_bucket: The one after the last; None: those before the newest of either person.
    """
    duty, row, other = _looked_at(duties, seen, np.arange(len(duties)) if which is None else which)
    newest = _newest_bucket(duties, seen) if to_bucket is None else to_bucket
    bucket = seen.bucket[row]
    wanted = bucket < newest[duty]
    if from_bucket is not None:
        wanted &= bucket >= from_bucket[duty]
    duty, row, other = duty[wanted], row[wanted], other[wanted]
    # Of both people's fixes in one minute the newer one judges; of equal ones the subject's.
    order = np.lexsort((other == duties.first[duty], -seen.time_ms[row], seen.bucket[row], duty))
    duty, row, other = duty[order], row[order], other[order]
    opens = np.ones(len(duty), np.bool_)
    opens[1:] = (duty[1:] != duty[:-1]) | (seen.bucket[row[1:]] != seen.bucket[row[:-1]])
    return _decided(duties, seen, terms, (duty[opens], row[opens], other[opens]))


def advance(
    duties: Duties, state: ContactState, fresh: Sightings, terms: Terms
) -> tuple[ContactState, Contacts, IntArray]:
    """Judge the minutes that new sightings close.

    Args:
        duties: The orders.
        state: What was carried.
        fresh: New sightings.
        terms: Parameters.

    Returns:
        The new state; the decisions; the orders of which a judged minute got a sighting, which
        must be judged again by `no_contact` over the history of both, up to the new
        `state.judged`.
    """
    which, rows = _touched(duties, state.seen, fresh)
    seen = merged(state.seen.take(rows), fresh)
    newest = state.judged.copy()
    newest[which] = np.maximum(_newest_bucket(duties, seen)[which], newest[which])
    contacts = no_contact(
        duties, seen, terms, which=which, from_bucket=state.judged, to_bucket=newest
    )
    duty, row, _ = _looked_at(duties, fresh, which)
    late = np.unique(duty[fresh.bucket[row] < state.judged[duty]])
    kept = _needed(duties, seen, newest, terms)
    return ContactState(_side_by_side(state.seen.take(~rows), kept), newest), contacts, late


def _touched(duties: Duties, seen: Sightings, fresh: Sightings) -> tuple[IntArray, BoolArray]:
    """Return the orders that new sightings are of, and which of the old ones are of the same."""
    is_fresh, is_touched = np.zeros((2, len(duties.people)), np.bool_)
    is_fresh[fresh.subject] = True
    which = np.flatnonzero(is_fresh[duties.first] | is_fresh[duties.second])
    is_touched[duties.first[which]] = is_touched[duties.second[which]] = True
    is_touched |= is_fresh
    return which, is_touched[seen.subject]


def _side_by_side(one: Sightings, other: Sightings) -> Sightings:
    """Return the sightings of two lists that have nobody in common."""
    order = np.argsort(np.concatenate([one.subject, other.subject]), kind="stable")
    return Sightings(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])[order]
            for name in Sightings.__slots__
        )
    )


def _looked_at(
    duties: Duties, seen: Sightings, which: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return (order, sighting, the person it is held against) of every sighting in some orders."""
    who = np.concatenate([duties.first[which], duties.second[which]])
    other = np.concatenate([duties.second[which], duties.first[which]])
    first = np.searchsorted(seen.subject, who, side="left")
    count = np.searchsorted(seen.subject, who, side="right") - first
    row, _ = spread(first, count)
    return np.repeat(np.tile(which, 2), count), row, np.repeat(other, count)


def _newest_bucket(duties: Duties, seen: Sightings) -> IntArray:
    newest = np.full(len(duties.people), _FIRST)
    np.maximum.at(newest, seen.subject, seen.bucket)
    of_pair: IntArray = np.maximum(newest[duties.first], newest[duties.second])
    return of_pair


def _needed(duties: Duties, seen: Sightings, judged: IntArray, terms: Terms) -> Sightings:
    """Return the sightings that minutes which are not judged yet may still need."""
    need_ms = np.full(len(duties.people), _EVER_MS)
    since_ms = judged * BUCKET_MS - terms.longest_stale_ms
    np.minimum.at(need_ms, duties.first, since_ms)
    np.minimum.at(need_ms, duties.second, since_ms)
    return seen.take(seen.time_ms >= need_ms[seen.subject])


def _decided(
    duties: Duties,
    seen: Sightings,
    terms: Terms,
    asked: tuple[IntArray, IntArray, IntArray],
) -> Contacts:
    duty, row, other = asked
    lon_deg, lat_deg = seen.lon_e7 / DEGREE_E7, seen.lat_e7 / DEGREE_E7
    anchors = Track(seen.subject, seen.time_ms, lon_deg, lat_deg, seen.accuracy_mm)
    time_ms = seen.time_ms[row]
    fixes = Track(other, time_ms, lon_deg[row], lat_deg[row], seen.accuracy_mm[row])
    apart = separation(anchors, fixes, stale_ms=_EVER_MS)
    limits = terms.at(duty, time_ms)
    known = apart.known & (apart.age_ms <= limits.stale_ms)
    drift_mm: FloatArray = apart.age_ms * limits.drift_mmps / _MS_PER_S
    accuracy_mm = np.rint(np.sqrt(apart.accuracy_mm**2.0 + drift_mm**2)).astype(np.int64)
    limit_mm = duties.distance_mm[duty]
    said = decide(
        apart.distance_mm - limit_mm,
        np.maximum(accuracy_mm, 1),
        limit_mm,
        np.ones(len(duty), np.bool_),
        violation_ppm=limits.violation_ppm,
        compliant_ppm=limits.compliant_ppm,
    )
    decision = np.where(duties.hold(duty, time_ms), np.where(known, said.decision, 0), -1).astype(
        np.int8
    )
    return Contacts(
        duty,
        time_ms,
        decision,
        np.where(known, apart.distance_mm, -1),
        np.where(known, said.violation_ppm, 0),
    )

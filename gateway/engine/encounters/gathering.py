"""Gatherings: groups that stay together, with an identity that outlives who comes and goes.

A gathering is what has most of its people in common with what it was a minute ago. It is told once
people of as many households as it takes have been in it without a break for as long as it takes;
what names it are its founders: of each of those households the one who was there first. Who comes
later, or leaves while enough stay, does not change them.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from gateway.engine.encounters.crowd import Crowd, GatheringLimits


class Member(msgspec.Struct, array_like=True):
    """One person of a gathering: household, there since, last seen in it; milliseconds."""

    household: int
    since_ms: int
    seen_ms: int


class _Gathering(msgspec.Struct, array_like=True):
    members: dict[int, Member]
    founders: list[int]
    begin_ms: int


class GatheringChange(NamedTuple):
    """A gathering that was raised, or has ended.

    Attributes:
        founders: Numbers of the subjects that name it, ascending.
        members: Numbers of all who were in it when it changed, ascending.
        begin_ms: Since when as many as it takes were together.
        end_ms: Until when as many as it takes were together; None: it was raised.
    """

    founders: tuple[int, ...]
    members: tuple[int, ...]
    begin_ms: int
    end_ms: int | None


class Gatherings:
    """The gatherings there are, told or not."""

    def __init__(self) -> None:
        """Start without any."""
        self._held: dict[int, _Gathering] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._held)

    def step(self, crowd: Crowd, now_ms: int, limits: GatheringLimits) -> list[GatheringChange]:
        """Look at one minute and return what changed, in the order in which gatherings were met.

        Args:
            crowd: Who is near whom.
            now_ms: The minute, later than all before.
            limits: Parameters.
        """
        companies = _companies(crowd, limits.people)
        of = {subject: number for number, one in self._held.items() for subject in one.members}
        for number, company in self._matched(companies, of):
            self._join(number, company, of, now_ms)
        changes = []
        for number in list(self._held):
            change = self._age(number, now_ms, limits)
            if change is not None:
                changes.append(change)
        return changes

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"held": msgspec.to_builtins(self._held, str_keys=False), "next": self._next}

    def load(self, stored: Mapping[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._held = msgspec.convert(stored["held"], dict[int, _Gathering])
        self._next = stored["next"]

    def _matched(
        self, companies: list[dict[int, int]], of: Mapping[int, int]
    ) -> list[tuple[int, dict[int, int]]]:
        """Return the gathering that each company is; those with most in common come first."""
        claims = []
        for place, company in enumerate(companies):
            votes = Counter(of[subject] for subject in company if subject in of)
            claims += [(-count, number, place) for number, count in votes.items()]
        found: dict[int, int] = {}
        taken: set[int] = set()
        for _, number, place in sorted(claims):
            if place not in found and number not in taken:
                found[place] = number
                taken.add(number)
        out = []
        for place, company in enumerate(companies):
            number = found.get(place, self._next)
            if number == self._next:
                self._next += 1
                self._held[number] = _Gathering({}, [], 0)
            out.append((number, company))
        return out

    def _join(
        self, number: int, company: Mapping[int, int], of: Mapping[int, int], now_ms: int
    ) -> None:
        members = self._held[number].members
        for subject, household in company.items():
            before = of.get(subject, number)
            if before != number:
                self._held[before].members.pop(subject)
            known = members.get(subject)
            since_ms = now_ms if known is None else known.since_ms
            members[subject] = Member(household, since_ms, now_ms)

    def _age(self, number: int, now_ms: int, limits: GatheringLimits) -> GatheringChange | None:
        one = self._held[number]
        members = tuple(sorted(one.members))
        until_ms = _until_ms(one.members, limits.people)
        for subject in members:
            if one.members[subject].seen_ms <= now_ms - limits.gap_ms:
                del one.members[subject]
        if len({m.household for m in one.members.values()}) < limits.people:
            del self._held[number]
            if not one.founders:
                return None
            end_ms = max(until_ms, one.begin_ms)
            return GatheringChange(tuple(one.founders), members, one.begin_ms, end_ms)
        if one.founders:
            return None
        stayed = {
            s: m for s, m in one.members.items() if m.seen_ms - m.since_ms >= limits.lasting_ms
        }
        firsts = _first_of_households(stayed)[: limits.people]
        if len(firsts) < limits.people:
            return None
        begin_ms = stayed[firsts[-1]].since_ms
        one.founders, one.begin_ms = sorted(firsts), begin_ms
        return GatheringChange(tuple(one.founders), members, begin_ms, None)


def _companies(crowd: Crowd, people: int) -> list[dict[int, int]]:
    """Return household by subject of every group of enough households."""
    pairs = np.unique(np.column_stack([crowd.group, crowd.household]), axis=0)
    counted, households = np.unique(pairs[:, 0], return_counts=True)
    large = np.isin(crowd.group, counted[households >= people])
    out: dict[int, dict[int, int]] = {}
    rows = (crowd.group[large], crowd.subject[large], crowd.household[large])
    for group, subject, household in zip(*(row.tolist() for row in rows), strict=True):
        out.setdefault(group, {})[subject] = household
    return list(out.values())


def _first_of_households(members: Mapping[int, Member]) -> list[int]:
    """Return who was first of each household, the earliest first."""
    first: dict[int, int] = {}
    for subject in sorted(members, key=lambda s: (members[s].since_ms, s)):
        first.setdefault(members[subject].household, subject)
    return list(first.values())


def _until_ms(members: Mapping[int, Member], people: int) -> int:
    """Return until when as many households as it takes were seen; 0 when there are fewer."""
    seen: dict[int, int] = {}
    for member in members.values():
        seen[member.household] = max(seen.get(member.household, 0), member.seen_ms)
    times = sorted(seen.values(), reverse=True)
    return times[people - 1] if len(times) >= people else 0

"""Who is next: office, its lead, county, city. Pure.

The rota decides. Where it is empty, all who may handle alerts there are told and one of them is
assigned; where there is nobody, the level above is next at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from server.rota.on_duty import AbsencesOf, OnDuty, Post, present_until

OrgLevel = Literal["office", "county", "city", "province"]

OFFICE: Final = 0
LEAD: Final = 1
COUNTY: Final = 2
CITY: Final = 3
"""The last level; a province stands in where a city has nobody."""

MOST_TOLD: Final = 20
"""Most people who are told at once where there is no rota."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may handle alerts.

    Attributes:
        may_act: Neither disabled nor without a password.
    """

    login: str
    org_id: str
    role: str
    may_act: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has on the desk.

    Attributes:
        waiting: Alerts that wait for this person.
        last_at: When the newest was assigned; None: never.
    """

    waiting: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class World:
    """People as they stand at an instant.

    Attributes:
        chains: By organisation: it and those above it, the nearest first, with their levels.
        duty: On duty at each organisation.
        accounts: By login.
        staff: Logins of each organisation, in order.
        absences: By login.
        loads: By login; who is missing has none.
    """

    now: datetime
    chains: Mapping[str, Sequence[tuple[str, OrgLevel]]]
    duty: Mapping[str, Sequence[OnDuty]]
    accounts: Mapping[str, Account]
    staff: Mapping[str, Sequence[str]]
    absences: AbsencesOf
    loads: Mapping[str, Load] = field(default_factory=dict)

    def is_present(self, login: str) -> bool:
        """Return whether somebody has a working account and is not away."""
        account = self.accounts.get(login)
        if account is None or not account.may_act:
            return False
        return present_until(login, self.absences, self.now) != self.now

    def duty_of(self, login: str, org_id: str) -> OnDuty | None:
        """Return by which shift somebody stands at an organisation or above it, the longest."""
        standing = [
            one
            for org, _ in self.chains[org_id]
            for one in self.duty.get(org, ())
            if one.login == login
        ]
        return max(standing, key=lambda one: one.until, default=None)


@dataclass(frozen=True, slots=True)
class Station:
    """A place on an alert's way up; `post` None: whoever is on duty there."""

    level: int
    org_id: str
    post: Post | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom an alert goes to.

    Attributes:
        told: Everybody who is told, the assigned one first.
        until: When the assigned one's shift ends; None: not by the rota.
        empty: Places that had nobody and were passed over, the lead's aside.
    """

    level: int
    org_id: str
    login: str
    told: tuple[str, ...]
    until: datetime | None
    empty: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class Nobody:
    """The whole way up is empty."""

    empty: tuple[Station, ...]


def stations(chain: Sequence[tuple[str, OrgLevel]]) -> list[Station]:
    """Return an alert's way up from its own organisation."""
    found = []
    for org_id, level in chain:
        if level == "office":
            found += [Station(OFFICE, org_id, "officer"), Station(LEAD, org_id, "lead")]
        else:
            found.append(Station(COUNTY if level == "county" else CITY, org_id, None))
    return found


def plan(
    org_id: str, world: World, *, from_level: int, without: frozenset[str] = frozenset()
) -> Plan | Nobody:
    """Return who an alert of an organisation goes to, from a level on.

    Args:
        org_id: Whose alert it is.
        world: Who is there.
        from_level: The lowest level that is asked.
        without: Who had it and did not act.
    """
    empty: list[Station] = []
    for station in stations(world.chains[org_id]):
        if station.level < from_level:
            continue
        standing = _standing(station, world, without)
        if standing:
            chosen = least_loaded(standing, world.loads)
            until = {one.login: one.until for one in standing}[chosen]
            return Plan(station.level, station.org_id, chosen, (chosen,), until, tuple(empty))
        staff = _staff(station, world, without)
        if staff:
            chosen = least_loaded(staff, world.loads)
            told = (chosen, *(login for login in staff if login != chosen))[:MOST_TOLD]
            return Plan(station.level, station.org_id, chosen, told, None, tuple(empty))
        if station.post != "lead":
            empty.append(station)
    return Nobody(tuple(empty))


def least_loaded(people: Iterable[str | OnDuty], loads: Mapping[str, Load]) -> str:
    """Return who has the least to do, then who waits longest, then the first by login."""

    def rank(login: str) -> tuple[int, float, str]:
        load = loads.get(login, Load())
        return load.waiting, load.last_at.timestamp() if load.last_at else 0.0, login

    return min((one if isinstance(one, str) else one.login for one in people), key=rank)


def _standing(station: Station, world: World, without: frozenset[str]) -> list[OnDuty]:
    duty = [
        one
        for one in world.duty.get(station.org_id, ())
        if one.login not in without and world.is_present(one.login)
    ]
    if station.post is not None:
        return [one for one in duty if one.post == station.post]
    return [one for one in duty if one.post == "officer"] or duty


def _staff(station: Station, world: World, without: frozenset[str]) -> list[str]:
    """Who may handle where no rota says who does; nobody where another post is on duty."""
    on_post = any(world.is_present(one.login) for one in world.duty.get(station.org_id, ()))
    if on_post and station.post != "lead":
        return []
    return [
        login
        for login in world.staff.get(station.org_id, ())
        if login not in without
        and world.is_present(login)
        and (station.post != "lead" or world.accounts[login].role == "supervisor")
    ]

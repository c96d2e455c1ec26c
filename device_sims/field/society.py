"""What residents have in common: schools and justice offices, pairs kept apart, meetings, cells."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from device_sims.field.calendar_week import clock_s
from device_sims.field.charge import Span
from device_sims.field.population import Population, Resident
from device_sims.ground import XY, Circle, polar
from device_sims.homes import settle
from device_sims.roads import Roads
from device_sims.routine import HOUR_S, Routine
from device_sims.territory import COUNTY, OFFICES, office_id

CONTACT_M: Final = 200.0
"""How far a protected person or a co-offender is to be kept away from; assumed."""

SCHOOL_M: Final = 120.0
OFFICE_M: Final = 80.0

_SCHOOL_AWAY_M: Final = (300.0, 2_600.0)
_QUIET_M: Final = 300.0
"""Between a school's circle and where anybody usually stays: a routine dwells at no school."""

_ATTEMPTS: Final = 400
_SAMPLED_DAYS: Final = 14
_SAMPLE_S: Final = 1_800

_MEETINGS_PER_DAY: Final = 0.4
"""Per office; assumed."""

_CELLS_PER_DAY: Final = 0.4
_CELL_M: Final = 2_500.0
_CELL_S: Final = (2_100.0, 3_000.0)
"""About forty minutes; chance, size and length assumed."""

_TENTH: Final = 10
_WITH_PROTECTED: Final = 6
_CO_OFFENDER: Final = 5
_ON_LEAVE: Final = 2
"""By number modulo ten: who has somebody to keep away from, how far on a co-offender is, and who
takes leave (`device_sims.field.duties`)."""

MeetingKind = Literal["private", "official", "two"]
_MEETINGS: Final[tuple[tuple[float, MeetingKind], ...]] = (
    (0.5, "private"),
    (0.75, "official"),
    (1.0, "two"),
)


@dataclass(frozen=True)
class Site:
    """A place that matters to rules; at an official one people meet lawfully."""

    site: str
    kind: Literal["school", "office"]
    name: str
    circle: Circle
    office: int
    kiosk: str | None = None

    @property
    def is_official(self) -> bool:
        """Whether it is a justice office."""
        return self.kind == "office"


@dataclass(frozen=True)
class Protected:
    """Somebody whom a subject must not come near, with a device of their own."""

    name: str
    device: str
    org: str
    routine: Routine


@dataclass(frozen=True)
class Pair:
    """Two people who must keep apart; `other` is a protected person or the number of a resident."""

    pair: str
    subject: int
    other: Protected | int


@dataclass(frozen=True)
class Meeting:
    """Residents at one place in an evening."""

    kind: MeetingKind
    place: XY
    begin_s: float
    end_s: float
    members: tuple[int, ...]


@dataclass(frozen=True)
class CellOutage:
    """A disc in which nobody has a link for a while."""

    cell: str
    area: Circle
    span: Span


def goes_about(resident: Resident) -> bool:
    """Return whether somebody may go anywhere in the county, far from every border by habit."""
    return resident.situation == "usual" and resident.wearer.trait != "home"


class Society:
    """The residents of a population together; a function of (seed, size)."""

    def __init__(self, population: Population) -> None:
        """Take who lives here."""
        self.population = population
        self._dice = Dice(population.seed, "society")
        self.meetings = lru_cache(16)(self._meetings)
        self.outages = lru_cache(16)(self._outages)

    @property
    def roads(self) -> Roads:
        """The roads that everybody takes."""
        return self.population.roads

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """A justice office with a kiosk and a school in each town."""
        return (*self._offices(), *self._schools())

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Two in ten must avoid each other, one in ten a protected person."""
        found = []
        people = self.population.residents
        for index in range(len(people)):
            if index % _TENTH == 0 and index + _CO_OFFENDER < len(people):
                found.append(Pair(f"nc-{index + 1}", index, index + _CO_OFFENDER))
            if index % _TENTH == _WITH_PROTECTED:
                found.append(Pair(f"nc-{index + 1}", index, self._protected(index)))
        return tuple(found)

    def pairs_of(self, index: int) -> Iterator[Pair]:
        """Yield the pairs in which a resident is the one who must keep away."""
        return (pair for pair in self.pairs if pair.subject == index)

    def office_site(self, office: int) -> Site:
        """Return the justice office of a town."""
        return next(site for site in self.sites if site.is_official and site.office == office)

    def school(self, office: int) -> Site | None:
        """Return the school of a town, if there was a place for one."""
        schools = (s for s in self.sites if s.kind == "school" and s.office == office)
        return next(schools, None)

    def _offices(self) -> Iterator[Site]:
        for office, (name, _) in enumerate(OFFICES):
            place = polar(self.population.territory.town(office), 60.0, float(office))
            yield Site(
                site=f"st-office-{office + 1}",
                kind="office",
                name=f"{name}司法所",
                circle=Circle(place, OFFICE_M),
                office=office,
                kiosk=f"kd-{office + 1:06d}",
            )

    def _schools(self) -> Iterator[Site]:
        for office, (name, _) in enumerate(OFFICES):
            dice = Dice(self.population.seed, "school", office)
            town = self.population.territory.town(office)
            for attempt in range(_ATTEMPTS):
                away_m = dice.uniform(2 * attempt, *_SCHOOL_AWAY_M)
                at = polar(town, away_m, dice.uniform(2 * attempt + 1, 0.0, 2 * math.pi))
                if all(math.dist(at, place) > SCHOOL_M + _QUIET_M for place in self._haunts):
                    circle = Circle(at, SCHOOL_M)
                    yield Site(f"st-school-{office + 1}", "school", f"{name}小学", circle, office)
                    break

    @cached_property
    def _haunts(self) -> set[XY]:
        """Where anybody usually stays."""
        towns = {self.population.territory.town(office) for office in range(len(OFFICES))}
        times = range(0, _SAMPLED_DAYS * 24 * HOUR_S, _SAMPLE_S)
        for resident in self.population.residents:
            truths = (resident.wearer.routine.at(float(time_s)) for time_s in times)
            towns |= {truth.xy for truth in truths if truth.speed_mps == 0.0}
        return towns

    def _protected(self, index: int) -> Protected:
        population = self.population
        office = (population.residents[index].wearer.subject.office + 2) % len(OFFICES)
        where = (population.seed, population.territory, population.roads, 60_000 + index, office)
        number = index + 1
        return Protected(
            name=f"p-{number:06d}",
            device=f"pd-{number:06d}",
            org=office_id(office),
            routine=settle(*where, trait="plain").routine,
        )

    def _meetings(self, day: int) -> tuple[Meeting, ...]:
        found = (self._meeting(office, day) for office in range(len(OFFICES)))
        return tuple(meeting for meeting in found if meeting is not None)

    def _meeting(self, office: int, day: int) -> Meeting | None:
        dice = Dice(self._dice.bits(8 * day + office), "meeting")
        if not dice.chance(0, _MEETINGS_PER_DAY):
            return None
        share = dice.uniform(1)
        kind = next(kind for limit, kind in _MEETINGS if share < limit)
        size = 2 if kind == "two" else dice.integer(2, 3, 6)
        members = sorted(
            (
                index
                for index, resident in enumerate(self.population.residents)
                if resident.wearer.subject.office == office
                and goes_about(resident)
                and index % _TENTH != _ON_LEAVE  # who is away for days makes no appointments
            ),
            key=lambda index: dice.bits(100 + index),
        )[:size]
        if len(members) < min(size, 3):
            return None
        place = self.office_site(office).circle.centre
        if kind != "official":
            place = self._private_place(dice, office)
        begin_s = clock_s(day, 18.3 + dice.uniform(3, 0.0, 0.3))
        end_s = clock_s(day, 19.75 + dice.uniform(4, 0.0, 0.5))
        return Meeting(kind, place, begin_s, end_s, tuple(members))

    def _private_place(self, dice: Dice, office: int) -> XY:
        town = self.population.territory.town(office)
        for attempt in range(_ATTEMPTS):
            base = 1_000 + 2 * attempt
            place = polar(
                town, dice.uniform(base, 400.0, 1_500.0), dice.uniform(base + 1, 0.0, 2 * math.pi)
            )
            if all(math.dist(place, s.circle.centre) > s.circle.radius_m + 200 for s in self.sites):
                return place
        raise ScenarioError(f"no private place in town {office} with seed {self.population.seed}")

    def _outages(self, day: int) -> tuple[CellOutage, ...]:
        dice = Dice(self._dice.bits(-day - 1), "cell")
        if not dice.chance(0, _CELLS_PER_DAY):
            return ()
        office = dice.integer(1, 0, len(OFFICES) - 1)
        begin_s = clock_s(day, dice.uniform(2, 0.5, 22.0))
        area = Circle(self.population.territory.town(office), _CELL_M)
        span = (begin_s, begin_s + dice.uniform(3, *_CELL_S))
        return (CellOutage(f"cell-{COUNTY}-{office + 1}-{day}", area, span),)

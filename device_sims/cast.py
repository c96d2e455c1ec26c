"""Who plays: the county's subjects, those who wear a wristband, and the officers.

Everything but the numbers of people follows from the seed, person by person: the first wearers of a
county with 30 are the wearers of a county with 5.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from device_sims.ground import XY, Area
from device_sims.homes import Dwelling, Trait, settle, trait_of
from device_sims.names import person_name
from device_sims.roads import Roads
from device_sims.routine import Routine, patrol_days
from device_sims.terminal import Terminal, terminal_of
from device_sims.territory import COUNTY, OFFICES, Territory, office_id

Category = Literal["control", "probation", "parole", "medical"]

MAX_SUBJECTS: Final = 50_000
OFFICERS_PER_OFFICE: Final = 2
COUNTY_FENCE: Final = "f-county"

_ID_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 6
_CATEGORIES: Final[tuple[tuple[float, Category], ...]] = (
    (0.88, "probation"),
    (0.94, "parole"),
    (0.98, "medical"),
    (1.0, "control"),
)
"""Cumulated shares; assumed."""

_MINORS: Final = 0.05


@dataclass(frozen=True)
class Subject:
    """A supervised person's file, without dates."""

    index: int
    subject: str
    office: int
    name: str
    category: Category
    is_minor: bool
    public_credit: int
    """Public credit of 1,000: 97.9 % of adults have 800 to 850."""


@dataclass(frozen=True)
class SimFence:
    """A fence of one wearer, or of all."""

    fence: str
    name: str
    use: Literal["inclusion", "exclusion"]
    area: Area

    def is_violated(self, xy: XY) -> bool:
        """Return whether being there violates the fence."""
        return self.area.covers(xy) is (self.use == "exclusion")


@dataclass(frozen=True)
class Wearer:
    """A subject under a positioning order, and the device that is worn."""

    subject: Subject
    device: str
    trait: Trait
    dwelling: Dwelling
    fences: tuple[SimFence, ...]
    terminal: Terminal | None = None
    """What is worn instead of a wristband of ours."""

    @property
    def routine(self) -> Routine:
        """Return where the person is when nothing is wrong."""
        return self.dwelling.routine


@dataclass(frozen=True)
class Officer:
    """An officer with a phone, some with a recorder and a terminal that takes tasks."""

    login: str
    name: str
    office: int
    phone: str
    recorder: str | None
    terminal: str | None
    routine: Routine


class Cast:
    """Everybody of one county."""

    def __init__(self, seed: int, *, subjects: int, wearing: int, terminals: int = 0) -> None:
        """Take how many there are.

        Args:
            seed: Seed of the county.
            subjects: People under supervision.
            wearing: How many of them wear a positioning device.
            terminals: How many of those, the last ones, wear a terminal that speaks TCP.

        Raises:
            ScenarioError: The numbers do not go together.
        """
        if not 0 <= terminals <= wearing:
            raise ScenarioError(
                f"{terminals} terminals on {wearing} wearers: 0 <= terminals <= wearers"
            )
        if not 0 <= wearing <= subjects <= MAX_SUBJECTS:
            raise ScenarioError(
                f"{wearing} of {subjects} wearing: 0 <= wearing <= subjects <= {MAX_SUBJECTS}"
            )
        self.seed = seed
        self.territory = Territory(seed)
        self.roads = Roads(seed)
        self._size = subjects
        self._wearing = wearing
        self._wristbands = wearing - terminals

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Everybody under supervision; the wearers come first."""
        taken: set[str] = set()
        return tuple(self._subject(index, taken) for index in range(self._size))

    @cached_property
    def wearers(self) -> tuple[Wearer, ...]:
        """Those who wear a wristband, then those who wear a terminal."""
        return tuple(self._wearer(subject) for subject in self.subjects[: self._wearing])

    @cached_property
    def officers(self) -> tuple[Officer, ...]:
        """Two officers per office; the first of each carries a recorder and a terminal."""
        count = len(OFFICES) * OFFICERS_PER_OFFICE
        return tuple(self._officer(number) for number in range(count))

    @cached_property
    def county_fence(self) -> SimFence:
        """The county itself, which nobody under order may leave without approval."""
        return SimFence(COUNTY_FENCE, "青溪县县域", "inclusion", self.territory.boundary)

    def _subject(self, index: int, taken: set[str]) -> Subject:
        dice = Dice(self.seed, "subject", index)
        share = dice.uniform(0)
        return Subject(
            index=index,
            subject=_pseudonym(dice, taken),
            office=_office_of(index),
            name=person_name(dice, 16),
            category=next(name for limit, name in _CATEGORIES if share < limit),
            is_minor=dice.chance(1, _MINORS),
            public_credit=dice.integer(2, 800, 850),
        )

    def _wearer(self, subject: Subject) -> Wearer:
        dwelling = settle(self.seed, self.territory, self.roads, subject.index, subject.office)
        number = subject.index + 1
        nth = subject.index - self._wristbands
        own = [
            SimFence(f"f-home-{number}", "居住地活动范围", "inclusion", circle)
            for circle in dwelling.home_circles
        ]
        own += [
            SimFence(f"f-{kind}-{number}", f"禁止进入：{label}周边", "exclusion", circle)
            for (kind, label), circle in zip(_FORBIDDEN, dwelling.forbidden, strict=False)
        ]
        return Wearer(
            subject=subject,
            device=f"wb-{number:06d}" if nth < 0 else f"tm-{number:06d}",
            trait=trait_of(subject.index),
            dwelling=dwelling,
            fences=(self.county_fence, *own),
            terminal=None if nth < 0 else terminal_of(nth, number),
        )

    def _officer(self, number: int) -> Officer:
        office = number // OFFICERS_PER_OFFICE
        dice = Dice(self.seed, "officer", number)
        town = self.territory.town(office)
        home, *visits = (
            (town[0] + 900.0 * dice.normal(2 * k), town[1] + 900.0 * dice.normal(2 * k + 1))
            for k in range(8)
        )
        is_first = number % OFFICERS_PER_OFFICE == 0
        return Officer(
            login=f"{COUNTY}-officer-{number + 1:02d}",
            name=person_name(dice, 64),
            office=office,
            phone=f"ph-{number + 1:04d}",
            recorder=f"rc-{office + 1:04d}" if is_first else None,
            terminal=f"ot-{office + 1:04d}" if is_first else None,
            routine=Routine(dice, self.roads, home, patrol_days(town, tuple(visits), home)),
        )


_FORBIDDEN: Final = (("school", "学校"), ("victim", "被害人住所"))


def org_of(person: Subject | Officer) -> str:
    """Return the organisation id of a person's office."""
    return office_id(person.office)


def _office_of(index: int) -> int:
    if trait_of(index) == "border":
        return 1 + index // 5 % (len(OFFICES) - 1)
    return index % len(OFFICES)


def _pseudonym(dice: Dice, taken: set[str]) -> str:
    attempt = 1_000
    while True:
        letters = (dice.choice(attempt + k, _ID_LETTERS) for k in range(_ID_LENGTH))
        name = "s-" + "".join(letters)
        if name not in taken:
            taken.add(name)
            return name
        attempt += _ID_LENGTH

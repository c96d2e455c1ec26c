"""When a wristband has no link: spells of minutes, in hours in which its wearer plays nothing."""

from dataclasses import dataclass
from typing import Final

from device_sims.cast import Wearer
from device_sims.dice import Dice
from device_sims.script import BLOCK_S, Script

SPELL_PROBABILITY: Final = 0.2
"""Chance of a spell in a free hour. Wisconsin's 895 people lost the link 56,853 times in a month,
0.09 an hour and person; doubled, because only every second hour is free."""

SPELL_S: Final = (120.0, 720.0)
"""Shorter than what gateways call a silence."""

NEWEST_FIRST_PROBABILITY: Final = 0.4

_EARLIEST_S: Final = 1_500.0
"""Acts of the hour before may last until here."""

_FIRST_SPELL: Final = (60.0, 180.0)
"""Begin and length of the spell that every tenth wearer has at the start, for all to see."""


@dataclass(frozen=True)
class Spell:
    """A time without link, seconds since 1970 UTC.

    Attributes:
        begin_s: Begin.
        end_s: End; what was held back goes out then.
        is_newest_first: The device sends what it held back newest first.
    """

    begin_s: float
    end_s: float
    is_newest_first: bool


class Coverage:
    """The link of one wristband; a function of (seed, device, start)."""

    def __init__(self, seed: int, wearer: Wearer, script: Script) -> None:
        """Take whose link it is."""
        self._wearer = wearer
        self._script = script
        self._dice = Dice(seed, wearer.device, "coverage", round(script.start_s))

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell that a time is in, if any."""
        number = self._script.number(time_s)
        index = self._wearer.subject.index
        if number < 0 or (index + number) % 2 == 0:
            return None
        block_s = self._script.start_s + number * BLOCK_S
        base = number * 4
        if number == 0 and index % 10 == 1:
            begin_s, lasts_s = _FIRST_SPELL
        elif self._dice.chance(base, SPELL_PROBABILITY):
            lasts_s = self._dice.uniform(base + 1, *SPELL_S)
            begin_s = self._dice.uniform(base + 2, _EARLIEST_S, BLOCK_S - lasts_s)
        else:
            return None
        if not block_s + begin_s <= time_s < block_s + begin_s + lasts_s:
            return None
        is_newest_first = self._dice.chance(base + 3, NEWEST_FIRST_PROBABILITY)
        return Spell(block_s + begin_s, block_s + begin_s + lasts_s, is_newest_first)

"""What somebody does, or what befalls a device, apart from the routine: wrong, or nearly so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from device_sims.field.charge import Span
from device_sims.field.journey import Journey
from device_sims.ground import XY

PLACES: Final = ("inclusion", "exclusion", "curfew", "route", "leave_place", "leave_overdue")
_COMPANY: Final = ("no_contact", "gathering", "dwell")
_FALSE_POSITION: Final = ("teleport", "impossible_speed", "spoofing", "overconfident")

ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    # A false position truly looks like the violations of the place where it lies.
    "teleport": (*_FALSE_POSITION, "jamming", "unusual", *PLACES, *_COMPANY),
    "impossible_speed": (*_FALSE_POSITION, "jamming", "unusual", *PLACES, *_COMPANY),
    "spoofing": (*_FALSE_POSITION, "apart", "unusual", *PLACES, *_COMPANY),
    "overconfident": (*_FALSE_POSITION, "unusual", *PLACES, *_COMPANY),
    "datum_mistake": (*_FALSE_POSITION, "unusual", *PLACES, *_COMPANY),
    "duplicate_identity": (*_FALSE_POSITION, "clock_skew", "unusual", *PLACES, *_COMPANY),
    "frozen": ("spoofing", "apart", *PLACES, *_COMPANY),
    "jamming": ("position_lost", *_FALSE_POSITION, *PLACES),
    "position_lost": ("jamming",),
    "clock_skew": ("impossible_speed", "teleport", "duplicate_identity", "silence", "spoofing"),
    # A device that lies somewhere is where it must not be, or is off the skin.
    "apart": ("removed", "frozen", "unusual", *PLACES, *_COMPANY),
    "critical_battery": ("low_battery",),
    "charging_neglect": ("low_battery", "critical_battery"),
    "unusual": (),
    "leave_overdue": ("inclusion", "leave_place"),
    "leave_place": ("unusual",),
    "checkin_missed": ("checkin_late",),
    "checkin_late": ("checkin_missed",),
    "checkin_place": ("checkin_missed",),
    "checkin_no_match": ("checkin_missed",),
    "checkin_inconclusive": ("checkin_missed",),
    "checkin_replay": ("checkin_missed", "checkin_no_match"),
}
"""By rule, those whose alert about the same time is a consequence of the same thing."""


@dataclass(frozen=True)
class Deed:
    """Something that is played; begin and end are those of its label, seconds since 1970 UTC.

    Attributes:
        kind: Which variant.
        rule: The label that it has by itself; None: a near miss, or the label follows from where
            people truly are.
        begin_s: Begin.
        end_s: End.
        note: What happens, in words.
        dice: Whatever else is random about it.
        journey: Where the person goes meanwhile.
        left_at: Where the device lies meanwhile.
        target: Pair, site, check-in or leave that it is about.
    """

    kind: str
    rule: str | None
    begin_s: float
    end_s: float
    note: str
    dice: Dice
    journey: Journey | None = None
    left_at: XY | None = None
    target: str | None = None

    @property
    def span(self) -> Span:
        """From when to when it is played: a journey begins before and ends after its label."""
        if self.journey is None:
            return self.begin_s, self.end_s
        return min(self.begin_s, self.journey.begin_s), max(self.end_s, self.journey.end_s)


def is_free(span: Span, busy: Iterable[Span], *, margin_s: float = 0.0) -> bool:
    """Return whether a span keeps the margin to all others."""
    begin_s, end_s = span
    return not any(b < end_s + margin_s and begin_s - margin_s < e for b, e in busy)

"""What differs between watches, as data. A profile is chosen by name, never by a model's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware_protocols.errors import ProfileError

# Appendix I, "Device status": the high half-word are alarms. Bit 14 and the second bit of a fall
# (22) are of models that Traccar's users sent captures of.
_ALARMS: Final = {
    14: "power_cut",
    16: "sos",
    17: "low_battery",
    18: "fence_exit",
    19: "fence_enter",
    20: "removed",
    21: "fall",
    22: "fall",
}

_STATES: Final = {0: "low_battery", 1: "outside_fence", 2: "inside_fence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A device model's ways.

    Attributes:
        source: Where they are known from.
        tolerate_length: A wrong length field is taken and flagged; else it is refused.
        utc_offset_min: What its clock is ahead of UTC, minutes.
        alarms: Alarm by bit of the status word.
        states: State by bit of the status word; no alarms, except that a low battery is one.
        interval_s_min: The shortest reporting interval that it takes, seconds.
    """

    source: str
    tolerate_length: bool = True
    utc_offset_min: int = 0
    alarms: Mapping[int, str]
    states: Mapping[int, str]
    interval_s_min: int = 1


PROFILES: Final[dict[str, Profile]] = {
    "default": Profile(
        source="Traccar's captures of 3G, SG, CS and ZJ watches, 2015 to 2025",
        alarms=_ALARMS,
        states=_STATES,
    ),
    "strict": Profile(
        source="as default, for models whose length field is known to be right",
        tolerate_length=False,
        alarms=_ALARMS,
        states=_STATES,
    ),
    "4p-touch": Profile(
        source="4P-Touch, SeTracker server protocol of 2025-08-02: part II item 2, Appendix I",
        alarms=_ALARMS | {22: "heart_rate"},
        states=_STATES | {3: "watch_state", 4: "still"},
        interval_s_min=60,
    ),
    "beijing-time": Profile(
        source="as default, for firmware that ignores LZ and sends GMT+8",
        utc_offset_min=480,
        alarms=_ALARMS,
        states=_STATES,
    ),
}


def profile_named(name: str) -> Profile:
    """Return a profile; the empty name is "default".

    Raises:
        ProfileError: There is none of that name.
    """
    found = PROFILES.get(name or "default")
    if found is None:
        raise ProfileError(f"watch profile {name!r} is not one of {', '.join(PROFILES)}")
    return found

"""What differs between device models, as data. A profile is chosen by name in the directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware_protocols.errors import ProfileError
from firmware_protocols.jt808.items import STANDARD_ITEMS, Item
from firmware_protocols.jt808.location_words import STANDARD_ALARMS, STANDARD_STATES
from firmware_protocols.jt808.model_items import (
    AOVX_IDENTITY,
    CHARGE_E3,
    DOOR_ITEM,
    FIXED_TAIL,
    JC_EVENTS,
    STEPS_ITEM,
)
from firmware_protocols.jt808.vendor_items import BATTERY_ITEM, VENDOR_ITEMS
from firmware_protocols.message import Datum

BEIJING_MIN: Final = 480
"""Times are GMT+8 in the standard (JT/T 808-2019 clause 5)."""

_DEFAULT_ITEMS: Final = {**VENDOR_ITEMS, **STANDARD_ITEMS}


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """What a device model does.

    Attributes:
        name: As in the directory and `guitu decode --model`.
        source: Where this is known from.
        utc_offset_min: Offset of its clock from UTC, minutes.
        tolerate: "checksum" and "length" where the model's firmware gets them wrong.
        requires_auth: It must show its authentication code before anything else is taken.
        alarms: Bit of the alarm word to alarm.
        state_alarms: Bit of the status word to alarm.
        states: Bit of the status word to name in `extra["states"]`.
        encrypted_datum: Datum of a position whose "coordinates encrypted" bit is set.
        items: Id of an additional item to how it is read and written.
        fixed_tail: Reads what follows the position where that is no list of items.
    """

    name: str
    source: str
    utc_offset_min: int = BEIJING_MIN
    tolerate: frozenset[str] = frozenset()
    requires_auth: bool = True
    alarms: Mapping[int, str] = field(default_factory=lambda: STANDARD_ALARMS)
    state_alarms: Mapping[int, str] = field(default_factory=dict)
    states: Mapping[int, str] = field(default_factory=lambda: STANDARD_STATES)
    encrypted_datum: Datum = "WGS84"
    items: Mapping[int, Item] = field(default_factory=lambda: _DEFAULT_ITEMS)
    fixed_tail: Item | None = None


_TRACCAR: Final = "Traccar's decoder and its captured frames"
_BATTERY_06: Final = {**_DEFAULT_ITEMS, 0x06: BATTERY_ITEM}
_CHARGING: Final = {26: "charging"}

STANDARD: Final = Profile(name="standard", source="JT/T 808-2011, -2013, -2019; JT/T 1078-2016")

_ALL: Final = (
    STANDARD,
    Profile(
        name="battery-06",
        source=_TRACCAR,
        state_alarms=_CHARGING,
        items=_BATTERY_06,
    ),
    Profile(
        name="tracker",
        source=_TRACCAR + ": the reading of models that it knows no better",
        alarms={
            **STANDARD_ALARMS,
            15: "vibration",
            16: "case",
            17: "case",
            18: "low_battery",
        },
        state_alarms=_CHARGING,
        items=_BATTERY_06,
    ),
    Profile(
        name="wristband",
        source="docs/protocols/jt808.md: what Guitu's own simulated wristband speaks",
        alarms={**STANDARD_ALARMS, 15: "low_battery", 16: "strap", 17: "removed"},
        state_alarms=_CHARGING,
        items=_BATTERY_06,
    ),
    Profile(
        name="padlock",
        source=_TRACCAR + ": models G-360P and G-508P",
        alarms={0: "removed", 1: "case", 4: "removed"},
        items=_BATTERY_06,
    ),
    Profile(
        name="aovx",
        source=_TRACCAR + ": models AL300 and GL100",
        alarms={16: "movement"},
        items={**_BATTERY_06, 0xF8: AOVX_IDENTITY},
    ),
    Profile(
        name="jc",
        source=_TRACCAR + ": models JC371, JC181, JC182, JC450 and JC451",
        state_alarms=_CHARGING,
        items={**_BATTERY_06, 0xE8: JC_EVENTS},
    ),
    Profile(
        name="steps-f8",
        source=_TRACCAR + ": models C5 and C5L",
        state_alarms=_CHARGING,
        items={**_BATTERY_06, 0xF8: STEPS_ITEM},
    ),
    Profile(
        name="door-16",
        source=_TRACCAR + ": models MV810G and MV710G",
        state_alarms=_CHARGING,
        items={**_BATTERY_06, 0x57: DOOR_ITEM},
    ),
    Profile(
        name="battery-e3",
        source=_TRACCAR,
        state_alarms=_CHARGING,
        items={**_BATTERY_06, 0xE3: CHARGE_E3},
    ),
    Profile(
        name="plug-in",
        source="JT/T 808-2019 table 25, bit 5: vehicle terminals with the state's plug-in",
        encrypted_datum="GCJ02",
    ),
    Profile(
        name="fixed-tail",
        source=_TRACCAR + ": 18 bytes after the position instead of items",
        fixed_tail=FIXED_TAIL,
    ),
    Profile(
        name="loose",
        source="captured frames whose checksum or length is wrong: firmware seen in the field",
        tolerate=frozenset({"checksum", "length"}),
    ),
)

PROFILES: Final[dict[str, Profile]] = {profile.name: profile for profile in _ALL}


def profile_of(name: str) -> Profile:
    """Return a profile by its name, the standard one for "".

    Raises:
        ProfileError: There is none of that name.
    """
    if not name:
        return STANDARD
    try:
        return PROFILES[name]
    except KeyError:
        raise ProfileError(
            f"jt808 has no profile {name!r}; it has {', '.join(sorted(PROFILES))}"
        ) from None

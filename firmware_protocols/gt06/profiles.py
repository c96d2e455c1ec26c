"""Device-model profiles: where a model's frames differ from what their shape says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware_protocols.errors import ProfileError


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is particular to a device model.

    Attributes:
        source: Where this is known from.
        utc_offset_min: Offset of its clock, whatever its login says; None believes the login.
        tolerate_checksum: A wrong CRC is flagged, not refused.
        tolerate_length: A wrong length field is flagged, not refused.
        bare_bodies: Types that it sends without serial and CRC, and the size of their body.
        variants: By type, the variant of its body whatever its shape.
        alarm_codes: Alarm numbers that mean something else than usual; empty means no alarm.
        commands: Commands whose words differ from the usual ones.
    """

    source: str
    utc_offset_min: int | None = None
    tolerate_checksum: bool = False
    tolerate_length: bool = False
    bare_bodies: Mapping[int, int] = field(default_factory=dict)
    variants: Mapping[int, str] = field(default_factory=dict)
    alarm_codes: Mapping[int, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)


_TRACCAR: Final = "behaviour of Traccar's GT06 decoder (commit 9e5c458) for this model name"

STANDARD: Final = Profile(source="GT06 and JM protocol manuals as public decoders agree on them")

_NT: Final = Profile(source=_TRACCAR, variants={0x22: "nt", 0x25: "nt_driver"})
_LW: Final = Profile(
    source=_TRACCAR,
    variants={0x13: "supply"},
    alarm_codes={0x18: "collision", 0x19: "acceleration"},
)
_VL: Final = Profile(
    source=_TRACCAR, alarm_codes={0x09: "stolen", 0x28: "power_off", 0x30: "braking"}
)
_SEEWORLD: Final = Profile(
    source=_TRACCAR,
    variants={0x13: "volts"},
    alarm_codes={0x28: "cornering", 0x29: "collision"},
)

PROFILES: Final[dict[str, Profile]] = {
    "": STANDARD,
    **dict.fromkeys(("NT11", "NT20", "NT26", "NT40", "NT46", "VL100", "XT40"), _NT),
    **dict.fromkeys(("LW4G", "LW4G-4B"), _LW),
    **dict.fromkeys(("VL103", "LL303", "VL512", "G18"), _VL),
    "SEEWORLD": _SEEWORLD,
    "R11": Profile(source=_TRACCAR, variants={0x13: "centivolts"}),
    "QH302R": Profile(source=_TRACCAR, variants={0x12: "imei"}),
    "TOLERANT": Profile(
        source="for firmware that miscounts; frames of captures that were edited",
        tolerate_checksum=True,
        tolerate_length=True,
        bare_bodies={0x08: 0, 0x10: 18},
    ),
}
"""Profiles by name; the empty name is the default one."""


def find_profile(name: str) -> Profile:
    """Return a profile by its name; raises ProfileError."""
    profile = PROFILES.get(name)
    if profile is None:
        allowed = ", ".join(sorted(filter(None, PROFILES)))
        raise ProfileError(f"gt06 has no profile {name!r}; allowed: {allowed}, or none")
    return profile

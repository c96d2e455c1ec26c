"""Names that the clients use, and ours."""

import re
from typing import Final

# The `alarm` parameter takes Traccar's names; the first name of ours is the one that is sent.
ALARM_BY_WORD: Final = {
    "sos": "sos",
    "removing": "removed",
    "tampering": "case",
    "lowBattery": "low_battery",
    "lowPower": "undervoltage",
    "powerCut": "power_cut",
    "powerOff": "power_off",
    "powerOn": "power_on",
    "fallDown": "fall",
    "vibration": "vibration",
    "movement": "movement",
    "tow": "movement",
    "overspeed": "overspeed",
    "fault": "fault",
    "door": "door",
    "geofence": "fence",
    "geofenceEnter": "fence_enter",
    "geofenceExit": "fence_exit",
    "gpsAntennaCut": "antenna_cut",
    "accident": "collision",
    "hardAcceleration": "acceleration",
    "hardBraking": "braking",
    "hardCornering": "cornering",
    "laneChange": "lane_change",
    "fatigueDriving": "fatigue",
    "jamming": "jamming",
    "temperature": "temperature",
    "parking": "parking",
    "general": "general",
}

WORD_BY_ALARM: Final = {alarm: word for word, alarm in reversed(ALARM_BY_WORD.items())}

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_NAME: Final = re.compile(r"[^a-z0-9_]+")


def read_alarms(text: str) -> tuple[tuple[str, ...], bool]:
    """Return our names for comma-separated alarm words, and whether all were known.

    A word that nobody knows is a general alarm: somebody pressed something.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    names = tuple(dict.fromkeys(ALARM_BY_WORD.get(word, "general") for word in words))
    return names, all(word in ALARM_BY_WORD for word in words)


def snake_case(name: str) -> str:
    """Return a parameter's name as a key of extra: driverUniqueId is driver_unique_id."""
    return _NO_NAME.sub("_", _HUMP.sub("_", name).lower()).strip("_") or "unnamed"

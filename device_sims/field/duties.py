"""What a resident must do or keep to, beyond the fences: nights, check-ins, absences."""

from typing import Final

from device_sims.field.population import Resident
from device_sims.field.society import goes_about
from device_sims.ground import Circle

CURFEW_H: Final = (22.0, 30.0)
"""From 22:00 to 06:00."""

CURFEW_M: Final = 120.0
"""A compound of houses about the home; assumed."""

CHECK_IN_H: Final = (8.5, 11.0)
CHECK_IN_WEEKDAYS: Final = (0, 2, 4)
"""Monday, Wednesday and Friday, days after Monday; assumed, offices set their own."""

CHECK_IN_GRACE_S: Final = 1_800

_CURFEW: Final = (0, 1, 5, 7)
_LEAVES, _TRIPS, _NEGLECTS = 2, 6, 3
_DATUM: Final = 4


def under_curfew(resident: Resident) -> bool:
    """Return whether somebody must be at home at night: four in ten."""
    return _tenth(resident) in _CURFEW


def curfew_circle(resident: Resident) -> Circle:
    """Return where somebody under curfew must be at night."""
    return Circle(resident.wearer.routine.home, CURFEW_M)


def takes_leave(resident: Resident) -> bool:
    """Return whether somebody goes to another town for days now and then: one in ten."""
    return _tenth(resident) == _LEAVES


def takes_trips(resident: Resident) -> bool:
    """Return whether somebody goes to a hospital by an approved route: one in ten."""
    return _tenth(resident) == _TRIPS


def neglects_battery(resident: Resident) -> bool:
    """Return whether somebody charges too little: one in ten."""
    return _tenth(resident) == _NEGLECTS


def gets_bad_firmware(resident: Resident) -> bool:
    """Return whether somebody's device is of the class that mistakes its datum: one in twenty."""
    return resident.wearer.subject.index % 20 == _DATUM


def must_check_in(resident: Resident) -> bool:
    """Return whether somebody checks in at a kiosk: two in ten."""
    return goes_about(resident) and resident.wearer.subject.index // 10 % 2 == 0


def _tenth(resident: Resident) -> int:
    return resident.wearer.subject.index % 10

"""The app's names and ours (OwnTracks booklet, "JSON"; the trackers' in Traccar's captures)."""

from typing import Final

EXTRA_BY_NAME: Final = {
    "vac": "vertical_accuracy_m",
    "t": "trigger",  # u user, p ping, c and C region, b beacon, r on request, t timer, v frequent
    "m": "monitoring_mode",  # 1 significant changes, 2 move
    "conn": "connection",  # w Wi-Fi, o offline, m mobile data
    "tid": "tracker_id",
    "poi": "poi",
    "tag": "tag",
    "p": "pressure_kpa",
    "rad": "region_radius_m",
    "inregions": "in_regions",
    "inrids": "in_region_ids",
    "motionactivities": "motion_activities",
    "SSID": "ssid",
    "BSSID": "bssid",
    "topic": "topic",
    # Transitions.
    "desc": "region",
    "rid": "region_id",
    "event": "event",
    "wtst": "region_time_s",
    # Vehicle trackers that speak the app's JSON.
    "uext": "external_power_v",
    "ubatt": "battery_v",
    "ign": "ignition",
    "motion": "moving",
    "odometer": "odometer_km",
    "hmc": "engine_s",
    "rty": "report_type",
}
"""Fields of a message that have no field of their own in a report; others keep their name."""

NAME_BY_EXTRA: Final = {extra: name for name, extra in EXTRA_BY_NAME.items()}

BATTERY_STATES: Final = ("unknown", "unplugged", "charging", "full")
"""`bs`, 0 ... 3."""

# What the trackers mean by `t`; none of these is a trigger of the app.
ALARM_BY_TRIGGER: Final = {
    "9": "low_battery",
    "1": "power_on",
    "e": "power_cut",
    "!": "movement",
    "s": "overspeed",
}
HARSH_TRIGGER: Final = "h"
HARSH_BY_REPORT_TYPE: Final = ("braking", "acceleration", "cornering") * 2
"""By `rty`, 0 ... 5."""

ALARM_BY_EVENT: Final = {"enter": "fence_enter", "leave": "fence_exit"}
"""Of a transition: the app's own region."""

WITHHELD: Final = frozenset({"card", "configuration"})
"""A name and a picture, an account and its password: these are kept nowhere at a gateway."""

"""Entries of registry-rules.json made wrong: section, index, members, and the fault's pointer."""

FAULTS = {
    "curfew without schedule": (("fences", 1, {"schedule": None}), "/fences/0/schedule"),
    "fence of no schedule": (("fences", 1, {"schedule": "x"}), "/fences/0/schedule"),
    "corridor without width": (("fences", 3, {"width_m": None}), "/fences/0/geometry"),
    "width of a circle": (("fences", 2, {"width_m": 5.0}), "/fences/0/geometry"),
    "no zone": (("schedules", 1, {"zone": "Mars/Olympus"}), "/schedules/0"),
    "no hour": (
        ("schedules", 1, {"windows": [{"start": "24:00", "end": "06:00"}]}),
        "/schedules/0/windows/0/start",
    ),
    "no days": (
        ("schedules", 1, {"windows": [{"start": "22:00", "end": "06:00", "days": []}]}),
        "/schedules/0/windows/0/days",
    ),
    "other hours of a standing schedule": (
        ("schedules", 1, {"windows": [{"start": "21:00", "end": "06:00"}]}),
        "/schedules/0",
    ),
    "a past day of a schedule": (
        ("schedules", 1, {"day_kinds": {"2020-10-01": 0}}),
        "/schedules/0",
    ),
    "schedule of another office": (("schedules", 1, {"org": "county-a"}), "/schedules/0/org"),
    "unknown class": (("subject_versions", 0, {"class": "harsh"}), "/subject_versions/0/class"),
    "two classes at once": (
        ("subject_versions", 0, {"valid_from": "2026-11-02T00:00:00Z"}),
        "/subject_versions/0/valid_from",
    ),
    "leave of nobody": (("leaves", 0, {"leave": "lv-9", "subject": "s-9"}), "/leaves/0/subject"),
    "leave to nowhere": (("leaves", 0, {"leave": "lv-9", "fence": "x"}), "/leaves/0/fence"),
    "leave along a route": (
        (
            "leaves",
            1,
            {
                "leave": "lv-9",
                "kind": "leave",
                "valid_to": "2036-11-23T00:00:00Z",
                "valid_from": "2036-11-22T00:00:00Z",
            },
        ),
        "/leaves/0/fence",
    ),
    "two leaves at once": (("leaves", 0, {"leave": "lv-9"}), "/leaves/0/valid_from"),
    "leave approved afterwards": (
        ("leaves", 0, {"leave": "lv-9", "approved_at": "2036-11-25T00:00:00Z"}),
        "/leaves/0",
    ),
    "away from oneself": (("no_contact", 0, {"other": "s-4k2m9q"}), "/no_contact/0/other"),
    "away from nobody": (("no_contact", 0, {"other": "p-9"}), "/no_contact/0/other"),
    "site of no datum": (("sites", 0, {"datum": "NAD27"}), "/sites/0/datum"),
    "wristband as kiosk": (
        ("checkins", 0, {"checkin": "ci-9", "kiosk": "wb-000001"}),
        "/checkins/0/kiosk",
    ),
    "period of no parameter": (
        ("periods", 0, {"period": "p", "parameters": {"patience": 1}}),
        "/periods/0/parameters/patience",
    ),
    "silence that ends first": (
        ("planned_silences", 0, {"valid_to": "2020-01-01T00:00:00Z"}),
        "/planned_silences/0",
    ),
    "changed rule set": (("rule_sets", 0, {"parameters": {}}), "/rule_sets/0"),
    "layer out of bounds": (
        ("rule_sets", 0, {"version": "b", "classes": {"strict": {"persistence_reports": 0}}}),
        "/rule_sets/0/classes/strict/persistence_reports",
    ),
    "half of a hysteresis": (
        ("rule_sets", 0, {"version": "b", "colours": {"red": {"low_battery_pct": 25}}}),
        "/rule_sets/0/colours/red",
    ),
    "rules that are not there": (
        ("rules_in_force", 0, {"version": "b"}),
        "/rules_in_force/0/version",
    ),
}

"""Parameters of curfew, leave, dwell, no-contact and gathering."""

from typing import Final

from gateway.parameters.parameter import Parameter

CONDUCT: Final = (
    Parameter(
        "curfew_absent_s",
        900,
        0,
        7_200,
        "An absence that begins within this time after the curfew did counts as absent at its "
        "start, a later one as leaving during it. Fifteen minutes, the reports in a row that make "
        "it certain included. It changes the words of an alert, never whether there is one.",
    ),
    Parameter(
        "leave_travel_s",
        14_400,
        0,
        259_200,
        "At the begin and the end of an approved leave the person is on the way and need not be "
        "at its destination. Four hours, a train across a province; a longer way is set by the "
        "approval's own class.",
    ),
    Parameter(
        "leave_grace_s",
        1_800,
        0,
        86_400,
        "How late somebody may be back from leave before it counts as overdue: half an hour, a "
        "late bus; a phone call settles what is shorter.",
    ),
    Parameter(
        "leave_early_s",
        86_400,
        0,
        604_800,
        "An exit this long before an approved leave begins is told as leaving early for it. It "
        "changes the words of an alert, never whether there is one.",
    ),
    Parameter(
        "dwell_enabled",
        0,
        0,
        1,
        "1: long stays near sensitive sites are told. Off unless a class or a colour of "
        "supervision asks for it: schools and stations are everywhere, and most who live, work "
        "or wait there have no duty to keep away.",
    ),
    Parameter(
        "dwell_s",
        1_200,
        60,
        86_400,
        "How long a stay near a sensitive site must last, by fix time: twenty minutes are longer "
        "than waiting for a bus or fetching a child.",
    ),
    Parameter(
        "dwell_margin_m",
        30,
        0,
        200,
        "Added to a site's radius: its fence and pavement, 30 m (NIJ 1004.00's indoor benchmark "
        "of accuracy).",
    ),
    Parameter(
        "contact_reports",
        3,
        1,
        60,
        "Minutes in a row with both within the distance before a no-contact order counts as "
        "broken; passing on the street takes one or two.",
    ),
    Parameter(
        "contact_s",
        120,
        0,
        3_600,
        "How long they must span, by fix time.",
    ),
    Parameter(
        "contact_clear_reports",
        2,
        1,
        60,
        "Minutes in a row apart before a contact counts as ended.",
    ),
    Parameter(
        "contact_stale_s",
        180,
        1,
        3_600,
        "An older fix of the other person is no place. Three expected intervals of one minute.",
    ),
    Parameter(
        "contact_drift_mmps",
        1_000,
        0,
        10_000,
        "The older of the two fixes may have moved on: its error circle grows by this speed, "
        "millimetres per second. Between standing and walking (1.4 m/s).",
    ),
    Parameter(
        "gathering_enabled",
        1,
        0,
        1,
        "1: gatherings of supervised people are told, as a notice. 0 where an organisation does "
        "not want to know, which also saves looking for them once a minute.",
    ),
    Parameter(
        "gathering_people",
        3,
        2,
        100,
        "How many make a gathering; people of one residence count as one.",
    ),
    Parameter(
        "gathering_radius_m",
        50,
        5,
        1_000,
        "How near each other they are: a table, a room or a courtyard; urban fixes err by 10 to "
        "30 m (NIJ 1004.00's benchmarks).",
    ),
    Parameter(
        "gathering_s",
        1_800,
        60,
        86_400,
        "How long as many of them stay together before it is told: half an hour is more than "
        "a shared bus ride or queue.",
    ),
    Parameter(
        "gathering_gap_s",
        300,
        60,
        3_600,
        "How old a fix may be to count as where somebody is, and how long a gathering may be out "
        "of sight without having ended.",
    ),
)

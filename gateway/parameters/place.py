"""Parameters of the place rules, and of how a fix becomes a decision."""

from typing import Final

from gateway.parameters.parameter import Parameter

PLACE: Final = (
    Parameter(
        "persistence_reports",
        3,
        1,
        100,
        "Violating reports in a row before a place rule alerts. Three, because single jumps of "
        "200 m at a claimed 1.9 m are on record and may repeat once.",
    ),
    Parameter(
        "persistence_s",
        30,
        0,
        3_600,
        "How long they must last, by fix time. With one report a minute three take two minutes, "
        "which keeps the zone alert within NIJ 1004.00's four (5.3.5).",
    ),
    Parameter(
        "clear_reports",
        2,
        1,
        100,
        "Compliant reports in a row before a place episode counts as ended.",
    ),
    Parameter(
        "violation_ppm",
        950_000,
        500_001,
        999_999,
        "Probability of violation from which a report counts as violating.",
    ),
    Parameter(
        "compliant_ppm",
        500_000,
        1,
        500_000,
        "Probability below which it counts as compliant; between the two it cannot tell.",
    ),
    Parameter(
        "accuracy_floor_m",
        5.0,
        0.1,
        1_000,
        "No receiver is believed to be better than this (NIJ 1004.00's outdoor benchmark is 10 m; "
        "half of it as a 68 % radius).",
    ),
    Parameter(
        "accuracy_default_m",
        50.0,
        1,
        10_000,
        "Assumed where a report does not say.",
    ),
    Parameter(
        "network_fix_s",
        900,
        0,
        86_400,
        "A position that comes from fewer than four satellites (Wi-Fi, a base station) and repeats "
        "itself to the last digit is one observation for so long, however often it is told: an "
        "access point errs by 74 m in the median (Zandbergen 2009), and always the same way.",
    ),
    Parameter(
        "stray_s",
        60,
        0,
        3_600,
        "For so long after a jump of a device that stood, by its own word, at both ends and took "
        "no steps, its positions are no evidence of a violation: the log with jumps of 200 m at a "
        "claimed 1.9 m has three in 67 s. At a report a minute four in a row are needed instead "
        "of three, which a drive of less than a minute still passes within some four minutes.",
    ),
    Parameter(
        "stray_m",
        50,
        5,
        10_000,
        "Such a jump leads at least so far beyond the error circles of both ends.",
    ),
    Parameter(
        "stride_most_mm",
        2_000,
        500,
        5_000,
        "No walker covers more ground with one step; steps that suffice by this explain a way. A "
        "stride at a walk is 0.7 m, and counters at the wrist miss half of the steps.",
    ),
)

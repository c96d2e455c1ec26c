"""Parameters of the rule about places that are unusual for one person."""

from typing import Final

from gateway.parameters.parameter import Parameter

HABIT: Final = (
    Parameter(
        "unusual_history_days",
        14,
        7,
        28,
        "Days with positions, of the last 28, before it speaks: two of every day of the week.",
    ),
    Parameter(
        "unusual_distance_m",
        3_000,
        300,
        100_000,
        "Farther than this (and the radius of the fix) from every place that is usual at the hour. "
        "Beyond a walk or an errand; a district of a city. Assumed.",
    ),
    Parameter(
        "unusual_s",
        7_200,
        600,
        86_400,
        "How long it must last: longer than nearly all ways to work and errands. Assumed.",
    ),
    Parameter(
        "unusual_gap_s",
        3_600,
        60,
        86_400,
        "After a gap between positions longer than this it begins anew.",
    ),
    Parameter(
        "unusual_regular_pct",
        75,
        50,
        100,
        "Of the last four weeks' days of the same kind (workdays, weekends), the share on which "
        "the person was at a usual place at this time of day; with less nothing can be unusual.",
    ),
    Parameter(
        "unusual_regular_days",
        4,
        2,
        20,
        "... and the number of such days that must be known: half of the weekend days.",
    ),
    Parameter(
        "usual_weight",
        12,
        8,
        200,
        "From this weight a place is usual at an hour. A day there within three hours of it weighs "
        "8, and every Monday a quarter of all is forgotten: two days within two weeks.",
    ),
    Parameter(
        "usual_place_m",
        500,
        50,
        5_000,
        "Positions within this of one another are one place. Assumed.",
    ),
    Parameter(
        "usual_accuracy_m",
        300,
        10,
        5_000,
        "Fixes with a larger radius are not looked at.",
    ),
)

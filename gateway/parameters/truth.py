"""Parameters of the rules that ask whether a device's data are to be trusted."""

from typing import Final

from gateway.parameters.parameter import Parameter

_MOVEMENT: Final = (
    Parameter(
        "doubt_radii",
        3,
        1,
        10,
        "Radii of both error circles that are taken off a distance before it counts. Three times "
        "the 68 % radius is 4.5 standard deviations: one honest fix in 30,000 lies beyond.",
    ),
    Parameter(
        "impossible_speed_mps",
        120,
        20,
        10_000,
        "Nothing on the ground is faster: trains in service make up to 430 km/h. Who flies is, and "
        "the words of the alert say so.",
    ),
    Parameter(
        "aircraft_mps",
        400,
        20,
        10_000,
        "Nor is any airliner faster than this, over ground and in a jet stream (370 m/s): a jump "
        "above it is one however long it took.",
    ),
    Parameter(
        "impossible_speed_reports",
        3,
        1,
        100,
        "Such reports in a row; a single jump is the teleport rule's.",
    ),
    Parameter(
        "teleport_m",
        2_000,
        100,
        1_000_000,
        "Shortest jump that counts. Jumps of up to 720 m at claims below 11 m are on record from "
        "honest receivers.",
    ),
    Parameter(
        "teleport_mps",
        50,
        5,
        1_000,
        "Mean speed of a jump, out and back or between two slow legs. 180 km/h with a turn on the "
        "spot, or from and to a walk, is no vehicle.",
    ),
    Parameter(
        "teleport_acceleration_mps2",
        1,
        1,
        100,
        "A jump of T seconds between two slow legs is possible up to a mean speed of this times "
        "T/4. Trains and cars keep below 1 m/s² on average.",
    ),
    Parameter(
        "slow_mps",
        15,
        1,
        100,
        "Mean speed below which a leg counts as slow.",
    ),
    Parameter(
        "slow_leg_s",
        300,
        10,
        3_600,
        "A leg between fixes that are further apart than this tells nothing of how it was gone.",
    ),
    Parameter(
        "teleport_clear_s",
        1_800,
        60,
        604_800,
        "Without another jump for so long, it has ended.",
    ),
)

_RECEIVER: Final = (
    Parameter(
        "still_mps",
        1,
        1,
        100,
        "Claimed speed from which a device says that it moves; receivers at rest claim less.",
    ),
    Parameter(
        "frozen_s",
        600,
        60,
        86_400,
        "Motion that an identical fix must outlast: time with steps or speed, less a share of the "
        "time without. Ten minutes: walking about at home is shorter or slower.",
    ),
    Parameter(
        "frozen_full_s",
        180,
        60,
        86_400,
        "Likewise for a fix from four satellites or more that says its accuracy, rest not taken "
        "off: of a live receiver both change within minutes. Three minutes of walking are 200 m.",
    ),
    Parameter(
        "frozen_rest_share",
        10,
        1,
        1_000,
        "That share: one minute is taken off for this many at rest, so that a day's few brisk "
        "minutes in one room do not add up.",
    ),
    Parameter(
        "frozen_cadence_per_min",
        60,
        1,
        300,
        "Steps per minute that count as motion. People walk with about 100; housework stays below "
        "60. Assumed.",
    ),
    Parameter(
        "frozen_mps",
        2,
        1,
        100,
        "Claimed speed that counts as motion; receivers at rest claim up to 1 m/s.",
    ),
    Parameter(
        "overconfident_m",
        50,
        5,
        10_000,
        "How far beyond both error circles two fixes must lie for one of the claims to be refuted.",
    ),
    Parameter(
        "overconfident_mps",
        8,
        1,
        100,
        "Where a device does not say its speed: a jump out and back counts when one way is faster "
        "than anybody runs for long.",
    ),
    Parameter(
        "overconfident_reports",
        6,
        1,
        100,
        "Refuted claims before the alert, without a sign of motion between. The log with jumps of "
        "200 m at a claimed 1.9 m has five jumps in ten minutes of an honest device.",
    ),
    Parameter(
        "overconfident_claim_m",
        5,
        1,
        100,
        "A jump that claimed speeds do not explain, at which the claim falls below this and ...",
    ),
    Parameter(
        "overconfident_fall",
        3,
        2,
        100,
        "... to this part of what it was, makes every further claim as good a refuted one: 200 m "
        "off at a claimed 1.9 m is on record. Better reception never goes with a leap.",
    ),
    Parameter(
        "overconfident_clear_s",
        7_200,
        60,
        604_800,
        "Without a refuted claim for so long, the receiver counts as recovered.",
    ),
)

_DATUM: Final = (
    Parameter(
        "datum_near_m",
        100,
        10,
        1_000,
        "How near a fix must lie to the home, or to where a mistaken datum would put it; its error "
        "circles are added. The shift is 300 to 700 m in most of the country.",
    ),
    Parameter(
        "datum_own_m",
        50,
        10,
        1_000,
        "Likewise where no home is known and nights are compared with earlier ones: fixes of one "
        "bed at rest, which no map maker has drawn. Assumed.",
    ),
    Parameter(
        "datum_night_end_h",
        5,
        1,
        12,
        "Hour on Beijing's clock until when, from midnight, people are taken to be at home.",
    ),
    Parameter(
        "datum_reports",
        30,
        1,
        10_000,
        "Such fixes in a row, without one at home, ...",
    ),
    Parameter(
        "datum_s",
        82_800,
        3_600,
        2_592_000,
        "... over at least this time: two nights. Somebody may spend one next door.",
    ),
)

TRUTH: Final = (*_MOVEMENT, *_RECEIVER, *_DATUM)

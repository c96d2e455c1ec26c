"""Parameters of the rules about a device's condition: power, clock, identity, faults, no fix."""

from typing import Final

from gateway.parameters.parameter import Parameter

CONDITION: Final = (
    Parameter(
        "critical_battery_pct",
        10,
        1,
        50,
        "Charge at or below which a device may die before anybody has reacted: 2.4 h of one that "
        "runs 24 h, the shortest of fielded ones (24 to 72 h). Assumed.",
    ),
    Parameter(
        "critical_battery_left_min",
        60,
        5,
        1_440,
        "... or the estimated time to death, once the battery is low. One hour: what a charge "
        "takes to arrange. Assumed.",
    ),
    Parameter(
        "critical_battery_over_pct",
        15,
        2,
        100,
        "Charge at or above which it is no longer critical; the gap is the hysteresis.",
    ),
    Parameter(
        "critical_battery_reports",
        3,
        1,
        100,
        "Such reports in a row: gauges show single wrong values, 0 % among them.",
    ),
    Parameter(
        "battery_slope_s",
        7_200,
        600,
        86_400,
        "The slope of discharge is taken over one to two pieces of this length. Two hours of a "
        "device that runs 72 h cost 3 %, which a gauge of 1 % just shows.",
    ),
    Parameter(
        "battery_slope_pct",
        4,
        1,
        50,
        "A smaller loss of charge is not told apart from the gauge's own unrest, and gives no "
        "estimate.",
    ),
    Parameter(
        "charging_rise_pct",
        5,
        1,
        50,
        "A rise by this much counts as charging, where a device does not say so; gauges waver by "
        "one or two.",
    ),
    Parameter(
        "charging_neglect_pct",
        30,
        1,
        90,
        "Charge at or below which a charge is due.",
    ),
    Parameter(
        "charging_neglect_s",
        86_400,
        600,
        604_800,
        "At or below it without a charge above it for so long is neglect. A day: an evening's "
        "charge that is forgotten and made up for on the next is none; the battery's own alerts "
        "come earlier.",
    ),
    Parameter(
        "position_lost_s",
        2_700,
        60,
        604_800,
        "Reports without a position for longer than this. A ride in a metro or a visit to a cellar "
        "is shorter; people were jailed for gaps of 17 minutes that meant nothing.",
    ),
    Parameter(
        "position_lost_intervals",
        5,
        2,
        1_000,
        "... or, where that is longer, this many expected reporting intervals.",
    ),
    Parameter(
        "clock_ahead_s",
        60,
        1,
        86_400,
        "A device's clock is wrong when it is further ahead of ours. A gateway refuses reports "
        "from beyond its own tolerance (120 s by default), so this must be below it.",
    ),
    Parameter(
        "clock_behind_s",
        300,
        10,
        604_800,
        "... or when reports that the device does not call held back are older at arrival and keep "
        "coming at its own pace. Links deliver within minutes; what waited comes at once.",
    ),
    Parameter(
        "clock_skew_reports",
        5,
        1,
        1_000,
        "Such reports in a row; one wrong stamp is no wrong clock.",
    ),
    Parameter(
        "duplicate_charge_pct",
        15,
        2,
        100,
        "Difference of charge between two reports that no battery shows at once ...",
    ),
    Parameter(
        "duplicate_charge_pct_per_min",
        2,
        1,
        50,
        "... and what is added to it per minute between them; charging takes an hour or more.",
    ),
    Parameter(
        "duplicate_m",
        1_000,
        50,
        1_000_000,
        "Distance that counts as another place, error circles taken off.",
    ),
    Parameter(
        "duplicate_reports",
        4,
        2,
        1_000,
        "Contradicting reports before the alert: two devices contradict each other all the time, a "
        "restart with a wrong clock once or twice.",
    ),
    Parameter(
        "duplicate_clear_s",
        3_600,
        60,
        604_800,
        "Without a contradiction for so long, one device is left.",
    ),
    Parameter(
        "fault_clear_s",
        600,
        0,
        86_400,
        "How long a device must report no fault until it counts as mended; what comes back before "
        "is the same fault.",
    ),
)

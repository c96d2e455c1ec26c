"""Parameters of the rule that asks whether the device is on the person (人机分离).

Weights are log-odds in thousandths of a nat (1,000 mnat multiply the odds by 2.72); they are
assumed, chosen so that single signs never suffice and that a device left behind in the morning is
found the same afternoon. What they give on labelled data is in docs/benchmarks.md.
"""

from typing import Final

from gateway.parameters.parameter import Parameter

PERSON: Final = (
    Parameter(
        "apart_prior_mnat",
        -6_900,
        -20_000,
        0,
        "Log-odds that a device is apart from its wearer before any sign: one in a thousand. "
        "Assumed; of 13,987 alerts that one district handled in 2025, 32 were separations.",
    ),
    Parameter(
        "apart_raise_mnat",
        2_200,
        500,
        12_000,
        "Log-odds from which a report counts as apart: a probability of 90 %.",
    ),
    Parameter(
        "apart_clear_mnat",
        0,
        -12_000,
        2_000,
        "Log-odds below which it counts as together, if steps, skin or pulse say so: even odds. "
        "Otherwise it cannot tell.",
    ),
    Parameter(
        "apart_reports",
        2,
        1,
        100,
        "Such reports in a row before the alert. Two, because hours are already in the signs.",
    ),
    Parameter(
        "apart_gap_s",
        7_200,
        600,
        86_400,
        "After a gap between reports longer than this every sign begins anew: what was not "
        "observed (a dead battery, a switched-off device) is no sign.",
    ),
    Parameter(
        "apart_waking_from_h",
        7,
        0,
        12,
        "Local hour from which people are taken to be awake. Assumed. An hour of the night counts "
        "for a quarter, so that deep sleep is not taken for absence.",
    ),
    Parameter("apart_waking_to_h", 23, 13, 24, "... and local hour until which. Assumed."),
    Parameter(
        "apart_steps",
        3,
        1,
        1_000,
        "Steps between two reports from which somebody walked; one or two are a knock at the table "
        "that it lies on. Assumed.",
    ),
    Parameter(
        "apart_still_grace_s",
        7_200,
        0,
        86_400,
        "Waking time without steps, or at one place, that says nothing: a film, a meal, a meeting.",
    ),
    Parameter(
        "apart_still_mnat_per_h",
        300,
        0,
        5_000,
        "What each further waking hour without a step adds. A day sick in bed without one, by a "
        "device with nothing but a step counter, stays below the alert for 32 hours.",
    ),
    Parameter("apart_still_most_mnat", 8_000, 0, 20_000, "The most that they add."),
    Parameter(
        "apart_walking_s",
        3_600,
        60,
        86_400,
        "So long after the last steps, or the last change of place, they speak against it.",
    ),
    Parameter(
        "apart_walking_mnat",
        -3_000,
        -20_000,
        0,
        "What recent steps add: somebody carries the device.",
    ),
    Parameter(
        "apart_travel_mnat",
        -2_000,
        -20_000,
        0,
        "What a recent change of place adds: it travels, on foot or in a vehicle.",
    ),
    Parameter(
        "apart_travel_m",
        150,
        20,
        10_000,
        "Three fixes, each this far (and the radii of both) from the other two, are a change of "
        "place. Receivers indoors jump by 80 to 200 m and back, which is none.",
    ),
    Parameter(
        "apart_place_mnat_per_h",
        250,
        0,
        5_000,
        "What each further waking hour at one place, without a step or a living pulse, adds: "
        "people who live there stay too.",
    ),
    Parameter("apart_place_most_mnat", 2_500, 0, 20_000, "The most that they add."),
    Parameter(
        "apart_bare_grace_s",
        3_600,
        0,
        86_400,
        "Time off the skin, without a pulse or cold that says nothing: an hour's charge on the "
        "table, a bath, a loose strap.",
    ),
    Parameter(
        "apart_skin_mnat_per_h",
        1_500,
        0,
        10_000,
        "What each further hour off the skin adds.",
    ),
    Parameter("apart_skin_most_mnat", 4_500, 0, 20_000, "The most that they add."),
    Parameter(
        "apart_skin_on_mnat",
        -2_500,
        -20_000,
        0,
        "What skin contact adds. Not more: foil under the sensor looks the same at first.",
    ),
    Parameter(
        "apart_covered_mnat_per_h",
        1_000,
        0,
        10_000,
        "What each further hour adds in which something touches the skin sensor while there is no "
        "living pulse, no warmth and not one step: foil or tape. Skin contact then speaks for "
        "nobody. Assumed.",
    ),
    Parameter("apart_covered_most_mnat", 4_500, 0, 20_000, "The most that they add."),
    Parameter(
        "apart_pulse_mnat_per_h",
        1_000,
        0,
        10_000,
        "What each further hour without a living pulse adds: none, or the very same number again "
        "and again, while this device has measured this wearer's before. Four times the usual "
        "interval between its measurements is taken off first.",
    ),
    Parameter("apart_pulse_most_mnat", 4_000, 0, 20_000, "The most that they add."),
    Parameter("apart_pulse_on_mnat", -2_500, -20_000, 0, "What a living pulse adds."),
    Parameter(
        "apart_pulse_fresh_s",
        1_800,
        60,
        86_400,
        "How old a change of the pulse may be and still count as living.",
    ),
    Parameter(
        "apart_worn_skin_cc",
        2_800,
        1_500,
        3_600,
        "Skin temperature from which a device may be worn, 0.01 degrees Celsius. Wrists indoors "
        "have 30 to 35; a room has less, except in summer, when this sign keeps quiet. Assumed.",
    ),
    Parameter(
        "apart_cold_mnat_per_h",
        500,
        0,
        10_000,
        "What each further hour below it adds; little, for wrists are cold outdoors in winter.",
    ),
    Parameter("apart_cold_most_mnat", 2_000, 0, 20_000, "The most that they add."),
    Parameter("apart_warm_mnat", -500, -20_000, 0, "What a warm device adds: sunshine warms too."),
    Parameter(
        "apart_wear_most_mnat",
        9_500,
        0,
        20_000,
        "The most that skin, pulse and temperature add together. Any two of them stay below what "
        "the alert needs, so that stillness must agree: one loose strap takes both away. All three "
        "suffice after four hours, also by night: what is off, silent and as cold as the room is "
        "not worn.",
    ),
    Parameter(
        "apart_charge_s",
        10_800,
        0,
        86_400,
        "How long a charge explains that the device is off. Fielded devices need 1 to 2 hours.",
    ),
    Parameter(
        "apart_charge_mnat",
        -2_000,
        -20_000,
        0,
        "What such a charge adds: charging is the wearer's duty.",
    ),
)

"""Parameters of the care notices: pulse and skin temperature."""

from typing import Final

from gateway.parameters.parameter import Parameter

BODY: Final = (
    Parameter(
        "heart_high_bpm",
        131,
        90,
        220,
        "Pulse at rest from which it is high. From 131 the National Early Warning Score (NEWS2, "
        "Royal College of Physicians 2017) gives its most urgent three points.",
    ),
    Parameter(
        "heart_low_bpm",
        40,
        25,
        60,
        "Pulse at or below which it is low; NEWS2 likewise gives three points. Trained hearts come "
        "near it asleep.",
    ),
    Parameter(
        "heart_s",
        900,
        60,
        86_400,
        "How long it must last. Fifteen minutes at rest are no stairs and no fright. Assumed.",
    ),
    Parameter(
        "rest_s",
        600,
        0,
        7_200,
        "So long after the last steps nobody is at rest; without a step counter speed decides. A "
        "pulse falls back within minutes of effort. Assumed.",
    ),
    Parameter(
        "rest_speed_mmps",
        500,
        0,
        5_000,
        "Claimed speed from which a wearer without a step counter is not at rest. Receivers that "
        "stand still claim up to 0.3 m/s. Assumed.",
    ),
    Parameter(
        "body_reports",
        3,
        1,
        100,
        "Such readings in a row, at least; one or two may be a poor contact.",
    ),
    Parameter(
        "fever_skin_cc",
        3_620,
        3_500,
        4_500,
        "Skin temperature while worn from which it is high, 0.01 degrees Celsius. 36.2 at the "
        "wrist is what told 37.3 in the ear best, the usual limit of fever in China (Chen et al., "
        "Iran J Public Health 49 S1, 2020: 86 % of fevers, and a third of the others at a single "
        "look, hence `temperature_s`).",
    ),
    Parameter(
        "fever_over_skin_cc",
        3_580,
        3_400,
        4_500,
        "Skin temperature below which it is not high any more; the gap is the hysteresis. Assumed.",
    ),
    Parameter(
        "cold_skin_cc",
        2_000,
        500,
        3_000,
        "Skin temperature at or below which it is low, where a pulse shows that it is skin. Hands "
        "begin to fail at 20 to 15 degrees. Assumed: outdoor work in winter comes near it.",
    ),
    Parameter(
        "temperature_s",
        1_800,
        60,
        86_400,
        "How long either must last: longer than a hot bath or a walk without gloves. Assumed.",
    ),
    Parameter(
        "temperature_clear_s",
        1_800,
        0,
        86_400,
        "How long it must be over; what comes back before is the same fever. Assumed.",
    ),
)

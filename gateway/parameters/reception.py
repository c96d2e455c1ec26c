"""Parameters of the rules that ask whether what is received came from satellites."""

from typing import Final

from gateway.parameters.parameter import Parameter

_JAMMING: Final = (
    Parameter(
        "jamming_reports",
        3,
        1,
        100,
        "Reports in a row in which the device says that it is jammed. Its judgement also errs near "
        "strong transmitters, and briefly.",
    ),
    Parameter("jamming_s", 60, 0, 86_400, "How long they must last."),
    Parameter(
        "jamming_satellites",
        3,
        0,
        20,
        "Without its word: so many satellites in use, or fewer, are a collapse of reception (a "
        "position in three dimensions needs four) ...",
    ),
    Parameter(
        "jamming_fall_s",
        300,
        10,
        86_400,
        "... when more were in use at most so long before, ...",
    ),
    Parameter(
        "jamming_collapse_s",
        600,
        60,
        86_400,
        "... when it lasts so long while the link is up: longer than a lift or an underpass. "
        "Assumed.",
    ),
    Parameter(
        "jamming_accuracy_m",
        80,
        20,
        10_000,
        "... and when in it positions from one to three satellites claim a radius of this at "
        "least, ...",
    ),
    Parameter(
        "jamming_poor_fixes",
        3,
        1,
        100,
        "... so many of them: a jammed receiver goes on trying, one in a cellar has nothing to try "
        "with. Assumed.",
    ),
)

_SPOOFING: Final = (
    Parameter(
        "spoofing_window_s",
        3_600,
        60,
        86_400,
        "Two signs must meet within this time; without any for as long, it has ended.",
    ),
    Parameter(
        "spoofing_accuracy_m",
        5,
        1,
        100,
        "A claim at or below this, unchanged together with the number of satellites, is too good "
        "for a moving receiver ...",
    ),
    Parameter("spoofing_uniform_reports", 15, 2, 1_000, "... over this many fixes in a row ..."),
    Parameter(
        "spoofing_unwalked_m",
        500,
        10,
        1_000_000,
        "A way of this length at walking pace, leg after leg, on which the steps counted would "
        "have to be longer than any stride (`stride_most_mm`), is a sign ...",
    ),
    Parameter("spoofing_pace_least_mmps", 500, 100, 5_000, "... walking pace being this, ..."),
    Parameter(
        "spoofing_pace_most_mmps",
        2_500,
        200,
        10_000,
        "... to this; what is faster rides, and then no steps are nothing special.",
    ),
    Parameter("spoofing_uniform_m", 1_000, 10, 1_000_000, "... and a way of this length."),
    Parameter(
        "spoofing_disagreements",
        3,
        1,
        3,
        "Legs on which claimed speed and way disagree, within the window, that make a sign.",
    ),
    Parameter(
        "spoofing_still_mps",
        25,
        5,
        1_000,
        "They disagree when a device claims to stand at both ends and went faster than this "
        "between; from stop to stop in a minute or three no vehicle does ...",
    ),
    Parameter(
        "spoofing_moving_mps",
        5,
        1,
        100,
        "... or when it claims at least this at both ends and, error circles added, has not gone a "
        "quarter of the way.",
    ),
    Parameter(
        "spoofing_leg_s",
        180,
        10,
        3_600,
        "Longer legs are not compared, and no jump is seen in them.",
    ),
)

_SOURCES: Final = (
    Parameter(
        "sources_apart_m",
        300,
        50,
        100_000,
        "How far beyond both error circles, and beyond what may have been driven between, a "
        "position from satellites and one from the network must lie. Wi-Fi errs by 74 m in the "
        "median (Zandbergen 2009); three radii are taken off already.",
    ),
    Parameter(
        "sources_drive_mps",
        10,
        1,
        200,
        "Mean speed that is allowed between the two even where the device says that it stands; "
        "twice the faster of two claimed speeds where that is more. Assumed.",
    ),
    Parameter(
        "sources_reports",
        3,
        2,
        100,
        "Changes from one source to the other and back, in a row, at which they disagree; a single "
        "entry of a network's table is wrong now and then. Where they agree it ends likewise.",
    ),
    Parameter(
        "sources_s",
        600,
        0,
        86_400,
        "... over at least this time: longer than a train stands between two stops. Assumed.",
    ),
)

RECEPTION: Final = (*_JAMMING, *_SPOOFING, *_SOURCES)

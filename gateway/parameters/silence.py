"""Parameters of silence and of outages."""

from typing import Final

from gateway.parameters.parameter import Parameter

SILENCE: Final = (
    Parameter(
        "silence_gap_s",
        900,
        30,
        604_800,
        "A gap in what a device recorded, longer than this, is a silence, once the device is back "
        "and has had time to deliver what it held ...",
    ),
    Parameter(
        "silence_s",
        3_600,
        30,
        604_800,
        "... and as long as it is away, one that has not been heard of for this long. An hour: "
        "losing the link is no conduct (people were jailed for 17 minutes of lost signal), a "
        "device records on meanwhile, and its strap alarm goes out before it is out of reach. "
        "Set less for a class that must be reachable.",
    ),
    Parameter(
        "silence_return_s",
        300,
        0,
        86_400,
        "How long a device that is back may take to deliver before its gap is told.",
    ),
    Parameter(
        "silence_intervals",
        5,
        2,
        1_000,
        "For both: or, where that is longer, this many expected reporting intervals.",
    ),
    Parameter(
        "outage_devices",
        5,
        2,
        100_000,
        "So many devices of one organisation quiet at the same time are an outage of the network "
        "and not so many silences; below it each speaks for itself.",
    ),
    Parameter(
        "outage_share_pct",
        50,
        10,
        100,
        "... when they are at least this share of the organisation's watched devices. Assumed.",
    ),
    Parameter(
        "outage_s",
        300,
        30,
        86_400,
        "... and each of them was heard last this long ago: several reporting intervals, and less "
        "than the limit of a silence.",
    ),
)

"""What befalls a device or a body where it is: the menu, with how long each lasts.

Shares and lengths are assumed: every rule shall be met often enough for its recall to be measured.
"""

from dataclasses import dataclass
from typing import Final

from device_sims.routine import HOUR_S


@dataclass(frozen=True)
class Mishap:
    """One kind.

    Attributes:
        kind: Its name.
        rule: Its label; None: a near miss.
        lasts_s: Shortest and longest.
        note: In words.
        is_walking: It needs a wearer who walks for minutes meanwhile.
        is_still: It needs a wearer who stays where they are.
    """

    kind: str
    rule: str | None
    lasts_s: tuple[float, float]
    note: str
    is_walking: bool = False
    is_still: bool = False


BY_DAY: Final = (
    Mishap("lost", "position_lost", (4_200, 9_000), "no fix for more than an hour, the link holds"),
    Mishap("metro", None, (540, 840), "rides the metro: no fix for minutes, a near miss"),
    Mishap("clock", "clock_skew", (7_200, 18_000), "the device's clock is minutes off"),
    Mishap("twin", "duplicate_identity", (3_600, 18_000), "a second device has the same name"),
    Mishap("jam_told", "jamming", (600, 3_000), "jammed; the device says so"),
    Mishap("jam", "jamming", (900, 3_000), "jammed: few satellites, poor fixes or none"),
    Mishap("teleport", "teleport", (180, 1_200), "jumps kilometres away and back"),
    Mishap("flight", "impossible_speed", (360, 900), "moves faster than anybody can, and back"),
    Mishap("drag", "spoofing", (1_800, 4_200), "drawn away slowly from where it is", is_still=True),
    Mishap("bold", "overconfident", (1_200, 3_600), "claims 2 m and is hundreds off"),
    *(
        Mishap(
            "frozen", "frozen", (4_000, 9_000), "the same position while the wearer walks",
            is_walking=True,
        ),
    ) * 3,  # most occasions are none: the wearer has to walk
    Mishap("racing", "heart_rate", (3_600, 5_400), "a racing pulse at rest", is_still=True),
    Mishap("exercise", None, (900, 2_400), "exercises: a fast pulse, a near miss", is_still=True),
    Mishap("fever", "temperature", (4 * HOUR_S, 8 * HOUR_S), "fever"),
    Mishap("sick", None, (6 * HOUR_S, 9 * HOUR_S), "in bed by day: a near miss", is_still=True),
    Mishap("desk", None, (3_000, 4_200), "charges it on the table: a near miss", is_still=True),
)  # fmt: skip

BY_NIGHT: Final = (
    Mishap("lost", "position_lost", (4_200, 9_000), "no fix for more than an hour, the link holds"),
    Mishap("jam", "jamming", (900, 3_000), "jammed: few satellites, poor fixes or none"),
    Mishap("teleport", "teleport", (180, 1_200), "jumps kilometres away and back"),
    Mishap("drag", "spoofing", (1_800, 4_200), "drawn away slowly from where it is"),
    Mishap("bold", "overconfident", (1_200, 3_600), "claims 2 m and is hundreds off"),
    Mishap("twin", "duplicate_identity", (3_600, 18_000), "a second device has the same name"),
    Mishap("racing", "heart_rate", (3_600, 5_400), "a racing pulse at rest"),
    Mishap("bath", None, (900, 1_800), "a hot bath: a near miss"),
    Mishap("fever", "temperature", (4 * HOUR_S, 8 * HOUR_S), "fever"),
)  # fmt: skip

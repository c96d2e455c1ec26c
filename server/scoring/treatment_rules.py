"""What must hold of the treatments (奖惩) of a scoring policy; each fault with its place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from server.scoring.located import Spot
from server.scoring.members import Reader
from server.scoring.policy import Grade, Policy, Treatment, TreatmentKind

MOST: Final = 20
MOST_MONTHS: Final = 24
GRADES_OF: Final[Mapping[TreatmentKind, tuple[Grade, ...]]] = MappingProxyType(
    {"reward": ("green", "blue"), "restriction": ("orange", "red")}
)
"""Nobody is rewarded for a low grade, nor restricted for a middle one."""


def check_treatments(reader: Reader, members: Mapping[str, Spot], policy: Policy) -> None:
    """Check the treatments of a file."""
    spots = reader.items(members, "treatments")
    if len(spots) > MOST:
        said = f"{len(spots)} treatments, {MOST} at most"
        reader.fault(members["treatments"], "wrong_count", f"奖惩建议最多{MOST}项", said)
    seen: set[str] = set()
    for spot, one in zip(spots, policy.treatments, strict=True):
        if not isinstance(spot.value, dict):
            continue
        if one.id in seen:
            reader.fault(
                spot.value["id"], "repeated", f"{one.id}重复", f"the id {one.id} stands twice"
            )
        seen.add(one.id)
        _check_one(reader, spot.value, one)


def _check_one(reader: Reader, members: Mapping[str, Spot], one: Treatment) -> None:
    if "kind" in members and one.kind not in GRADES_OF:
        said = f"kind is not one of {', '.join(GRADES_OF)}"
        reader.fault(members["kind"], "wrong_value", "kind应为reward或restriction", said)
        return
    allowed = GRADES_OF.get(one.kind, ())
    if "grades" in members and not one.grades:
        reader.fault(members["grades"], "wrong_value", "未列等级", "no grade is named")
    for place in reader.items(members, "grades"):
        if allowed and place.value not in allowed:
            said = f"a {one.kind} is for {' or '.join(allowed)} only, not for {place.value}"
            zh = f"{one.kind}仅限{'、'.join(allowed)}"
            reader.fault(place, "wrong_treatment", zh, said)
    if "months" in members and one.months > MOST_MONTHS:
        said = f"months is above {MOST_MONTHS}: nobody would wait for it"
        reader.fault(members["months"], "wrong_value", f"months最多{MOST_MONTHS}", said)

"""What must hold of the redemption of points (积分兑换) in a scoring policy; faults with places."""

from collections.abc import Mapping
from typing import Final

from server.scoring.located import Spot
from server.scoring.members import Reader
from server.scoring.policy import Policy

MOST_ITEMS: Final = 50


def check_redemption(reader: Reader, members: Mapping[str, Spot], policy: Policy) -> None:
    """Check the redemption of a file, where it has any."""
    spot = members.get("redemption")
    if spot is None or policy.redemption is None or not isinstance(spot.value, dict):
        return
    held = spot.value
    for name in ("per_point", "month_most"):
        if name in held and getattr(policy.redemption, name) <= 0:
            reader.fault(held[name], "wrong_value", f"{name}应大于零", f"{name} is not above 0")
    known = [one.id for one in policy.dimensions]
    for place in reader.items(held, "dimensions"):
        if place.value not in known:
            said = f"{place.value} is no dimension: one of {', '.join(known)}"
            reader.fault(place, "wrong_value", f"不认识的维度{place.value}", said)
    _check_items(reader, held, policy)


def _check_items(reader: Reader, held: Mapping[str, Spot], policy: Policy) -> None:
    spots, seen = reader.items(held, "items"), set()
    if len(spots) > MOST_ITEMS:
        said = f"{len(spots)} items, {MOST_ITEMS} at most"
        reader.fault(held["items"], "wrong_count", f"兑换项目最多{MOST_ITEMS}项", said)
    items = policy.redemption.items if policy.redemption else ()
    for place, one in zip(spots, items, strict=True):
        if not isinstance(place.value, dict):
            continue
        if one.id in seen and "id" in place.value:
            said = f"the id {one.id} stands twice"
            reader.fault(place.value["id"], "repeated", f"{one.id}重复", said)
        seen.add(one.id)
        if "cost" in place.value and one.cost <= 0:
            reader.fault(place.value["cost"], "wrong_value", "cost应大于零", "cost is not above 0")

"""Reads members of a located document; every fault is kept, with its place."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from server.law.text import Text
from server.scoring.faults import FaultKind, PolicyFault
from server.scoring.located import Spot
from server.scoring.policy import MILLI

NOWHERE: Final = Text("", "")
_MOST: Final = 10_000
_MOST_MONTHS: Final = 600
_LONGEST_ID: Final = 40
_LONGEST: Final = 400


class Reader:
    """Collects the faults of one document.

    Attributes:
        faults: As they were found.
    """

    def __init__(self) -> None:
        """Begin without a fault."""
        self.faults: list[PolicyFault] = []

    def fault(self, spot: Spot, kind: FaultKind, zh: str, en: str) -> None:
        """Keep a fault of a place."""
        self.faults.append(PolicyFault(spot.line, spot.column, kind, zh, en))

    def table(
        self, spot: Spot, wanted: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, Spot]:
        """Return the members of a mapping; faults for what is missing and what is unknown."""
        if not isinstance(spot.value, dict):
            self.fault(spot, "wrong_value", "应当是键值对", "a mapping is wanted")
            return {}
        wanted, found = tuple(wanted), spot.value
        allowed = (*wanted, *optional)
        for name in wanted:
            if name not in found:
                kind: FaultKind = "missing_text" if name in ("zh", "en") else "missing"
                self.fault(spot, kind, f"缺少{name}", f"{name} is missing")
        for name, member in found.items():
            if name not in allowed:
                said = f"{name} is not one of {', '.join(allowed)}"
                self.fault(member, "unknown_key", f"不认识的{name}", said)
        return found

    def items(self, members: Mapping[str, Spot], name: str) -> list[Spot]:
        """Return a list member, empty where it is missing."""
        spot = members.get(name)
        if spot is None:
            return []
        if not isinstance(spot.value, list):
            self.fault(spot, "wrong_value", f"{name}应当是列表", f"{name} is no list")
            return []
        return spot.value

    def word(self, members: Mapping[str, Spot], name: str) -> str:
        """Return a text member that is an id or a version."""
        spot = members.get(name)
        if spot is None:
            return ""
        text = spot.value
        if not isinstance(text, str) or not text or len(text) > _LONGEST_ID or not _is_plain(text):
            said = f"{name} is no id: 1 to 40 of a-z, 0-9, _, - and ."
            self.fault(spot, "wrong_value", f"{name}应当是标识", said)
            return ""
        return text

    def text(self, spot: Spot | None, *, among: Mapping[str, Spot] | None = None) -> Text:
        """Return a sentence from `zh` and `en`, of the mapping itself or of `among`."""
        if spot is None:
            return NOWHERE
        members = among if among is not None else self.table(spot, ("zh", "en"))
        said = {}
        for name in ("zh", "en"):
            member = members.get(name)
            value = member.value if member else ""
            if member and (not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST):
                self.fault(member, "missing_text", f"缺少{name}文字", f"{name} has no text")
                value = ""
            said[name] = str(value or "")
        return Text(said["zh"], said["en"])

    def milli(self, members: Mapping[str, Spot], name: str) -> int | None:
        """Return points in thousandths, None where they are missing or wrong."""
        spot = members.get(name)
        if spot is None:
            return None
        value = spot.value
        if not isinstance(value, Decimal) or not value.is_finite() or abs(value) > _MOST:
            said = f"{name} is no number within ±{_MOST}"
            self.fault(spot, "wrong_value", f"{name}应当是数字", said)
            return None
        scaled = value * MILLI
        if scaled != int(scaled):
            said = f"{name} has more than three decimals"
            self.fault(spot, "wrong_value", f"{name}最多三位小数", said)
            return None
        return int(scaled)

    def count(self, members: Mapping[str, Spot], name: str, *, least: int = 1) -> int | None:
        """Return a number of months, None where there is none."""
        spot = members.get(name)
        if spot is None:
            return None
        value = spot.value
        if (
            not isinstance(value, Decimal)
            or value != value.to_integral()
            or not least <= value <= _MOST_MONTHS
        ):
            said = f"{name} is no whole number from {least} to {_MOST_MONTHS}"
            self.fault(spot, "wrong_value", f"{name}应当是整数", said)
            return None
        return int(value)


def _is_plain(text: str) -> bool:
    return all(one.isascii() and (one.isalnum() or one in "_-.") for one in text)

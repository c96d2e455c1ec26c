"""Which terminal a wearer has who wears no wristband of ours, and what it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Protocol = Literal["jt808", "gt06", "watch"]

PROTOCOLS: Final[tuple[Protocol, ...]] = ("jt808", "gt06", "watch")

UNTOLD: Final[Mapping[str, frozenset[str]]] = {
    # Its heartbeats tell the battery, so that it is never quite silent.
    "gt06": frozenset({"strap", "silence"}),
    "watch": frozenset({"strap"}),
}
"""Acts that a terminal of a protocol has no words for; neither GT06 nor watches know a strap."""

_EDITION_2019: Final = 1


@dataclass(frozen=True)
class Terminal:
    """A terminal as the registry knows it.

    Attributes:
        protocol: What it speaks.
        number: What it calls itself: phone, IMEI or watch id.
        model: Device-model profile of its codec; empty is the default one.
        serial: Terminal id in a JT/T 808 registration.
        version: Version byte of JT/T 808-2019; None for 2013 and other protocols.
    """

    protocol: Protocol
    number: str
    model: str = ""
    serial: str | None = None
    version: int | None = None


def terminal_of(nth: int, number: int) -> Terminal:
    """Return the terminal of a wearer: the protocols in turn, both editions of JT/T 808.

    No operator gives out such phone numbers, and IMEIs that begin with 001 are for tests.

    Args:
        nth: Which of the county's terminals it is, from 0.
        number: Number of the wearer, below a million.
    """
    protocol = PROTOCOLS[nth % len(PROTOCOLS)]
    if protocol == "gt06":
        return Terminal(protocol, f"001010{number:09d}")
    if protocol == "watch":
        return Terminal(protocol, f"10{number:08d}")
    edition = _EDITION_2019 if nth // len(PROTOCOLS) % 2 else None
    return Terminal(protocol, f"100{number:08d}", "wristband", f"G{number:06d}", edition)

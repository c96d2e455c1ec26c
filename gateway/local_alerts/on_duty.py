"""Whose terminals are told: on duty where it happened, then above. Pure."""

from collections.abc import Sequence
from typing import Final

from gateway.directory.snapshot import Directory

_TRIES_A_LEVEL: Final = 4
"""Unseen so often, with pauses of 5 to 40 s in between, an alert is told one level up as well."""


def stations(directory: Directory, org: str, at_ms: int) -> list[list[str]]:
    """Return the terminals of an organisation and of each above it, the nearest first.

    Where the rota has nobody, those that officers carry there; where there are none, the level is
    left out.
    """
    levels: list[list[str]] = []
    passed: set[str] = set()
    while org and org not in passed:
        passed.add(org)
        found = _on_duty(directory, org, at_ms) or _carried(directory, org, at_ms)
        if found:
            levels.append(found)
        org = directory.above.get(org, "")
    return levels


def recipients(levels: Sequence[Sequence[str]], tries: int) -> list[str]:
    """Return whom the next try goes to, after so many that nobody has seen."""
    told = (device for level in levels[: 1 + tries // _TRIES_A_LEVEL] for device in level)
    return list(dict.fromkeys(told))


def _on_duty(directory: Directory, org: str, at_ms: int) -> list[str]:
    return sorted(
        {
            one.device
            for one in directory.on_duty.get(org, ())
            if one.valid_from_ms <= at_ms < one.valid_to_ms
        }
    )


def _carried(directory: Directory, org: str, at_ms: int) -> list[str]:
    found = []
    for name, device in directory.devices.items():
        # What speaks TCP has no word for "seen".
        if device.org == org and device.kind == "terminal" and device.terminal is None:
            binding = directory.binding_at(name, at_ms)
            if binding is not None and binding.holder_kind == "officer":
                found.append(name)
    return sorted(found)

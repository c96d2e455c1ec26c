"""What an alert is alike with. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from server.alerts.lifecycle import GUARDED

_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "contact": ("silence", "position_lost"),
        "battery": ("critical_battery", "low_battery", "charging_neglect"),
        "signal": ("teleport", "impossible_speed", "frozen", "overconfident", "sources_disagree"),
        "recorder": ("recorder_off", "recording_gap", "storage_low"),
    }
)
"""Rules that tell one matter in other words. What a person did is of its own rule only."""

_FAMILY_OF: Final = {rule: family for family, rules in _FAMILIES.items() for rule in rules}


def fingerprint(*, org: str, rule: str, about: str, outage: str | None = None) -> str | None:
    """Return what alerts of one matter have alike; None: it is always on its own.

    Args:
        org: The organisation.
        rule: The rule.
        about: Whom or what it is about: a person, a device, a gateway; empty: the organisation.
        outage: It came with a backlog, after this outage; empty: after none that is known.
    """
    if rule in GUARDED:
        return None
    if outage is not None:
        # No rule has a name that begins like this.
        return f"{org}/+backlog/{outage or about}"
    family = _FAMILY_OF.get(rule)
    return f"{org}/{rule if family is None else f'+{family}'}/{about}"


def is_backlog(evidence: Mapping[str, Any], *, late: bool) -> bool:
    """Return whether an outcome is of a backlog: late, or decided by reports held back."""
    reports = evidence.get("reports")
    held_back = isinstance(reports, list) and any(
        isinstance(report, dict) and report.get("backlog") is True for report in reports
    )
    return late or held_back

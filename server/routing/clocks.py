"""How long an alert may wait where it is. Pure; the figures are the policy's."""

from datetime import timedelta
from typing import Final, Literal

from server.law.policy import Policy

Severity = Literal["critical", "major", "minor"]
Phase = Literal["open", "acknowledged", "dispatched", "on_site"]
"""Where handling stands; `on_site`: somebody who was sent has arrived."""

_FIGURE: Final[dict[Phase, str]] = {
    "open": "ack",
    "acknowledged": "resolve",
    "dispatched": "on_site",
    "on_site": "resolve",
}


def patience(policy: Policy, severity: Severity, phase: Phase) -> timedelta:
    """Return how long an alert may stand in a phase before it goes one level up."""
    return _minutes(policy, _FIGURE[phase], severity)


def reminder(policy: Policy, severity: Severity) -> timedelta:
    """Return after how long it is told again where there is no level above."""
    return _minutes(policy, "repeat", severity)


def _minutes(policy: Policy, figure: str, severity: Severity) -> timedelta:
    return timedelta(minutes=policy.number(f"alert_{figure}_{severity}_minutes"))

"""What an alert is to who gets it from us: which message of its chain, how sure, how urgent. Pure.

Each version of an alert is one message. It is named by alert and version, so that whoever gets it
twice can tell, and it refers to the messages of the same alert before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

MessageType = Literal["Alert", "Update", "Cancel"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Urgency = Literal["Immediate", "Expected", "Future", "Past"]

LIKELY_PPM: Final = 500_000
"""CAP 1.2, 3.2.2, certainty: Likely is p > ~50 %."""
POSSIBLE_PPM: Final = 10_000
"""The product's own end of "p ~ 0", below which a violation is Unlikely."""

_URGENCY: Final[Mapping[str, Urgency]] = {
    "critical": "Immediate",
    "major": "Expected",
    "minor": "Future",
}
_WITHDRAWN: Final = frozenset({"false", "technical"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an alert's chain.

    Attributes:
        identifier: Of alert and version.
        sent: When that version came; aware.
    """

    identifier: str
    sent: datetime


def source_of(alert: Mapping[str, Any]) -> str:
    """Return who says it: the organisation whose alert it is."""
    return f"guitu/org/{alert['org']}"


def messages_of(alert: Mapping[str, Any]) -> list[Message]:
    """Return the messages of an alert that are known, the one of now last.

    Args:
        alert: With `id`, `version`, `raised_at` and `changed_at`, the instants of its newest
            versions, the last of them that of `version`.
    """
    known: Sequence[datetime] = alert["changed_at"]
    first = alert["version"] - len(known) + 1
    times = {first + number: at for number, at in enumerate(known) if first + number >= 1}
    times[1] = alert["raised_at"]
    return [Message(f"{alert['id']}.{number}", times[number]) for number in sorted(times)]


def message_type(alert: Mapping[str, Any]) -> MessageType:
    """Return whether an alert is new, changed or taken back as it stands."""
    if alert["state"] == "superseded" or alert["verdict"] in _WITHDRAWN:
        return "Cancel"
    return "Alert" if alert["version"] == 1 else "Update"


def probability_ppm(evidence: Mapping[str, Any]) -> int | None:
    """Return the probability of violation that the engine found, parts per million, or None.

    The highest of the reports that the alert rests on, or that of the rule as a whole.
    """
    found = [one.get("violation_ppm") for one in evidence.get("reports", ())]
    facts = evidence.get("facts")
    found.append(facts.get("probability_ppm") if isinstance(facts, dict) else None)
    known = [one for one in found if isinstance(one, int)]
    return max(known) if known else None


def certainty(alert: Mapping[str, Any]) -> Certainty:
    """Return how sure it is: a person's word before the engine's probability."""
    if alert["verdict"] == "confirmed":
        return "Observed"
    if message_type(alert) == "Cancel":
        return "Unlikely"
    ppm = probability_ppm(alert["evidence"])
    if ppm is None:
        return "Unknown"
    if ppm > LIKELY_PPM:
        return "Likely"
    return "Possible" if ppm >= POSSIBLE_PPM else "Unlikely"


def urgency(alert: Mapping[str, Any]) -> Urgency:
    """Return how soon somebody must act; Past where nobody has to any more.

    What the engine cleared still waits for a person.
    """
    if alert["state"] in ("resolved", "superseded"):
        return "Past"
    return _URGENCY[alert["severity"]]


def last_place(evidence: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the last place that an alert rests on: WGS-84 degrees and metres, or None."""
    for report in reversed(evidence.get("reports", [])):
        place = {name: report.get(name) for name in ("longitude_deg", "latitude_deg")}
        if all(isinstance(value, int | float) for value in place.values()):
            return place | {"accuracy_m": report.get("accuracy_m") or 0.0}
    return None

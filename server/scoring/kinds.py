"""The kinds of confirmed facts: where each comes from, in what unit, and whether it may lower.

A kind is what happened; which indicator it feeds, and with how many points, is the policy's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Origin = Literal[
    "alert", "finding", "measure", "duty", "check", "leave", "assessment", "plan", "hand"
]
Unit = Literal["time", "hour"]


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact.

    Attributes:
        origin: What it becomes a fact by; `hand`: an officer enters it, alone, so that it may
            raise a score and never lower it.
        direction: 1: it may raise a score; -1: it may lower one.
    """

    name: str
    origin: Origin
    unit: Unit
    direction: Literal[1, -1]

    @property
    def is_by_hand(self) -> bool:
        """Whether an officer may enter it."""
        return self.origin == "hand" or self.name in _ALSO_BY_HAND


_ALSO_BY_HAND: Final = frozenset({"public_service_hour", "education_hour"})

_BREACHES: Final[Mapping[Origin, tuple[str, ...]]] = {
    "alert": (
        *("unapproved_outing", "device_removal", "low_battery_neglect"),
        *("forbidden_contact", "gathering"),
    ),
    "finding": (
        *("prohibition_breached", "visitor_rule_breached", "moved_without_leave", "late_arrival"),
        "whereabouts_unknown",
    ),
    "measure": ("admonition", "warning", "police_penalty"),
    "duty": ("report_missed", "public_service_missed", "education_missed"),
    "check": ("check_unanswered",),
    "leave": ("leave_overdue",),
    "assessment": ("assessment_unqualified",),
}
_MERITS: Final[Mapping[Origin, tuple[str, ...]]] = {
    "finding": ("merit", "major_merit"),
    "measure": ("praise",),
    "duty": ("report_kept", "change_reported", "talk_kept"),
    "check": ("check_answered",),
    "leave": ("leave_returned",),
    "assessment": ("assessment_good",),
    "plan": ("plan_kept",),
    "hand": (
        *("risk_lowered", "residence_kept", "employment_started", "employment_kept"),
        *("schooling_kept", "training_completed", "certificate_earned", "restitution_paid"),
        *("neighbourhood_commended", "conflict_settled", "peer_help", "full_attendance"),
        "commitment_signed",
    ),
}
_HOURS: Final[Mapping[Origin, tuple[str, ...]]] = {
    "duty": ("public_service_hour", "education_hour"),
    "hand": ("volunteer_hour",),
}


def _kinds() -> Mapping[str, FactKind]:
    found = [
        *(FactKind(name, origin, "time", -1) for origin, of in _BREACHES.items() for name in of),
        *(FactKind(name, origin, "time", 1) for origin, of in _MERITS.items() for name in of),
        *(FactKind(name, origin, "hour", 1) for origin, of in _HOURS.items() for name in of),
    ]
    return MappingProxyType({kind.name: kind for kind in found})


FACT_KINDS: Final = _kinds()

CODES: Final[tuple[str, ...]] = (
    *("unapproved_outing", "device_removal", "low_battery_neglect", "public_service_hour"),
    *("forbidden_contact", "gathering", "prohibition_breached", "visitor_rule_breached"),
    *("moved_without_leave", "late_arrival", "whereabouts_unknown", "admonition", "warning"),
    *("police_penalty", "report_missed", "public_service_missed", "education_missed"),
    *("check_unanswered", "leave_overdue", "assessment_unqualified", "merit", "major_merit"),
    *("praise", "report_kept", "change_reported", "talk_kept", "check_answered"),
    *("leave_returned", "assessment_good", "plan_kept", "risk_lowered", "residence_kept"),
    *("employment_started", "employment_kept", "schooling_kept", "training_completed"),
    *("certificate_earned", "restitution_paid", "neighbourhood_commended", "conflict_settled"),
    *("peer_help", "full_attendance", "commitment_signed", "education_hour", "volunteer_hour"),
)
"""A kind's number in packed facts is its place here: new kinds go to the end, none ever moves."""
NUMBER_OF: Final[Mapping[str, int]] = MappingProxyType(
    {name: number for number, name in enumerate(CODES)}
)

OF_RULE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "exclusion": "unapproved_outing",
        "inclusion": "unapproved_outing",
        "strap": "device_removal",
        "removed": "device_removal",
        "low_battery": "low_battery_neglect",
        "no_contact": "forbidden_contact",
        "gathering": "gathering",
        "checkin_missed": "check_unanswered",
    }
)
"""What an alert of a rule is once a person has confirmed it; of another rule: its own name, which
no policy scores."""

PUBLIC_CREDIT: Final = "public_credit"
"""A figure of the province's public-credit score; its part has no indicator."""

EXCLUSIONS: Final = ("minors", "medical", "religion", "biometrics")
"""What no policy may score by; each has to say so itself."""

EXCLUDED_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("health_report", "medical_review", "heart_rate", "temperature", "drug_test"), "medical"
        ),
        **dict.fromkeys(("psychological_scale", "disease", "blood_type"), "medical"),
        **dict.fromkeys(("checkin_no_match", "face_check", "fingerprint", "gene"), "biometrics"),
        **dict.fromkeys(("religion", "worship"), "religion"),
        **dict.fromkeys(("minor_record", "guardianship"), "minors"),
    }
)
"""Facts that the system may know and that no score may read, by the exclusion."""

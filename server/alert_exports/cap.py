"""Alerts as CAP 1.2 (OASIS Standard, 1 July 2010). Pure.

Clauses in comments are the standard's. Pseudonyms only: a name leaves in no message.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from server.alert_exports.chain import (
    certainty,
    last_place,
    message_type,
    messages_of,
    probability_ppm,
    source_of,
    urgency,
)
from server.alert_exports.markup import element, instant

CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_CATEGORIES: Final[Mapping[str, str]] = {
    "violation": "Security",
    "integrity": "Security",
    "care": "Health",
}
_RESCUE: Final = "sos"
_SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "Severe",
    "major": "Moderate",
    "minor": "Minor",
}
_RESTRICTION: Final = (
    "仅供社区矫正工作使用，不得外传（社区矫正法第二十九条）/"
    " for community corrections only, not to be passed on"
)
_LANGUAGES: Final = (("zh", "zh-CN"), ("en", "en-US"))
_MOST_HEADLINE: Final = 160
_MOST_VERTICES: Final = 500
"""Of a fence's ring; a larger one is a region, and told by its name."""
_LEAST_PAIRS: Final = 4
_LEAST_KM: Final = 0.001


def cap_alert(alert: Mapping[str, Any]) -> str:
    """Return an alert as it stands now as one CAP message.

    Args:
        alert: As `server.alert_exports.store` reads it; `place` says whether places may be told.
    """
    *before, message = messages_of(alert)
    sender = source_of(alert)
    references = " ".join(f"{sender},{_name(one.identifier)},{instant(one.sent)}" for one in before)
    parts = [
        element("identifier", _name(message.identifier)),
        element("sender", sender),
        element("sent", instant(message.sent)),
        element("status", "Actual"),
        element("msgType", message_type(alert)),
        # 3.2.1: a restriction goes with this scope, and with no other.
        element("scope", "Restricted"),
        element("restriction", _RESTRICTION),
    ]
    if references:
        parts.append(element("references", references))
    parts += [_info(alert, short, long) for short, long in _LANGUAGES]
    return f'<alert xmlns="{CAP}">{"".join(parts)}</alert>'


def _info(alert: Mapping[str, Any], short: str, language: str) -> str:
    event = _said(alert, "title", short) or alert["rule"]
    category = _CATEGORIES.get(alert["category"], "Other")
    parts = [
        element("language", language),
        element("category", "Rescue" if alert["rule"] == _RESCUE else category),
        element("event", event),
        element("urgency", urgency(alert)),
        element("severity", _SEVERITIES[alert["severity"]]),
        element("certainty", certainty(alert)),
        element("onset", instant(alert["begin_time"])),
        element("senderName", alert[f"org_name_{short}"]),
        element("headline", event[:_MOST_HEADLINE]),
    ]
    explanation = _said(alert, "explanation", short)
    if explanation:
        parts.append(element("description", explanation))
    parts += [_parameter(name, value) for name, value in _parameters(alert)]
    return f"<info>{''.join([*parts, *_areas(alert, short)])}</info>"


def _parameters(alert: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("rule", "state", "condition", "verdict", "late", "subject", "device", "fence"):
        if alert[name] is not None:
            yield name, str(alert[name]).lower() if name == "late" else alert[name]
    ppm = probability_ppm(alert["evidence"])
    if ppm is not None:
        yield "violation_ppm", ppm


def _parameter(name: str, value: Any) -> str:
    inner = element("valueName", f"guitu:{name}") + element("value", str(value))
    return f"<parameter>{inner}</parameter>"


def _areas(alert: Mapping[str, Any], short: str) -> Iterator[str]:
    yielded = False
    if alert["place"]:
        place = last_place(alert["evidence"])
        if place is not None:
            yielded = True
            centre = _pair(place["longitude_deg"], place["latitude_deg"])
            named = {"zh": "最后位置", "en": "last place"}[short]
            yield _area(named, circle=(centre, place["accuracy_m"]))
        # Whoever is outside a fence that binds to stay in is not in the fence's area.
        if alert["fence_geometry"] is not None and alert["fence_use"] == "exclusion":
            yielded = True
            yield _fence_area(alert)
    if not yielded:
        yield _area(alert[f"org_name_{short}"])


def _fence_area(alert: Mapping[str, Any]) -> str:
    shape = alert["fence_geometry"]
    if shape["type"] == "Point":
        return _area(
            alert["fence_name"], circle=(_pair(*shape["coordinates"][:2]), alert["fence_radius_m"])
        )
    many = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return _area(alert["fence_name"], rings=[polygon[0] for polygon in many])


def _area(
    described: str,
    *,
    circle: tuple[str, float] | None = None,
    rings: list[list[list[float]]] | None = None,
) -> str:
    parts = [element("areaDesc", described)]
    for ring in rings or []:
        # 3.2.4: four pairs at least, the first and the last the same.
        closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
        if _LEAST_PAIRS <= len(closed) <= _MOST_VERTICES:
            pairs = " ".join(_pair(*corner[:2]) for corner in closed)
            parts.append(element("polygon", pairs))
    if circle is not None:
        # 3.2.4: a radius in kilometres.
        radius_km = max(circle[1] / 1000, _LEAST_KM)
        parts.append(element("circle", f"{circle[0]} {radius_km:.3f}"))
    return f"<area>{''.join(parts)}</area>"


def _pair(longitude_deg: float, latitude_deg: float) -> str:
    # 3.3.1: WGS 84, latitude first.
    return f"{latitude_deg:.7f},{longitude_deg:.7f}"


def _said(alert: Mapping[str, Any], name: str, short: str) -> str:
    return (alert[name] or {}).get(short) or ""


def _name(identifier: str) -> str:
    # 3.2.1: no spaces, commas, < or & in an identifier.
    return quote(identifier, safe=".:-_")

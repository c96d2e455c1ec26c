"""The directory under which the residents of the field are judged (docs/wire/directory-v1.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from device_sims.cast import org_of
from device_sims.dice import Dice
from device_sims.field.absences import CORRIDOR_M, Absence
from device_sims.field.band import INTERVAL_MS
from device_sims.field.checkins import duty_id
from device_sims.field.duties import (
    CHECK_IN_GRACE_S,
    CHECK_IN_H,
    CHECK_IN_WEEKDAYS,
    CURFEW_H,
    curfew_circle,
    gets_bad_firmware,
    must_check_in,
    under_curfew,
)
from device_sims.field.marks import curfew_id
from device_sims.field.population import Character, Resident
from device_sims.field.society import CONTACT_M, Pair, Protected, Site, Society
from device_sims.ground import Circle
from device_sims.registry_file import Row, binding_row, device_row, fence_row, order_row, stamp
from device_sims.territory import COUNTY, Territory, office_id

ZONE: Final = "Asia/Shanghai"
NIGHTS: Final = "sc-night"
CHECK_INS: Final = "sc-checkin"
BAD_CLASS: Final = "band-b"

_CLASSES: Final[dict[Character, str]] = {
    "steady": "lenient",
    "careless": "general",
    "defiant": "strict",
}
_BY_CLASS: Final = {name: {"dwell_enabled": 1} for name in _CLASSES.values()}
"""Rules that are off by default and of which the field has violators."""


def directory_body(
    society: Society, absences: Sequence[Absence], since: datetime, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Return the body of a directory.

    Args:
        society: Everybody.
        absences: The approved absences of the time that is played.
        since: Everything else is in force from then on.
        parameters: Rule parameters by name; the rest are the defaults.
    """
    residents = society.population.residents
    orgs = {COUNTY, *(org_of(resident.wearer.subject) for resident in residents)}
    protected = [pair.other for pair in society.pairs if isinstance(pair.other, Protected)]
    kiosks = [site for site in society.sites if site.kiosk is not None]
    orgs |= {other.org for other in protected} | {office_id(site.office) for site in kiosks}
    return {
        "format": "guitu-directory/1",
        "version": 1,
        "org": COUNTY,
        "orgs": sorted(orgs),
        "devices": [
            *(_device(resident) for resident in residents),
            *(_other_device(other.device, other.org, "wristband") for other in protected),
            *(_other_device(str(s.kiosk), office_id(s.office), "kiosk") for s in kiosks),
        ],
        "bindings": [
            *(
                binding_row(r.wearer.device, "subject", r.wearer.subject.subject, since)
                for r in residents
            ),
            *(binding_row(other.device, "protected", other.name, since) for other in protected),
        ],
        "orders": [
            order_row(number, resident.wearer.subject.subject, Dice(0, number), since)
            for number, resident in enumerate(residents)
        ],
        "fences": [*_fences(society, since), *(_absence_fence(society, a) for a in absences)],
        "rules": {"version": "field", "parameters": parameters, "classes": _BY_CLASS},
        "leaves": [_leave(absence) for absence in absences],
        **_sections(society, since),
    }


def _sections(society: Society, since: datetime) -> dict[str, list[Row]]:
    residents, territory = society.population.residents, society.population.territory
    return {
        "subjects": [_subject(resident, since) for resident in residents],
        "schedules": _schedules(),
        "no_contact": [_pair(society, pair, since) for pair in society.pairs],
        "sites": [_site(territory, site) for site in society.sites],
        "checkins": [
            _check_in(society, resident, since) for resident in residents if must_check_in(resident)
        ],
    }


def _device(resident: Resident) -> Row:
    wearer = resident.wearer
    row = _other_device(wearer.device, org_of(wearer.subject), "wristband")
    return row | {"class": BAD_CLASS if gets_bad_firmware(resident) else None}


def _other_device(device: str, org: str, kind: str) -> Row:
    return device_row(device, org, kind, INTERVAL_MS // 1_000)


def _subject(resident: Resident, since: datetime) -> Row:
    return {
        "subject": resident.wearer.subject.subject,
        "org": org_of(resident.wearer.subject),
        "class": _CLASSES[resident.character],
        "colour": None,
        "valid_from": stamp(since),
        "valid_to": None,
    }


def _fences(society: Society, since: datetime) -> list[Row]:
    population = society.population
    territory, county = population.territory, population.county_fence
    everybody = [r.wearer.subject.subject for r in population.residents]
    rows = [fence_row(territory, county, COUNTY, everybody, since)]
    for resident in population.residents:
        wearer = resident.wearer
        org, whom = org_of(wearer.subject), [wearer.subject.subject]
        rows += [
            fence_row(territory, fence, org, whom, since)
            for fence in wearer.fences
            if fence is not county
        ]
        if under_curfew(resident):
            area = _circle(territory, curfew_circle(resident))
            rows.append(
                {
                    "fence": curfew_id(resident),
                    "use": "curfew",
                    "datum": "WGS84",
                    **area,
                    "subjects": whom,
                    "valid_from": stamp(since),
                    "schedule": NIGHTS,
                }
            )
    return [row | {"version": 1, "valid_to": None} for row in rows]


def _absence_fence(society: Society, absence: Absence) -> Row:
    territory = society.population.territory
    if isinstance(absence.area, Circle):
        use, area = "leave", _circle(territory, absence.area)
    else:
        line = [territory.point(xy) for xy in absence.area.points]
        use = "route"
        area = {
            "geometry": {"type": "LineString", "coordinates": line},
            "width_m": 2.0 * CORRIDOR_M,
        }
    return {
        "fence": f"f-{absence.absence}",
        "version": 1,
        "use": use,
        "datum": "WGS84",
        **area,
        "subjects": [absence.subject],
        "valid_from": _instant(absence.area_valid[0]),
        "valid_to": _instant(absence.area_valid[1]),
    }


def _leave(absence: Absence) -> Row:
    return {
        "leave": absence.absence,
        "subject": absence.subject,
        "kind": absence.kind,
        "valid_from": _instant(absence.valid[0]),
        "valid_to": _instant(absence.valid[1]),
        "fence": f"f-{absence.absence}",
    }


def _pair(society: Society, pair: Pair, since: datetime) -> Row:
    residents = society.population.residents
    other = pair.other
    name = other.name if isinstance(other, Protected) else residents[other].wearer.subject.subject
    return {
        "pair": pair.pair,
        "subject": residents[pair.subject].wearer.subject.subject,
        "other": name,
        "distance_m": CONTACT_M,
        "valid_from": stamp(since),
        "valid_to": None,
    }


def _site(territory: Territory, site: Site) -> Row:
    longitude_deg, latitude_deg = territory.point(site.circle.centre)
    return {
        "site": site.site,
        "kind": site.kind,
        "name": site.name,
        "datum": "WGS84",
        "longitude_deg": longitude_deg,
        "latitude_deg": latitude_deg,
        "radius_m": site.circle.radius_m,
        "official": site.is_official,
    }


def _check_in(society: Society, resident: Resident, since: datetime) -> Row:
    return {
        "checkin": duty_id(resident),
        "subject": resident.wearer.subject.subject,
        "schedule": CHECK_INS,
        "kiosk": society.office_site(resident.wearer.subject.office).kiosk,
        "grace_s": CHECK_IN_GRACE_S,
        "valid_from": stamp(since),
        "valid_to": None,
    }


def _schedules() -> list[Row]:
    return [
        {"schedule": NIGHTS, "zone": ZONE, "windows": [_window(CURFEW_H)]},
        {
            "schedule": CHECK_INS,
            "zone": ZONE,
            "windows": [_window(CHECK_IN_H) | {"days": [day + 1 for day in CHECK_IN_WEEKDAYS]}],
        },
    ]


def _window(hours: tuple[float, float]) -> Row:
    start, end = (f"{int(hour) % 24:02d}:{round(hour % 1 * 60):02d}" for hour in hours)
    return {"start": start, "end": end}


def _circle(territory: Territory, circle: Circle) -> Row:
    geometry = {"type": "Point", "coordinates": territory.point(circle.centre)}
    return {"geometry": geometry, "radius_m": circle.radius_m}


def _instant(time_s: float) -> str:
    return stamp(datetime.fromtimestamp(round(time_s), UTC))

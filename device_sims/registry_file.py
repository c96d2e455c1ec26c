"""Rows of a registry file (docs/wire/registry-v1.md) and their dates relative to a `now`."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from device_sims.cast import SimFence
from device_sims.dice import Dice
from device_sims.ground import Circle, Polygon
from device_sims.terminal import Terminal
from device_sims.territory import COUNTY, OFFICES, Territory, office_id

FORMAT: Final = "guitu-registry/1"
ORDER_DAYS: Final = 80
"""Art. 29 of the law on community corrections allows three months, at the least 89 days."""

_GROUNDS: Final = 5

Row = dict[str, Any]


def stamp(moment: datetime) -> str:
    """Return RFC 3339 in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def org_rows(territory: Territory) -> list[Row]:
    """Return the county and its offices, parents first."""
    county = {
        "org": COUNTY,
        "parent": None,
        "level": "county",
        "name_zh": "青溪县",
        "name_en": "Qingxi County",
        "boundary": territory.geojson(territory.boundary),
    }
    return [county, *(_office_row(territory, office) for office in range(len(OFFICES)))]


def device_row(
    device: str, org: str, kind: str, expected_interval_s: int, terminal: Terminal | None = None
) -> Row:
    """Return a device."""
    row = {"device": device, "org": org, "kind": kind, "expected_interval_s": expected_interval_s}
    if terminal is None:
        return row
    on_the_wire = {
        "protocol": terminal.protocol,
        "number": terminal.number,
        "model": terminal.model,
        "serial": terminal.serial,
        "utc_offset_min": None,
    }
    return row | {"terminal": on_the_wire}


def binding_row(device: str, holder_kind: str, holder: str, valid_from: datetime) -> Row:
    """Return who holds a device, from when on."""
    return {
        "device": device,
        "holder_kind": holder_kind,
        "holder": holder,
        "valid_from": stamp(valid_from),
        "valid_to": None,
    }


def order_row(number: int, subject: str, dice: Dice, valid_from: datetime) -> Row:
    """Return a positioning order in force from `valid_from`."""
    return {
        "order": f"eo-{number:06d}",
        "subject": subject,
        "ground": dice.integer(500, 1, _GROUNDS),
        "approved_by": "李局长",
        "approved_at": stamp(valid_from - timedelta(hours=2)),
        "valid_from": stamp(valid_from),
        "valid_to": stamp(valid_from + timedelta(days=ORDER_DAYS)),
    }


def fence_row(
    territory: Territory, fence: SimFence, org: str, subjects: list[str], valid_from: datetime
) -> Row:
    """Return a fence and whom it is for."""
    row: Row = {
        "fence": fence.fence,
        "org": org,
        "name": fence.name,
        "use": fence.use,
        "datum": "WGS84",
    }
    match fence.area:
        case Circle(centre, radius_m):
            row["geometry"] = {"type": "Point", "coordinates": territory.point(centre)}
            row["radius_m"] = radius_m
        case Polygon() as polygon:
            row["geometry"] = territory.geojson(polygon)
    return {**row, "subjects": subjects, "valid_from": stamp(valid_from)}


def _office_row(territory: Territory, office: int) -> Row:
    name_zh, name_en = OFFICES[office]
    return {
        "org": office_id(office),
        "parent": COUNTY,
        "level": "office",
        "name_zh": f"{name_zh}司法所",
        "name_en": f"{name_en} Justice Office",
        "boundary": territory.geojson(territory.office_area(office)),
    }

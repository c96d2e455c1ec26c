"""The people of the field as a registry file (docs/wire/registry-v1.md)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from device_sims.cast import org_of
from device_sims.county import SUPERVISOR, subject_row
from device_sims.field.absences import absences_of
from device_sims.field.calendar_week import week_of
from device_sims.field.population import Population
from device_sims.field.rulebook import directory_body
from device_sims.field.society import Protected, Society
from device_sims.registry_file import FORMAT, Row, org_rows, stamp
from device_sims.territory import COUNTY

WEEKS: Final = 4
"""Absences are approved for so many weeks, this one counting; later ones nobody takes."""

_SINCE: Final = timedelta(days=30)
_RULES: Final = "field"
_NAMES: Final = {"curfew": "夜间住所", "leave": "外出目的地", "route": "批准路线"}


def field_registry(seed: int, *, residents: int, now: datetime | None = None) -> dict[str, Any]:
    """Return everybody of the field, with what the rules need to know of them.

    Kiosks and duties to check in are left out: attempts do not travel over MQTT yet.

    Args:
        seed: Seed of the field; `guitu sim run field` wants the same.
        residents: How many wear a device.
        now: Orders are in force and absences approved from this time on; None: of the call.
    """
    now = now or datetime.now(UTC)
    society = Society(Population(seed, residents))
    people = society.population.residents
    first = week_of(now.timestamp())
    absences = [
        absence
        for resident in people
        for week in range(first, first + WEEKS)
        for absence in absences_of(society, resident, week)
        if absence.valid[0] > now.timestamp()
    ]
    since = now - _SINCE
    body = directory_body(society, absences, since, {})
    orgs = {resident.wearer.subject.subject: org_of(resident.wearer.subject) for resident in people}
    protected = [pair.other for pair in society.pairs if isinstance(pair.other, Protected)]
    return {
        "format": FORMAT,
        "orgs": org_rows(society.population.territory),
        "officers": [
            {"login": SUPERVISOR, "org": COUNTY, "role": "supervisor", "name": "赵大队长"}
        ],
        "subjects": [subject_row(seed, r.wearer.subject, now.date()) for r in people],
        "protected": [
            {"protected": one.name, "org": one.org, "name": "受保护人"} for one in protected
        ],
        "devices": [_said(row) for row in body["devices"] if row["kind"] != "kiosk"],
        "bindings": body["bindings"],
        "orders": body["orders"],
        "schedules": [row | {"org": COUNTY} for row in body["schedules"][:1]],
        "fences": [_fence(row, orgs) for row in body["fences"]],
        "subject_versions": [_without(_said(row), "org") for row in body["subjects"]],
        "leaves": [_leave(row) for row in body["leaves"]],
        "no_contact": body["no_contact"],
        "sites": [row | {"org": COUNTY, "valid_from": stamp(since)} for row in body["sites"]],
        "rule_sets": [
            {"org": COUNTY, "version": _RULES, "classes": body["rules"]["classes"]},
        ],
        "rules_in_force": [{"org": COUNTY, "version": _RULES}],
    }


def _fence(row: Row, orgs: dict[str, str]) -> Row:
    whose = orgs[row["subjects"][0]] if len(row["subjects"]) == 1 else COUNTY
    named = {"org": whose, "name": _NAMES.get(row["use"], "")} | row
    return _without(_said(named), "version", "valid_to")


def _leave(row: Row) -> Row:
    begins = datetime.fromisoformat(row["valid_from"])
    approved = {"approved_by": "王所长", "approved_at": stamp(begins - timedelta(days=1))}
    return row | approved


def _said(row: Row) -> Row:
    """Return a row without what it leaves open."""
    return {name: value for name, value in row.items() if value is not None}


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}

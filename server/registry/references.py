"""Whether what a file's entries point to is there: in the file itself or in the caller's scope."""

from collections.abc import Iterable, Iterator
from typing import Final

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile

_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
    "officer": "SELECT login AS id FROM app_user WHERE login = ANY (%s)",
    "protected": "SELECT id FROM protected_person WHERE id = ANY (%s)",
    "schedule": "SELECT id FROM schedule WHERE id = ANY (%s)",
    "fence": "SELECT id FROM fence WHERE id = ANY (%s)",
    "subject or protected person": "SELECT id FROM subject WHERE id = ANY (%s)"
    " UNION ALL SELECT id FROM protected_person WHERE id = ANY (%s)",
}

_OWNED: Final = (
    *("officers", "subjects", "devices", "fences", "protected", "schedules", "sites", "periods"),
    *("rule_sets", "rules_in_force"),
)
_POINTING: Final = {
    "subject_versions": {"subject": "subject"},
    "leaves": {"subject": "subject", "fence": "fence"},
    "no_contact": {"subject": "subject", "other": "subject or protected person"},
    "checkins": {"subject": "subject", "schedule": "schedule", "kiosk": "device"},
    "planned_silences": {"device": "device"},
    "permits": {"subject": "subject"},
}
"""Sections of what the rules need, and what their members point to."""

_Reference = tuple[str, str, str]
"""A kind, an id, and the pointer of the place that names it."""


async def reference_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every id that is neither in the file nor in the caller's scope."""
    in_file = {
        "org": {entry.org for entry in file.orgs},
        "subject": {entry.subject for entry in file.subjects},
        "device": {entry.device for entry in file.devices},
        "officer": {entry.login for entry in file.officers},
        "protected": {entry.protected for entry in file.protected},
        "schedule": {entry.schedule for entry in file.schedules},
        "fence": {entry.fence for entry in file.fences},
    }
    in_file["subject or protected person"] = in_file["subject"] | in_file["protected"]
    open_references = [r for r in _references(file) if r[1] not in in_file[r[0]]]
    known = {kind: await _known(connection, kind, open_references) for kind in _KNOWN}
    return [
        (pointer, f"{kind} {name} is neither in the file nor in your scope")
        for kind, name, pointer in open_references
        if name not in known[kind]
    ]


async def _known(connection: Connection, kind: str, references: Iterable[_Reference]) -> set[str]:
    wanted = sorted({name for of_kind, name, _ in references if of_kind == kind})
    if not wanted:
        return set()
    query = _KNOWN[kind]
    values = (wanted,) * query.count("%s")
    return {row["id"] for row in await fetch_all(connection, query, values)}


def _references(file: RegistryFile) -> Iterator[_Reference]:
    for section in _OWNED:
        for index, entry in enumerate(getattr(file, section)):
            yield "org", entry.org, f"/{section}/{index}/org"
    for index, binding in enumerate(file.bindings):
        yield "device", binding.device, f"/bindings/{index}/device"
        yield binding.holder_kind, binding.holder, f"/bindings/{index}/holder"
    for index, order in enumerate(file.orders):
        yield "subject", order.subject, f"/orders/{index}/subject"
    for index, fence in enumerate(file.fences):
        for place, subject in enumerate(fence.subjects):
            yield "subject", subject, f"/fences/{index}/subjects/{place}"
        if fence.schedule is not None:
            yield "schedule", fence.schedule, f"/fences/{index}/schedule"
    yield from _rule_references(file)


def _rule_references(file: RegistryFile) -> Iterator[_Reference]:
    for section, members in _POINTING.items():
        for index, entry in enumerate(getattr(file, section)):
            for member, kind in members.items():
                name = getattr(entry, member)
                if name is not None:
                    yield kind, name, f"/{section}/{index}/{member}"

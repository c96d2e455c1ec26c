"""Writes what the gateways' rules need: rows that stand, schedules, rule sets."""

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all
from server.errors import InvalidError
from server.registry import store
from server.registry.protecting import changed_rows
from server.registry.rule_conflicts import conflict_faults
from server.registry.rule_rows import SECTIONS
from server.registry.rule_sets import put_in_force, rule_set_faults, write_rule_sets
from server.registry.schedules import change_fault
from server.registry.schemas import RegistryFile
from server.registry.scope import in_scope
from server.registry.standing import standing_faults, write_standing
from server.registry.store import Changed
from server.secrecy.vault import Vault


async def write_before_fences(
    connection: Connection, file: RegistryFile, vault: Vault | None
) -> dict[str, Changed]:
    """Write what bindings and fences point to: protected people and schedules.

    Raises:
        InvalidError: A standing schedule would change in the past.
    """
    rows = await changed_rows(connection, vault, file.protected)
    writing = store.write(connection, store.UPSERT_PROTECTED, rows)
    changed = {"protected": await in_scope("protected", writing)}
    bodies = [entry.body() for entry in file.schedules]
    ids = [entry.schedule for entry in file.schedules]
    found = await fetch_all(connection, "SELECT id, body FROM schedule WHERE id = ANY (%s)", (ids,))
    standing = {row["id"]: row["body"] for row in found}
    faults = []
    for index, body in enumerate(bodies):
        old = standing.get(body["schedule"])
        text = None if old is None else change_fault(old, body)
        if text is not None:
            faults.append((f"/schedules/{index}", text))
    if faults:
        raise InvalidError(faults)
    rows = [
        {"schedule": entry.schedule, "org": entry.org, "body": Jsonb(body)}
        for entry, body in zip(file.schedules, bodies, strict=True)
    ]
    writing = store.write(connection, store.UPSERT_SCHEDULE, rows)
    changed["schedules"] = await in_scope("schedules", writing)
    return changed


async def write_rules(
    connection: Connection, file: RegistryFile, author: str
) -> dict[str, Changed]:
    """Write the rest, after the people, devices and fences that it points to.

    Raises:
        InvalidError: It would change what stands, or a gateway would refuse it. The caller's
            transaction must not commit.
    """
    orgs = await _orgs(connection, file)
    changed: dict[str, Changed] = {}
    for section in SECTIONS:
        rows = section.rows(getattr(file, section.name), lambda name: orgs[name])
        faults = await standing_faults(connection, section.kind, section.name, rows)
        if faults:
            raise InvalidError(faults)
        writing = write_standing(connection, section.kind, rows)
        changed[section.name] = await in_scope(section.name, writing)
    faults = await rule_set_faults(connection, file)
    if faults:
        raise InvalidError(faults)
    changed["rule_sets"] = await in_scope("rule_sets", write_rule_sets(connection, file, author))
    writing = put_in_force(connection, file, author)
    changed["rules_in_force"] = await in_scope("rules_in_force", writing)
    faults = await conflict_faults(connection, file)
    if faults:
        raise InvalidError(faults)
    return changed


async def _orgs(connection: Connection, file: RegistryFile) -> dict[str, str]:
    """Return the organisation of every subject and device that rows belong to."""
    subjects = {
        entry.subject
        for section in SECTIONS
        if section.owner == "subject"
        for entry in getattr(file, section.name)
    }
    devices = {entry.device for entry in file.planned_silences}
    rows = await fetch_all(
        connection,
        "SELECT id, org_id FROM subject WHERE id = ANY (%s)"
        " UNION ALL SELECT id, org_id FROM device WHERE id = ANY (%s)",
        (sorted(subjects), sorted(devices)),
    )
    return {row["id"]: row["org_id"] for row in rows}

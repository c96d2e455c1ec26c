"""Versions of the rule parameters, and which one is in force for whom."""

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile
from server.registry.store import Changed


async def rule_set_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every version that stands with other content, or is not there at all."""
    orgs = {entry.org for entry in file.rule_sets} | {entry.org for entry in file.rules_in_force}
    rows = await fetch_all(
        connection,
        "SELECT org_id, version, body FROM rule_set WHERE org_id = ANY (%s)",
        (sorted(orgs),),
    )
    bodies = {(row["org_id"], row["version"]): row["body"] for row in rows}
    faults: Faults = [
        (
            f"/rule_sets/{index}",
            f"version {entry.version} stands with other content: enter a new one",
        )
        for index, entry in enumerate(file.rule_sets)
        if bodies.get((entry.org, entry.version), entry.body()) != entry.body()
    ]
    known = bodies.keys() | {(entry.org, entry.version) for entry in file.rule_sets}
    faults += [
        (f"/rules_in_force/{index}/version", f"{entry.org} has no rule set {entry.version}")
        for index, entry in enumerate(file.rules_in_force)
        if (entry.org, entry.version) not in known
    ]
    return faults


async def write_rule_sets(connection: Connection, file: RegistryFile, author: str) -> Changed:
    """Write the versions that are new; return their organisations."""
    changed: Changed = []
    for entry in file.rule_sets:
        changed += await _written(
            connection,
            "INSERT INTO rule_set (org_id, version, body, entered_by) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (org_id, version) DO NOTHING RETURNING org_id",
            (entry.org, entry.version, Jsonb(entry.body()), author),
        )
    return changed


async def put_in_force(connection: Connection, file: RegistryFile, author: str) -> Changed:
    """Put versions in force from now on; return the organisations that had another one."""
    changed: Changed = []
    for entry in file.rules_in_force:
        changed += await _written(
            connection,
            "INSERT INTO rule_set_use (org_id, version, entered_by) SELECT %s, %s, %s"
            " WHERE %s IS DISTINCT FROM (SELECT version FROM rule_set_use WHERE org_id = %s"
            " ORDER BY id DESC LIMIT 1) RETURNING org_id",
            (entry.org, entry.version, author, entry.version, entry.org),
        )
    return changed


async def _written(connection: Connection, statement: str, values: tuple[object, ...]) -> list[str]:
    rows = await fetch_all(connection, statement, values)
    return [row["org_id"] for row in rows]

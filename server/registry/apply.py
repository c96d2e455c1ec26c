"""Takes a registry file over in the caller's transaction: whole, or an error that lists why."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from server.auth.password import hash_password
from server.db import EVERYTHING, Connection, open_all_files
from server.errors import InvalidError
from server.registry import fence_store, store
from server.registry.checks import Faults, faults_of
from server.registry.districts import with_districts_joined
from server.registry.geometry import in_wgs84
from server.registry.moves import move_faults
from server.registry.permitted_places import keep_permissions
from server.registry.references import reference_faults
from server.registry.regimes import ended_faults, regime_faults
from server.registry.rule_checks import rule_faults
from server.registry.rule_writing import write_before_fences, write_rules
from server.registry.schemas import Applied, OrgEntry, RegistryFile
from server.registry.scope import in_scope
from server.registry.store import Changed
from server.registry.terminals import terminal_faults
from server.scoring.posting import open_ledgers
from server.secrecy.vault import Vault

_ORDER_COLUMNS: Final = ("ground", "approved_by", "approved_at", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Registrar:
    """Who imports: the login that stands in the records, role and scope."""

    login: str
    role: str
    scope: str


async def apply(
    connection: Connection,
    file: RegistryFile,
    registrar: Registrar,
    vault: Vault | None = None,
) -> Applied:
    """Write a file; rows that are the same already stay untouched.

    Args:
        connection: The caller's transaction.
        file: What is to stand.
        registrar: Who imports.
        vault: Seals names; None: a first start, whose names a round of the server seals.

    Raises:
        InvalidError: With every fault and its place. The caller's transaction must not commit.
    """
    file = await with_districts_joined(connection, file)
    _refuse([*faults_of(file), *rule_faults(file), *_role_faults(file, registrar)])
    file = _with_fences_in_wgs84(file)
    await open_all_files(connection)
    await store.lock(connection)
    await store.defer_terminals(connection)
    _refuse(
        await reference_faults(connection, file)
        + await move_faults(connection, file)
        + await regime_faults(connection, file)
        + await ended_faults(connection, file)
        + await terminal_faults(connection, file)
    )
    changed: dict[str, Changed] = {"orgs": await _write_orgs(connection, file, registrar)}
    simple = (
        (
            "officers",
            store.UPSERT_OFFICER,
            [entry.model_dump(exclude={"password"}) for entry in file.officers],
        ),
        ("subjects", store.UPSERT_SUBJECT, [entry.model_dump() for entry in file.subjects]),
        ("devices", store.UPSERT_DEVICE, [entry.row() for entry in file.devices]),
    )
    for section, statement, rows in simple:
        changed[section] = await in_scope(section, store.write(connection, statement, rows))
    await _refuse_foreign_terminals(connection)
    await _set_passwords(connection, file)
    changed |= await write_before_fences(connection, file, vault)
    changed["orders"] = await _write_orders(connection, file)
    changed["bindings"] = await _write_bindings(connection, file)
    changed["fences"] = await _write_fences(connection, file)
    changed |= await write_rules(connection, file, registrar.login)
    openings = [(s.subject, s.org, Decimal(str(s.public_credit))) for s in file.subjects]
    await open_ledgers(connection, openings, author=registrar.login)
    orgs = [org for section in changed.values() for org in section]
    version = await store.next_directory_version(connection, orgs, registrar.login)
    counts = {section: len(rows) for section, rows in changed.items()}
    return Applied(changed=counts, directory_version=version)


def _refuse(faults: Faults) -> None:
    if faults:
        raise InvalidError(faults)


def _role_faults(file: RegistryFile, registrar: Registrar) -> Faults:
    if registrar.role == "admin":
        return []
    return [
        (f"/officers/{index}/role", f"role {registrar.role} may enter officers only")
        for index, entry in enumerate(file.officers)
        if entry.role != "officer"
    ]


async def _refuse_foreign_terminals(connection: Connection) -> None:
    try:
        await store.check_terminals(connection)
    except psycopg.errors.UniqueViolation as error:
        text = "a terminal number is taken by an organisation outside your scope"
        raise InvalidError([("/devices", text)]) from error


async def _write_orgs(connection: Connection, file: RegistryFile, registrar: Registrar) -> Changed:
    known = await store.org_rows(connection)
    paths = {name: row["path"] for name, row in known.items()}
    rows: list[dict[str, Any]] = []
    faults: Faults = []
    for index, entry in enumerate(file.orgs):
        fault = _place_fault(entry, known, paths, registrar)
        if fault is not None:
            faults.append((f"/orgs/{index}/parent", fault))
        paths.setdefault(entry.org, f"{paths.get(entry.parent or '', '/')}{entry.org}/")
        row = entry.model_dump() | {"path": paths[entry.org]}
        row["boundary"] = None if entry.boundary is None else Jsonb(entry.boundary)
        rows.append(row)
    _refuse(faults)
    return await in_scope("orgs", store.write(connection, store.UPSERT_ORG, rows))


def _place_fault(
    entry: OrgEntry,
    known: dict[str, dict[str, Any]],
    paths: dict[str, str],
    registrar: Registrar,
) -> str | None:
    old = known.get(entry.org)
    if old is not None:
        is_same = old["parent_id"] == entry.parent
        return None if is_same else "an organisation cannot move to another parent"
    if entry.parent is None:
        is_first_start = registrar.scope == EVERYTHING
        return None if is_first_start else "a root is made at the site's first start only"
    return None if entry.parent in paths else f"{entry.parent} must stand before its children"


async def _set_passwords(connection: Connection, file: RegistryFile) -> None:
    given = [entry for entry in file.officers if entry.password is not None]
    kept = await store.logins_with_password(connection, [entry.login for entry in given])
    for entry in given:
        if entry.login not in kept and entry.password is not None:
            # One by one: a transaction that is idle while many are hashed would be ended.
            password_hash = await asyncio.to_thread(hash_password, entry.password)
            await store.set_first_password(connection, entry.login, password_hash)


async def _write_bindings(connection: Connection, file: RegistryFile) -> Changed:
    held = await store.holders(connection, file)
    faults: Faults = []
    for index, entry in enumerate(file.bindings):
        old = held.get((entry.device, entry.valid_from))
        if old is not None and old != f"{entry.holder_kind} {entry.holder}":
            text = f"{entry.device} has {old} from that time: end that binding instead"
            faults.append((f"/bindings/{index}/holder", text))
    _refuse(faults)
    devices = [entry.device for entry in file.bindings]
    rows = [entry.model_dump() for entry in file.bindings]
    changed = await in_scope("bindings", store.write(connection, store.UPSERT_BINDING, rows))
    unordered = await store.unordered_bindings(connection, devices) if changed else {}
    _refuse(
        [
            (f"/bindings/{index}", unordered[entry.device, entry.valid_from])
            for index, entry in enumerate(file.bindings)
            if (entry.device, entry.valid_from) in unordered
        ]
    )
    doubled = await store.overlapping_devices(connection, devices) if changed else set()
    _refuse(
        [
            (f"/bindings/{index}", f"{device} would have two holders at once")
            for index, device in enumerate(devices)
            if device in doubled
        ]
    )
    return changed


async def _write_orders(connection: Connection, file: RegistryFile) -> Changed:
    standing = await store.orders(connection, [entry.order for entry in file.orders])
    faults: Faults = []
    for index, entry in enumerate(file.orders):
        old = standing.get(entry.order)
        if old is None:
            continue
        is_same = old["subject_id"] == entry.subject and all(
            old[name] == getattr(entry, name) for name in _ORDER_COLUMNS
        )
        if not is_same:
            text = f"order {entry.order} stands with other content: a change is a new order"
            faults.append((f"/orders/{index}", text))
    _refuse(faults)
    rows = [entry.model_dump() for entry in file.orders]
    writing = store.write(connection, store.INSERT_ORDER, rows)
    try:
        return await in_scope("orders", writing)
    except psycopg.errors.ExclusionViolation as error:
        text = "a person would have two orders at once: an extension begins where the order ends"
        raise InvalidError([("/orders", text)]) from error


async def _write_fences(connection: Connection, file: RegistryFile) -> Changed:
    newest = await fence_store.newest_fences(connection, [entry.fence for entry in file.fences])
    versions = []
    for entry in file.fences:
        old = newest.get(entry.fence)
        if old is None:
            versions.append((entry, 1))
        elif _content(old) != (
            *(entry.org, entry.name, entry.use, entry.geometry, entry.radius_m),
            *(entry.width_m, entry.schedule),
            sorted(set(entry.subjects)),
        ):
            versions.append((entry, old["version"] + 1))
    changed = await in_scope("fences", fence_store.write_fences(connection, versions))
    await keep_permissions(connection, [entry.fence for entry, version in versions if version > 1])
    return changed


def _with_fences_in_wgs84(file: RegistryFile) -> RegistryFile:
    fences = [entry.model_copy(update={"geometry": in_wgs84(entry)}) for entry in file.fences]
    return file.model_copy(update={"fences": fences})


def _content(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("org_id", "name", "use", "geometry", "radius_m", "width_m", "schedule_id", "subjects")
    return tuple(row[name] for name in names)

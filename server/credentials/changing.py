"""Issuing and ending devices' credentials: noted, and told to gateways by a new directory."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from firmware_protocols.credential import MAX_GENERATION, device_user
from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.credentials import store
from server.credentials.schemas import (
    Credential,
    CredentialEnd,
    DeviceCredentials,
    NewCredential,
)
from server.errors import ConflictError, NotFoundError
from server.registry.store import lock, next_directory_version


async def read(desk: Desk, device_id: str, version: int | None = None) -> DeviceCredentials:
    """Return a device's credentials.

    Raises:
        NotFoundError: No such device in the scope.
    """
    rows = await store.credentials(desk.connection, device_id, desk.now)
    if not rows:
        raise NotFoundError("no such device in your scope")
    return DeviceCredentials(
        device=device_id,
        credentials=[
            Credential(user=device_user(device_id, row["generation"]), **row) for row in rows
        ],
        directory_version=version,
    )


async def issue(desk: Desk, device_id: str, body: NewCredential) -> DeviceCredentials:
    """Issue the next credential; older ones hold on for the overlap at most.

    Raises:
        NotFoundError: No such device in the scope.
        ConflictError: The device has had as many as it can have.
    """
    org_id = await _locked(desk, device_id)
    newest = (await store.credentials(desk.connection, device_id, desk.now))[0]["generation"]
    if newest == MAX_GENERATION:
        raise ConflictError(
            f"device {device_id} has had {MAX_GENERATION + 1} credentials: register it anew"
        )
    overlap_until = desk.now + timedelta(hours=body.overlap_h)
    await store.let_run_out(desk.connection, device_id, overlap_until)
    days = body.valid_days
    not_after = None if days is None else desk.now + timedelta(days=days)
    by, at = desk.person.login, desk.now
    generation = await store.add(
        desk.connection, device_id, org_id, by=by, at=at, not_after=not_after
    )
    said = {"generation": generation, "overlap_h": body.overlap_h, "valid_days": days}
    return await _told(desk, device_id, org_id, "device.credential_issued", said)


async def end(desk: Desk, device_id: str, body: CredentialEnd) -> DeviceCredentials:
    """End one credential of a device, or every one, at once.

    Raises:
        NotFoundError: No such device in the scope.
        ConflictError: No such credential is left to end.
    """
    org_id = await _locked(desk, device_id)
    ended = await store.end(
        desk.connection,
        device_id,
        body.generation,
        reason=body.reason,
        by=desk.person.login,
        at=desk.now,
    )
    if not ended:
        which = "no credential" if body.generation is None else f"no credential {body.generation}"
        raise ConflictError(f"device {device_id} has {which} that has not ended")
    said = {"generations": ended, "reason": body.reason}
    return await _told(desk, device_id, org_id, "device.credential_ended", said)


async def _locked(desk: Desk, device_id: str) -> str:
    await lock(desk.connection)
    org_id = await store.device_org(desk.connection, device_id)
    if org_id is None:
        raise NotFoundError("no such device in your scope")
    by, at = desk.person.login, desk.now
    await store.write_first(desk.connection, device_id, org_id, by=by, at=at)
    return org_id


async def _told(
    desk: Desk, device_id: str, org_id: str, kind: str, said: Mapping[str, Any]
) -> DeviceCredentials:
    version = await next_directory_version(desk.connection, [org_id], desk.person.login)
    noted = {**said, "directory_version": version}
    act = Act(kind, org_id, None, "device", device_id, desk.now, body=noted)
    await record(desk.connection, act, desk.person)
    return await read(desk, device_id, version)

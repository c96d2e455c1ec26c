"""/api/v1/devices/{device_id}/credentials."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from server.auth.person import Desk, RegistrarDesk, desk_for
from server.credentials import changing
from server.credentials.schemas import CredentialEnd, DeviceCredentials, NewCredential
from server.once import RequestKey, once

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])

# Whoever learns of a theft at night must be able to act on it.
_EnderDesk = Annotated[
    Desk, Depends(desk_for("admin", "supervisor", "head", "officer"), scope="function")
]
_LookerDesk = Annotated[
    Desk, Depends(desk_for("admin", "auditor", "supervisor", "head", "officer"), scope="function")
]


@router.get("/{device_id}/credentials")
async def list_credentials(desk: _LookerDesk, device_id: str) -> DeviceCredentials:
    """List a device's credentials, newest first; never their secrets."""
    return await changing.read(desk, device_id)


@router.post("/{device_id}/credentials", status_code=201)
async def issue_credential(
    desk: RegistrarDesk, request: Request, device_id: str, body: NewCredential, key: RequestKey
) -> DeviceCredentials:
    """Give a device a new credential; older ones hold on for the overlap."""

    async def issued() -> DeviceCredentials:
        return await changing.issue(desk, device_id, body)

    return await once(desk, request, key, issued, answers=DeviceCredentials)


@router.post("/{device_id}/credentials/end")
async def end_credential(
    desk: _EnderDesk, device_id: str, body: CredentialEnd
) -> DeviceCredentials:
    """End a device's credential, or every one, at once: broker and gateways refuse it."""
    return await changing.end(desk, device_id, body)

"""The supervised person's account, and what the person reads there."""

from typing import Any

from fastapi import APIRouter

from server.auth.person import DeciderDesk, OwnDesk, SessionDesk
from server.auth.steps import CHANGE_PATH
from server.own import account, reading
from server.own.schemas import NewAccount, OwnFile, OwnRestrictions, PasswordChange

router = APIRouter(tags=["own"])
_ACCOUNT = "/api/v1/subjects/{subject_id}/account"


@router.put(_ACCOUNT)
async def give_account(desk: DeciderDesk, subject_id: str) -> NewAccount:
    """Give a person an account, or a new one-time password; it is shown this once."""
    return await account.give(desk, subject_id)


@router.delete(_ACCOUNT, status_code=204)
async def take_account_back(desk: DeciderDesk, subject_id: str) -> None:
    """End a person's account; its sessions end with it."""
    await account.take_back(desk, subject_id)


@router.post(CHANGE_PATH, status_code=204)
async def change_password(desk: SessionDesk, body: PasswordChange) -> None:
    """Set a password of one's own; every other session of the account ends."""
    await account.change_password(desk, body)


@router.get("/api/v1/me", response_model=OwnFile)
async def read_own_file(desk: OwnDesk) -> dict[str, Any]:
    """Read the own case: the measure, its ground and end, duties, and how to object."""
    return await reading.own_file(desk)


@router.get("/api/v1/me/restrictions", response_model=OwnRestrictions)
async def read_own_restrictions(desk: OwnDesk) -> dict[str, Any]:
    """Read the ids of the own forbidden areas and no-contact entries, for an application."""
    return await reading.own_restrictions(desk)

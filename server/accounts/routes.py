"""Accounts, their grants and recoveries, and the procurators' log."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime

from server.accounts import store, work
from server.accounts.schemas import (
    AccountInfo,
    AccountPage,
    Grant,
    LookPage,
    NewAccount,
    OneTimePassword,
    RecoveryInfo,
    RecoveryPage,
    RecoveryRequest,
    RoleChange,
)
from server.auth.person import Desk, desk_for
from server.cursor import Cursor, Limit, decode_cursor, decode_id_cursor, page_of

router = APIRouter(tags=["accounts"])
_ACCOUNTS: Final = "/api/v1/accounts"
_RECOVERIES: Final = "/api/v1/recoveries"

_AdminDesk = Annotated[Desk, Depends(desk_for("admin"), scope="function")]
_SecurityDesk = Annotated[Desk, Depends(desk_for("security"), scope="function")]
_EitherDesk = Annotated[Desk, Depends(desk_for("admin", "security"), scope="function")]
_ReadingDesk = Annotated[Desk, Depends(desk_for("admin", "security", "auditor"), scope="function")]
_WatchingDesk = Annotated[Desk, Depends(desk_for("security", "auditor"), scope="function")]
_LooksDesk = Annotated[Desk, Depends(desk_for("procurator", "auditor"), scope="function")]
_Number = Annotated[int, Path(ge=1, lt=2**63)]


@router.get(_ACCOUNTS, response_model=AccountPage)
async def list_accounts(
    *, desk: _ReadingDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the accounts of who works in the scope, by login."""
    key = decode_cursor(cursor, str)
    rows = await store.page(desk.connection, after=key[0] if key else None, limit=limit + 1)
    return page_of(rows, limit, "login")


@router.post(_ACCOUNTS, response_model=AccountInfo, status_code=201)
async def enter_account(desk: _AdminDesk, body: NewAccount) -> dict[str, Any]:
    """Enter an account; it cannot sign in until a security administrator has granted its role."""
    return await work.enter(desk, body)


@router.get(_ACCOUNTS + "/{login}", response_model=AccountInfo)
async def read_account(desk: _ReadingDesk, login: str) -> dict[str, Any]:
    """Read one account."""
    return await work.account_of(desk, login)


@router.post(_ACCOUNTS + "/{login}/role", response_model=AccountInfo)
async def change_role(desk: _AdminDesk, login: str, body: RoleChange) -> dict[str, Any]:
    """Change an account's role; it is out until a security administrator has granted the new."""
    return await work.change_role(desk, login, body.role)


@router.post(_ACCOUNTS + "/{login}/disable", response_model=AccountInfo)
async def disable_account(desk: _EitherDesk, login: str) -> dict[str, Any]:
    """Disable an account; its sessions end at once."""
    return await work.disable(desk, login)


@router.post(_ACCOUNTS + "/{login}/enable", response_model=AccountInfo)
async def enable_account(desk: _AdminDesk, login: str) -> dict[str, Any]:
    """Enable a disabled account; it waits for a grant like a new one."""
    return await work.enable(desk, login)


@router.post(_ACCOUNTS + "/{login}/grant")
async def grant_role(
    desk: _SecurityDesk, login: str, body: Grant, response: Response
) -> OneTimePassword:
    """Grant the role that an account waits for; answers its first password, good once."""
    response.headers["Cache-Control"] = "no-store"
    return OneTimePassword(one_time_password=await work.grant(desk, login, body.role))


@router.post(_ACCOUNTS + "/{login}/unlock", status_code=204)
async def unlock_account(desk: _SecurityDesk, login: str) -> None:
    """Forget an account's wrong attempts."""
    await work.unlock(desk, login)


@router.get(_RECOVERIES, response_model=RecoveryPage)
async def list_recoveries(
    *, desk: _WatchingDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List recoveries of passwords and factors, newest first."""
    before = decode_id_cursor(cursor)
    rows = await store.recoveries(desk.connection, before=before, limit=limit + 1)
    return page_of(rows, limit, "id")


@router.post(_RECOVERIES, response_model=RecoveryInfo, status_code=201)
async def ask_recovery(desk: _SecurityDesk, body: RecoveryRequest) -> dict[str, Any]:
    """Ask for the recovery of a lost password or factor; another one approves within a day."""
    return await work.ask_recovery(desk, body)


@router.post(_RECOVERIES + "/{recovery_id}/approval")
async def approve_recovery(
    desk: _SecurityDesk, recovery_id: _Number, response: Response
) -> OneTimePassword:
    """Approve a recovery that another one asked for; answers a password that is good once."""
    response.headers["Cache-Control"] = "no-store"
    password = await work.decide_recovery(desk, recovery_id, approves=True)
    return OneTimePassword(one_time_password=password)


@router.post(_RECOVERIES + "/{recovery_id}/refusal", status_code=204)
async def refuse_recovery(desk: _SecurityDesk, recovery_id: _Number) -> None:
    """Refuse a recovery, or take the own request back."""
    await work.decide_recovery(desk, recovery_id, approves=False)


@router.get("/api/v1/procurator-looks", response_model=LookPage)
async def list_looks(
    *,
    desk: _LooksDesk,
    by_login: Annotated[str | None, Query(max_length=64)] = None,
    thing: Annotated[str | None, Query(max_length=200)] = None,
    begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what procurators looked at, newest first: a procurator the own, an auditor all."""
    own = desk.person.login if desk.person.role == "procurator" else None
    which = store.LookFilter(own, by_login, thing, begin, end)
    rows = await store.looks(
        desk.connection, which, before=decode_id_cursor(cursor), limit=limit + 1
    )
    return page_of(rows, limit, "id")

"""A person's own notifications: the desk that holds what was told, whatever became of channels."""

from typing import Any

from fastapi import APIRouter

from server.auth.person import AnyDesk
from server.cursor import Cursor, Limit, decode_id_cursor, page_of
from server.errors import NotFoundError
from server.notifications import desk_store
from server.notifications.errors import NotificationError
from server.notifications.message import composed
from server.notifications.schemas import NotificationInfo, NotificationPage, ReadThrough, Unread
from server.notifications.template import LANGUAGES

router = APIRouter(prefix="/api/v1/notifications", tags=["notifications"])


@router.get("", response_model=NotificationPage)
async def list_notifications(
    *, desk: AnyDesk, unread: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what the own account was told, newest first."""
    rows = await desk_store.page(
        desk.connection,
        desk.person.login,
        unread_only=unread,
        before=decode_id_cursor(cursor),
        limit=limit + 1,
    )
    page = page_of(rows, limit, "id")
    return page | {"items": [_shown(row) for row in page["items"]]}


@router.get("/unread", response_model=Unread)
async def count_unread(desk: AnyDesk) -> dict[str, Any]:
    """Count what the own account was told and has not read."""
    return await desk_store.unread(desk.connection, desk.person.login)


@router.post("/read", response_model=Unread)
async def read_through(desk: AnyDesk, body: ReadThrough) -> dict[str, Any]:
    """Note that everything up to a notification is read."""
    login = desk.person.login
    await desk_store.mark_read_through(desk.connection, login, body.through)
    return await desk_store.unread(desk.connection, login)


@router.post("/{notification_id}/read", response_model=NotificationInfo)
async def read_notification(desk: AnyDesk, notification_id: int) -> dict[str, Any]:
    """Note that a notification is read; the first time stands."""
    login = desk.person.login
    await desk_store.mark_read(desk.connection, login, notification_id)
    found = await desk_store.one(desk.connection, login, notification_id)
    if found is None:
        raise NotFoundError("no such notification of yours")
    return _shown(found)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    # As over a channel that is told least: the alert itself says the rest to who may see it.
    told = row | {"pseudonym": None, "name": None}
    try:
        message = composed("", [told], tells="reference_only", languages=LANGUAGES)
    except NotificationError:
        # Of a kind that this version does not tell any more: it hides no other.
        said = {"title": dict.fromkeys(LANGUAGES, row["kind"])}
        return row | said | {"alert": row["number"], "text": dict.fromkeys(LANGUAGES, "")}
    return row | {
        "alert": row["number"],
        "title": {name: said.title for name, said in message.said.items()},
        "text": {name: said.text for name, said in message.said.items()},
    }

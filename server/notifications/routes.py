"""Channels, deliveries and dead letters."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from server.auth.person import AnyDesk, RegistrarDesk
from server.cursor import Cursor, Limit, decode_cursor, decode_id_cursor, page_of
from server.errors import ConflictError, NotFoundError
from server.notifications import entering, store
from server.notifications.schemas import (
    ChannelChange,
    ChannelInfo,
    ChannelPage,
    Delivery,
    DeliveryPage,
    DeliveryState,
    NewChannel,
    NewSecret,
    TestSend,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["notifications"])


@router.post("/notification-channels", status_code=201)
async def enter_channel(
    desk: RegistrarDesk, request: Request, body: NewChannel, key: RequestKey
) -> ChannelInfo:
    """Enter a channel of the scope; its address is sealed and shown to nobody again."""

    async def entered() -> ChannelInfo:
        return ChannelInfo.model_validate(await entering.enter(desk, body))

    return await once(desk, request, key, entered, answers=ChannelInfo)


@router.get("/notification-channels", response_model=ChannelPage)
async def list_channels(
    *,
    desk: AnyDesk,
    login: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the channels of the scope, each with how it does."""
    after = decode_cursor(cursor, str)
    rows = await store.channels(
        desk.connection, login=login, after=after[0] if after else None, limit=limit + 1
    )
    return page_of(rows, limit, "id")


@router.get("/notification-channels/{channel_id}", response_model=ChannelInfo)
async def read_channel(desk: AnyDesk, channel_id: str, response: Response) -> dict[str, Any]:
    """Read a channel; the ETag is its version."""
    found = await store.channel(desk.connection, channel_id)
    if found is None:
        raise NotFoundError("no such channel in your scope")
    set_version(response, found["version"])
    return found


@router.patch("/notification-channels/{channel_id}", response_model=ChannelInfo)
async def change_channel(
    desk: RegistrarDesk,
    channel_id: str,
    body: ChannelChange,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change a channel, or switch it off: what waits for it is given up then."""
    found = await entering.change(desk, channel_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found


@router.post("/notification-channels/{channel_id}/secrets", status_code=201)
async def renew_secret(desk: RegistrarDesk, channel_id: str, if_match: IfMatch = None) -> NewSecret:
    """Make the secret that signs a webhook; it is shown this once."""
    return NewSecret.model_validate(
        await entering.renew_secret(desk, channel_id, if_match=if_match)
    )


@router.post("/notification-channels/{channel_id}/test", status_code=202)
async def test_channel(
    desk: RegistrarDesk, request: Request, channel_id: str, key: RequestKey
) -> TestSend:
    """Send a test over a channel; its delivery says what became of it."""

    async def sent() -> TestSend:
        number = await entering.test(desk, channel_id, f"test {desk.person.login} {key}")
        return TestSend(notification=number)

    return await once(desk, request, key, sent, answers=TestSend)


@router.get("/notification-deliveries", response_model=DeliveryPage)
async def list_deliveries(
    *,
    desk: AnyDesk,
    state: DeliveryState | None = None,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    alert: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List deliveries over the scope's channels, newest first; `dead` are the dead letters."""
    rows = await store.deliveries(
        desk.connection,
        state=state,
        channel_id=channel,
        alert=alert,
        before=decode_id_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "id")


@router.post("/notification-deliveries/{delivery_id}/retry", response_model=Delivery)
async def retry_delivery(desk: RegistrarDesk, delivery_id: int) -> dict[str, Any]:
    """Try a dead letter again, under the key that it had."""
    found = await store.delivery(desk.connection, delivery_id)
    if found is None:
        raise NotFoundError("no such delivery in your scope")
    if not await store.requeue(desk.connection, delivery_id):
        raise ConflictError(f"a delivery that is {found['state']} is no dead letter")
    await store.ring(desk.connection)
    return await store.delivery(desk.connection, delivery_id) or found

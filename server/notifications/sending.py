"""One attempt over one channel, whatever its kind; a terminal's is the worker's own transaction."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from server.notifications import robot, webhook
from server.notifications.apprising import AppriseSender, apprise_address
from server.notifications.channel import Channel, Sealer
from server.notifications.egress import Egress, WebAddress, web_address
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.message import Message
from server.notifications.posting import Poster
from server.notifications.supervised_threads import Threads


class Sender:
    """What one process sends with."""

    def __init__(
        self,
        *,
        sealer: Sealer | None,
        egress: Egress,
        services: frozenset[str],
        threads: Threads,
        timeout_s: float,
        most: int,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what opens addresses, what may be sent to, and the bounds.

        Args:
            sealer: Opens addresses; None: there is no key.
            egress: What may be sent to.
            services: Schemes of Apprise that the site allows.
            threads: For what blocks.
            timeout_s: The longest time of an attempt.
            most: How many attempts there are at once, at most.
            clock: What signatures are dated by.
        """
        self._sealer = sealer
        self._services = services
        self._timeout_s = timeout_s
        self._clock = clock
        self._poster = Poster(egress, timeout_s=timeout_s, most=most)
        self._apprise = AppriseSender(threads, egress, timeout_s=timeout_s)

    async def close(self) -> None:
        """Close the client."""
        await self._poster.close()

    async def attempt(self, channel: Channel, message: Message) -> None:
        """Send a message once, within the time of an attempt whatever the receiver does.

        Raises:
            SendError: It did not go through, or nobody knows; the text holds no secret.
            RefusedSendError: And it never will.
        """
        # A task of its own: whatever it ends with is looked at, and nothing of it runs on.
        task = asyncio.create_task(self._send(channel, message))
        try:
            await asyncio.wait({task}, timeout=self._timeout_s)
        finally:
            task.cancel()
        if not task.done():
            raise SendError(f"no answer within {self._timeout_s:g} s")
        if task.cancelled():
            raise SendError("the attempt was broken off")
        error = task.exception()
        if error is None or isinstance(error, SendError):
            if error is not None:
                raise error
            return
        raise SendError(f"the attempt failed ({type(error).__name__})") from error

    async def _send(self, channel: Channel, message: Message) -> None:
        if self._sealer is None:
            raise RefusedSendError(
                "no key opens the address: set GUITU_SERVER_NOTIFICATION_KEY_FILE"
            )
        address = self._sealer.address(channel)
        try:
            if channel.kind == "apprise":
                found = apprise_address(address.url, services=self._services)
                await self._apprise.send(channel.id, found, message)
                return
            to = web_address(address.url)
        except ValueError as error:
            raise RefusedSendError(f"the address {error}") from error
        if channel.kind == "robot":
            await self._to_robot(to, message, address.secret)
        else:
            await self._to_webhook(to, message, self._sealer.secrets(channel))

    async def _to_robot(self, to: WebAddress, message: Message, secret: str | None) -> None:
        place, body = robot.request_of(to, message, secret=secret, now=self._clock())
        headers = {"Content-Type": "application/json; charset=utf-8"}
        robot.check_answer(to, await self._poster.post(place, body, headers))

    async def _to_webhook(self, to: WebAddress, message: Message, keys: list[str]) -> None:
        if not keys:
            raise RefusedSendError("it has no secret yet: a webhook is never sent unsigned")
        body = webhook.event(message)
        headers = webhook.signed_headers(message.key, body, keys, self._clock())
        await self._poster.post(to, body, headers)

"""Sends one HTTP request where it may go, and reads a bounded answer."""

import logging
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpcore

from server.notifications.egress import Egress, WebAddress
from server.notifications.errors import RefusedSendError, SendError

_MOST_ANSWER_BYTES: Final = 65_536
_IDLE_S: Final = 4.0
"""Servers keep an idle connection for five seconds or longer; a burst is over before."""
_TAKEN: Final = range(200, 300)
_REFUSED: Final = frozenset({400, 410, 413, 414, 415, 422})
"""What no repetition mends: the receiver understood the request and does not want it."""
_FAILURES: Final = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class Poster:
    """Connections to all receivers, kept by name; no redirect followed, no proxy asked."""

    def __init__(self, egress: Egress, *, timeout_s: float, most: int) -> None:
        """Take what may be sent to.

        Args:
            egress: Looks at the address of every connection.
            timeout_s: The longest time for each part of an exchange.
            most: How many connections there are at most.
        """
        # It writes every address that it asks for to the log, with the secrets in it.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        self._timeout = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        # One pool for each: what may be spoken to in clear text is known to whoever connects.
        self._pools = {
            is_secure: httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(),
                max_connections=most,
                max_keepalive_connections=most,
                keepalive_expiry=_IDLE_S,
                network_backend=_Checked(egress, is_secure=is_secure),
            )
            for is_secure in (True, False)
        }

    async def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def post(self, to: WebAddress, content: bytes, headers: Mapping[str, str]) -> bytes:
        """Post a body; return the answer's, at most 64 KiB of it.

        Raises:
            RefusedSendError: The address is not allowed, or the receiver does not want this.
            SendError: No answer, no sound one, or one other than 2xx.
        """
        try:
            try:
                status, body = await self._exchange(to, content, headers)
            except _StaleError:
                # The key lets a receiver know what it has had.
                status, body = await self._exchange(to, content, headers)
        except (*_FAILURES, _StaleError) as error:
            # Its text may hold the address; its name says what went wrong.
            cause = error.__cause__ or error
            raise SendError(f"no sound answer ({type(cause).__name__})") from None
        if status in _TAKEN:
            return body
        failed = RefusedSendError if status in _REFUSED else SendError
        raise failed(f"the receiver answered {status}")

    async def _exchange(
        self, to: WebAddress, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        scheme = "https" if to.is_secure else "http"
        name = f"[{to.host}]" if ":" in to.host else to.host
        url = httpcore.URL(scheme=scheme, host=to.host, port=to.port, target=to.path)
        said = [*headers.items(), ("Host", f"{name}:{to.port}"), ("User-Agent", "guitu")]
        way = _Way()
        extensions = {"timeout": self._timeout, "trace": way.heard}
        pool = self._pools[to.is_secure]
        try:
            async with pool.stream(
                "POST", url, headers=said, content=content, extensions=extensions
            ) as response:
                return response.status, await _read(response)
        except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError) as error:
            if way.is_new or way.is_answered:
                raise
            raise _StaleError from error


class _StaleError(Exception):
    """The receiver closed a kept connection while it was used again."""


@dataclass(slots=True)
class _Way:
    """How far a request came, as the pool tells it."""

    is_new: bool = False
    is_answered: bool = False

    async def heard(self, event: str, _: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self.is_new = True
        elif event == "http11.receive_response_headers.complete":
            self.is_answered = True


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to the one address that was looked at, whatever its name says a moment later."""

    def __init__(self, egress: Egress, *, is_secure: bool) -> None:
        self._egress = egress
        self._is_secure = is_secure
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        target = await self._egress.target(host, port)
        if not self._is_secure and not target.is_inside:
            raise RefusedSendError("outside of the site's own networks only https is sent to")
        return await self._network.connect_tcp(
            target.address, port, timeout, local_address, socket_options
        )


async def _read(response: httpcore.Response) -> bytes:
    body = b""
    async for part in response.aiter_stream():
        body += part
        if len(body) > _MOST_ANSWER_BYTES:
            raise SendError(f"the receiver answered more than {_MOST_ANSWER_BYTES} bytes")
    return body

"""What is refused before a request is looked at: too often, too large, from another site's page."""

import hashlib
import math
import time
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import problem
from server.auth.person import COOKIE, SAFE
from server.config import ServerSettings
from server.errors import ForbiddenError, RequestError, TooLargeError, TooManyRequestsError
from server.metrics import Metrics
from server.rates import Rates

_LARGE: Final = ("/api/v1/imports", "/api/v1/registry", "/api/v1/gateway/")
"""Tables, registry files and journals; every other body is a form."""
_OWN_PAGES: Final = frozenset({"same-origin", "none"})
_NOT_COUNTED: Final = frozenset({"/livez", "/readyz", "/metrics"})


class Gate:
    """Pure ASGI, so that a stream passes through untouched."""

    def __init__(self, app: ASGIApp, *, settings: ServerSettings, metrics: Metrics) -> None:
        """Wrap an app."""
        self._app = app
        self._most_form_bytes = settings.max_form_bytes
        self._metrics = metrics
        self._by_session = Rates(
            per_s=settings.session_requests_per_s, burst=settings.session_requests_burst
        )
        self._by_address = Rates(
            per_s=settings.address_requests_per_s, burst=settings.address_requests_burst
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] != "http" or scope["path"] in _NOT_COUNTED:
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        reason, error = self._refusal(asked)
        if error is not None:
            self._metrics.refused_at_gate.labels(reason).inc()
            await problem.answer(error)(scope, receive, send)
            return
        is_form = not scope["path"].startswith(_LARGE)
        await self._app(scope, self._counted(receive) if is_form else receive, send)

    def _counted(self, receive: Receive) -> Receive:
        """Return a body whose parts are counted: one that is sent in chunks tells no length."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most_form_bytes:
                # The framework's own kind: any other that comes up while it reads, it answers 400.
                raise HTTPException(413, detail=self._too_large())
            return message

        return counted

    def _too_large(self) -> str:
        return f"a body of this call holds at most {self._most_form_bytes} bytes"

    def _refusal(self, asked: HTTPConnection) -> tuple[str, RequestError | None]:
        # A browser says whose page asks; the cookie and its token are the first defence, this also
        # keeps another site from signing somebody in.
        site = asked.headers.get("Sec-Fetch-Site", "none")
        if asked.scope["method"] not in SAFE and site not in _OWN_PAGES:
            return "cross_site", ForbiddenError("a page of another site may not ask for a change")
        now_s = time.monotonic()
        address = asked.client.host if asked.client else ""
        wait_s = self._by_address.wait_s(address.encode(), now_s)
        if wait_s:
            return "address", TooManyRequestsError(wait_s=math.ceil(wait_s))
        secret = asked.cookies.get(COOKIE)
        if secret:
            key = hashlib.sha256(secret.encode()).digest()
            wait_s = self._by_session.wait_s(key, now_s)
        if wait_s:
            return "session", TooManyRequestsError(wait_s=math.ceil(wait_s))
        length = asked.headers.get("Content-Length", "0")
        is_form = not asked.scope["path"].startswith(_LARGE)
        if is_form and length.isdecimal() and int(length[:20]) > self._most_form_bytes:
            return "size", TooLargeError(self._too_large())
        return "", None

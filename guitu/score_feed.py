"""One exchange with another house's system: bounded, never redirected, over TLS off loopback."""

import ipaddress
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from guitu.errors import ScoreFeedError

_TIMEOUT_S: Final = 60.0
_MOST_BYTES: Final = 32 * 1024 * 1024
"""As much as a server takes of a table, unless its settings say otherwise."""


class Feed:
    """An address of another house."""

    def __init__(self, url: str, *, ca: Path | None = None) -> None:
        """Take its address, and a file with the authority that signed its certificate, if own.

        Raises:
            ScoreFeedError: What it is sent, or answers, could be read or changed on the way.
        """
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            raise ScoreFeedError("the address holds a login: put a token into a file instead")
        if not parts.hostname or not (parts.scheme == "https" or _is_here(parts)):
            raise ScoreFeedError(
                f"{url} is not an address that begins with https:// (http:// only on 127.0.0.1)"
            )
        self._url = url
        # A path or a query may hold what is nobody's business.
        self.shown = f"{parts.scheme}://{parts.hostname}"
        self._context = ssl.create_default_context(cafile=None if ca is None else str(ca))

    def ask(self, method: str, headers: Mapping[str, str], content: bytes | None = None) -> bytes:
        """Return the body of a successful answer.

        Raises:
            ScoreFeedError: None, none that is a success, or one that is too long.
        """
        try:
            with (
                httpx.Client(verify=self._context, timeout=_TIMEOUT_S, trust_env=False) as client,
                client.stream(method, self._url, headers=headers, content=content) as answer,
            ):
                if not answer.is_success:
                    raise ScoreFeedError(f"{self.shown} answered {answer.status_code}")
                return self._body(answer)
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise ScoreFeedError(f"{self.shown} does not answer soundly ({name})") from error

    def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise ScoreFeedError(f"{self.shown} answers with more than {_MOST_BYTES} bytes")
        return bytes(body)


def _is_here(parts: SplitResult) -> bool:
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False

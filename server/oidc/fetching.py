"""Requests to the identity provider: to its own origin only, small, quick and never redirected."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from server.loopback import is_loopback
from server.oidc.errors import ProviderError

_TIMEOUT_S: Final = 5.0
_MOST_BYTES: Final = 256 * 1024


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL.

    Raises:
        ProviderError: It is no https URL (or http of this machine), or holds a login.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ProviderError("an address of the provider is no URL") from error
    is_open = parts.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or is_open) or "@" in parts.netloc:
        raise ProviderError("an address of the provider is not https://HOST[:PORT]/...")
    return parts.scheme, host, port


async def fetch_json(
    url: str, *, issuer: str, form: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object of an address.

    Args:
        url: At the issuer's origin: what a document names elsewhere is not asked for.
        issuer: The site's setting.
        form: Posted, where there is one.

    Raises:
        ProviderError: Another origin, no answer in time, a redirect, an error, too much, or no
            JSON object.
    """
    if origin_of(url) != origin_of(issuer):
        raise ProviderError("the provider names an address at another origin than its own")
    method = "GET" if form is None else "POST"
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client,
            client.stream(method, url, data=form, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ProviderError(f"the provider answered {answer.status_code}")
            content = await _limited(answer)
    except httpx.HTTPError as error:
        raise ProviderError(f"the provider does not answer: {type(error).__name__}") from None
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ProviderError("the provider's answer is not JSON") from error
    if not isinstance(found, dict):
        raise ProviderError("the provider's answer is not a JSON object")
    return found


async def _limited(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > _MOST_BYTES:
            raise ProviderError("the provider's answer is larger than 256 KiB")
    return bytes(content)

"""One request to the server, with its refusals told apart from its absence."""

import time
from typing import Final, TypeVar

import httpx
import msgspec

from gateway.errors import UplinkError, UplinkRefusedError
from gateway.uplink.pace import retry_after_s

T = TypeVar("T", bound=msgspec.Struct)

_TIMEOUT_S: Final = 30.0
_CONFLICT: Final = 409
_OK: Final = 200
_TOO_LARGE: Final = 413
_UNSOUND: Final = 422
_REFUSALS: Final = frozenset((400, 401, 403, 404, _TOO_LARGE, 415, _UNSOUND))


def call(
    client: httpx.Client,
    method: str,
    path: str,
    *,
    content: bytes = b"",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Return the server's answer: it took the request, or says from where to send (409).

    Raises:
        UplinkError: It is away or busy.
        UplinkRefusedError: It refuses the request as it stands.
    """
    try:
        answer = client.request(method, path, content=content, headers=headers, timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        raise UplinkError(f"server unreachable: {type(error).__name__}") from error
    if answer.status_code in (_OK, _CONFLICT):
        return answer
    detail = f"server answered {answer.status_code} to {method} {path}: {answer.text[:300]}"
    if answer.status_code in _REFUSALS:
        raise UplinkRefusedError(
            detail,
            is_too_large=answer.status_code == _TOO_LARGE,
            is_unsound=answer.status_code == _UNSOUND,
        )
    pause_s = retry_after_s(answer.headers.get("Retry-After", ""), time.time())
    raise UplinkError(detail, retry_after_s=pause_s)


def decoded(answer: httpx.Response, kind: type[T]) -> T:
    """Return what an answer says.

    Raises:
        UplinkError: It is not to be understood.
    """
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise UplinkError(f"server's answer is not to be understood: {error}") from error

"""Every error of the interface as problem details (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any, Final, cast

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import InvalidError, RequestError, TooLargeError, UnavailableError

MEDIA_TYPE: Final = "application/problem+json"
_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer every error of this app as problem details."""
    app.add_exception_handler(RequestError, _request_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(psycopg.OperationalError, _database_away)
    app.add_exception_handler(psycopg.InterfaceError, _database_away)
    app.add_exception_handler(psycopg.DataError, _unstorable)
    app.add_exception_handler(Exception, _unexpected)


class PlainRefusals:
    """Answers a problem where the framework refuses a body by its size in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole app: the framework's limit stands outside of its other layers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; take the plain refusal out and say it as a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_plain = False

        async def told(message: Message) -> None:
            nonlocal is_plain
            is_plain = is_plain or _is_plain_refusal(message)
            if not is_plain:
                await send(message)

        await self._app(scope, receive, told)
        if is_plain:
            error = TooLargeError("the body is larger than this server takes")
            await answer(error)(scope, receive, send)


def _is_plain_refusal(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != TooLargeError.status:
        return False
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return kind.startswith("text/plain")


def pointer_of(place: tuple[int | str, ...]) -> str:
    """Return a JSON pointer (RFC 6901) for a place in a document."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def answer(error: RequestError) -> JSONResponse:
    """Return a refusal as problem details."""
    body: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.members,
    }
    return JSONResponse(
        body, status_code=error.status, headers=error.headers, media_type=MEDIA_TYPE
    )


async def _request_error(_request: Request, error: Exception) -> JSONResponse:
    return answer(cast("RequestError", error))


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    faults = cast("RequestValidationError", error).errors()
    # The offending input stays out of the answer: it may be somebody's file.
    return answer(InvalidError([(pointer_of(e["loc"][1:]), e["msg"]) for e in faults]))


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    refused = cast("HTTPException", error)
    title = HTTPStatus(refused.status_code).phrase
    body = {"type": "about:blank", "title": title, "status": refused.status_code}
    body["detail"] = str(refused.detail)
    return JSONResponse(
        body, status_code=refused.status_code, headers=refused.headers, media_type=MEDIA_TYPE
    )


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    _log.warning("database_away error=%s", type(error).__name__)
    return answer(UnavailableError("the database does not answer: try again"))


async def _unstorable(_request: Request, _error: Exception) -> JSONResponse:
    # A NUL in a text, a number beyond the column: right in form, and no database can hold it.
    return answer(InvalidError([("", "holds a value that cannot be stored, such as \\u0000")]))


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    body = {"type": "about:blank", "title": "Internal error", "status": 500}
    body["detail"] = "the server failed on this request; its log has the reason"
    return JSONResponse(body, status_code=500, media_type=MEDIA_TYPE)

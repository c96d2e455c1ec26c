"""Idempotency-Key: a request that is repeated is answered as the first one and changes nothing."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel

from server.auth.person import Desk
from server.db import fetch_one
from server.errors import ConflictError
from server.personal.fields import REQUEST_KEY

Answer = TypeVar("Answer", bound=BaseModel)

RequestKey = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=120)]


async def once(
    desk: Desk,
    request: Request,
    key: str,
    work: Callable[[], Awaitable[Answer]],
    *,
    answers: type[Answer],
) -> Answer:
    """Do the work unless this login's key did it already; both answer the same.

    Two at once with one key wait for each other: the row is inserted first.

    Raises:
        ConflictError: The key was used for another request.
    """
    asked = await _asked(request)
    login, org_id = desk.person.login, desk.person.org_id
    inserted = await fetch_one(
        desk.connection,
        "INSERT INTO request_key (org_id, login, key, asked) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (login, key) DO NOTHING RETURNING key",
        (org_id, login, key, asked),
    )
    if inserted is None:
        return answers.model_validate(await _answered(desk, key, asked))
    answer = await work()
    sealed = await desk.parts.vault.sealed(
        *(desk.connection, REQUEST_KEY),
        org=org_id,
        row=f"{login} {key}",
        values={"answer": answer.model_dump_json(by_alias=True)},
    )
    await desk.connection.execute(
        "UPDATE request_key SET answer_sealed = %s WHERE login = %s AND key = %s",
        (sealed["answer_sealed"], login, key),
    )
    return answer


async def _asked(request: Request) -> bytes:
    body = await request.body()
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).digest()


async def _answered(desk: Desk, key: str, asked: bytes) -> Any:
    row = await fetch_one(
        desk.connection,
        "SELECT asked, answer, answer_sealed, org_id AS org, login || ' ' || key AS id"
        " FROM request_key WHERE login = %s AND key = %s",
        (desk.person.login, key),
    )
    if row is None or bytes(row["asked"]) != asked:
        raise ConflictError("this Idempotency-Key was used for another request: take a new one")
    (opened,) = await desk.parts.vault.opened(desk.connection, REQUEST_KEY, [row])
    answer = opened["answer"]
    # A server of before kept it in plain.
    return json.loads(answer) if isinstance(answer, str) else answer

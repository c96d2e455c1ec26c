"""Enrolling a second factor, and passing it."""

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any, Final

from server.auth import factor, factor_store
from server.auth.attempts import code_key, count, forgive
from server.auth.person import Desk, Person, session_hash
from server.auth.sessions import life_s
from server.errors import ConflictError, InvalidError, UnauthorizedError, UnavailableError
from server.parts import Parts
from server.sealing import Sealer, UnsealError

_OFFER_S: Final = 600
_WRONG: Final = "the code is wrong, was used before, or is too old: wait for the next one"


@dataclass(frozen=True, slots=True)
class Renewed:
    """A session that has passed the factor, and the new secret of its cookie."""

    person: Person
    secret: str


def offer(desk: Desk) -> dict[str, Any]:
    """Return a secret that is not enrolled yet, and the ticket that enrols it.

    Raises:
        ConflictError: The session has not passed the factor that there is.
        UnavailableError: The site has no key that seals secrets.
    """
    person = desk.person
    if person.has_factor and not person.factor_passed:
        raise ConflictError("pass the second factor that is enrolled before another replaces it")
    secret = factor.new_secret()
    until_s = int(desk.now.timestamp()) + _OFFER_S
    content = json.dumps({"secret": secret, "until_s": until_s}).encode()
    ticket = _sealer(desk.parts).seal(content, purpose=_offer_purpose(person))
    uri = factor.enrolment_uri(secret, person.login)
    return {
        "secret": secret,
        "uri": uri,
        "qr_svg": factor.qr_svg(uri),
        "ticket": ticket.hex(),
    }


async def enrol(desk: Desk, ticket: str, code: str) -> tuple[list[str], Renewed]:
    """Enrol what was offered; return its recovery codes and the session as it goes on.

    Every other session of the account ends.

    Raises:
        ConflictError: As `offer`.
        InvalidError: The ticket is not this account's, or too old.
        LockedOutError: Too many wrong codes.
        UnauthorizedError: The code is wrong.
    """
    person = desk.person
    secret = _offered(desk, ticket)
    await count(desk.parts, code_key(person.user_id))
    step = factor.step_of(secret, code, desk.now, after=0)
    if step is None:
        raise UnauthorizedError(_WRONG)
    codes = factor.new_codes()
    sealed = _sealer(desk.parts).seal(secret.encode(), purpose=factor_purpose(person.user_id))
    hashes = [factor.code_hash(one) for one in codes]
    if not await factor_store.enrol(desk.connection, person.session_hash, sealed, step, hashes):
        raise ConflictError("pass the second factor that is enrolled before another replaces it")
    await forgive(desk.parts, code_key(person.user_id))
    return codes, await _renew(desk)


async def passed(desk: Desk, code: str) -> Renewed:
    """Pass the factor with a code of it, or with a recovery code; return the session as it goes on.

    Raises:
        LockedOutError: Too many wrong codes.
        UnauthorizedError: The code is wrong, or was used before.
        UnavailableError: The site's key does not open the secret.
    """
    person = desk.person
    await count(desk.parts, code_key(person.user_id))
    row = await factor_store.of_session(desk.connection, person.session_hash)
    if row is None or not await _is_right(desk, row, code):
        desk.parts.metrics.sign_ins.labels("wrong").inc()
        raise UnauthorizedError(_WRONG)
    await forgive(desk.parts, code_key(person.user_id))
    return await _renew(desk)


async def _is_right(desk: Desk, row: dict[str, Any], code: str) -> bool:
    key = desk.person.session_hash
    if not code.isdigit():
        return await factor_store.use_code(desk.connection, key, factor.code_hash(code))
    try:
        purpose = factor_purpose(desk.person.user_id)
        secret = _sealer(desk.parts).unseal(row["sealed"], purpose=purpose).decode()
    except UnsealError as error:
        text = "this site's key does not open second factors: they are to be recovered"
        raise UnavailableError(text) from error
    step = factor.step_of(secret, code, desk.now, after=row["last_step"])
    return step is not None and await factor_store.use_step(desk.connection, key, step)


async def _renew(desk: Desk) -> Renewed:
    # Another secret: who knew the one of before the code has nothing.
    secret = secrets.token_urlsafe(32)
    person, key = desk.person, session_hash(secret)
    until = await factor_store.pass_session(
        desk.connection, person.session_hash, key, life_s(desk.parts)
    )
    if until is None:
        raise UnauthorizedError("the session has ended: sign in again")
    person = replace(
        person, has_factor=True, factor_passed=True, expires_at=until, session_hash=key
    )
    return Renewed(person, secret)


def _offered(desk: Desk, ticket: str) -> str:
    try:
        content = _sealer(desk.parts).unseal(
            bytes.fromhex(ticket), purpose=_offer_purpose(desk.person)
        )
    except (UnsealError, ValueError) as error:
        raise InvalidError([("/ticket", "is not one of this account's: begin anew")]) from error
    found = json.loads(content)
    if found["until_s"] < desk.now.timestamp():
        raise InvalidError([("/ticket", "is older than ten minutes: begin anew")])
    return str(found["secret"])


def _sealer(parts: Parts) -> Sealer:
    if parts.sealer is None:
        raise UnavailableError(
            "this site has no key that seals second factors:"
            " set GUITU_SERVER_SECOND_FACTOR_KEY_FILE"
        )
    return parts.sealer


def factor_purpose(user_id: int) -> str:
    """Return what the secret of an account's factor is sealed for."""
    return f"second factor of {user_id}"


def _offer_purpose(person: Person) -> str:
    # Of this session: a ticket that was seen elsewhere enrols nothing.
    return f"offer to {person.user_id} {person.session_hash.hex()}"

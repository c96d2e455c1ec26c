"""Giving an account, ending it, and the person's own password."""

import asyncio
import secrets

from server.auth.attempts import count, forgive, login_key
from server.auth.password import hash_password, is_password
from server.auth.person import Desk
from server.auth.powers import require
from server.auth.store import account
from server.cases.noting import note
from server.cases.standing import require_stage, standing
from server.errors import NotFoundError, UnauthorizedError
from server.own import store
from server.own.schemas import NewAccount, PasswordChange


async def give(desk: Desk, subject_id: str) -> NewAccount:
    """Give a person an account, or the account another one-time password.

    Raises:
        RefusedError: Not by this person, or the file has ended.
    """
    require(desk.person, "verify", article="law-34")
    file = await standing(desk.connection, subject_id, lock=True)
    require_stage(file, "received", "in_correction", article="law-34")
    login = await store.login_of(desk.connection, subject_id)
    is_new = login is None
    if login is None:
        login = f"p{secrets.randbelow(10**9):09}"
        name = await store.name_of(desk.connection, subject_id)
        row = {"login": login, "org": file.org_id, "name": name, "subject": subject_id}
        await store.add(desk.connection, row)
    password = secrets.token_urlsafe(12)
    password_hash = await asyncio.to_thread(hash_password, password)
    await store.set_password(desk.connection, login, password_hash, is_once=True)
    await store.end_sessions(desk.connection, login)
    kind = "account.given" if is_new else "account.renewed"
    await note(desk, file, kind, "law-34", ref=("account", login))
    return NewAccount(login=login, one_time_password=password)


async def take_back(desk: Desk, subject_id: str) -> None:
    """End a person's account; it can be given again.

    Raises:
        NotFoundError: The person has none.
    """
    require(desk.person, "verify", article="law-34")
    file = await standing(desk.connection, subject_id, lock=True)
    login = await store.login_of(desk.connection, subject_id)
    if login is None:
        raise NotFoundError("this person has no account")
    await store.set_password(desk.connection, login, None, is_once=False)
    await store.end_sessions(desk.connection, login)
    await note(desk, file, "account.taken_back", "law-34", ref=("account", login))


async def change_password(desk: Desk, body: PasswordChange) -> None:
    """Set a password of one's own; every other session ends.

    Raises:
        LockedOutError: Too many wrong attempts, counted as at the sign-in.
        UnauthorizedError: The old one is wrong.
    """
    login = desk.person.login
    key = login_key(login)
    await count(desk.parts, key)
    async with desk.parts.database.entrance() as connection:
        known = await account(connection, login)
    if known is None or not await is_password(body.old, known["password_hash"]):
        raise UnauthorizedError("the old password is wrong")
    await forgive(desk.parts, key)
    password_hash = await asyncio.to_thread(hash_password, body.new)
    await store.set_password(desk.connection, login, password_hash, is_once=False)
    await store.end_sessions(desk.connection, login, but=desk.person.session_hash)

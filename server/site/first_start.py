"""The site's first start: registry, the gateway's token and the first accounts."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from pydantic import ValidationError

from server.auth.gateway import token_hash
from server.auth.password import hash_password
from server.db import EVERYTHING, Connection, client_dsn, fetch_one, set_scope
from server.errors import InvalidError
from server.problem import pointer_of
from server.registry.apply import Registrar, apply
from server.registry.schemas import RegistryFile

_ACCOUNTS: Final = (
    ("supervisor", "值班长"),
    ("officer", "值班员"),
    ("auditor", "审计员"),
    ("admin", "系统管理员"),
)
"""Role (also the login) and shown name of the first accounts."""


@dataclass(frozen=True, slots=True)
class Login:
    """A first account; `password` exists here and nowhere else."""

    login: str
    password: str
    role: str


def first_start(
    owner_dsn: str, *, registry: dict[str, Any] | None, gateway_id: str, gateway_token: str
) -> list[Login]:
    """Set a migrated database up once; a repeat only renews the gateway's token.

    Args:
        owner_dsn: Connection string of the owner.
        registry: A file of docs/wire/registry-v1.md; its first county (or else its first
            organisation) gets the accounts and the gateway. None: a county named `site` and an
            admin.
        gateway_id: The gateway's id.
        gateway_token: Its bearer token.

    Returns:
        The accounts that were made, empty when the database had accounts already.

    Raises:
        InvalidError: The registry is refused; the text says where.
    """
    work = _set_up(owner_dsn, registry, gateway_id, gateway_token)
    # A thread of its own: the caller may have an event loop running.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _set_up(
    owner_dsn: str, registry: dict[str, Any] | None, gateway_id: str, gateway_token: str
) -> list[Login]:
    connection = await AsyncConnection.connect(
        client_dsn(owner_dsn, name="guitu-first-start"), row_factory=dict_row
    )
    async with connection:
        await set_scope(connection, EVERYTHING)
        row = await fetch_one(connection, "SELECT count(*) AS accounts FROM app_user")
        if row and row["accounts"]:
            await _renew_token(connection, gateway_id, gateway_token)
            return []
        file = _checked(registry or _bare_site())
        await apply(connection, file, Registrar("first-start", "admin", EVERYTHING))
        counties = [entry.org for entry in file.orgs if entry.level == "county"]
        org_id = (counties or [file.orgs[0].org])[0]
        await connection.execute(
            "INSERT INTO gateway (id, org_id, token_hash) VALUES (%s, %s, %s)",
            (gateway_id, org_id, token_hash(gateway_token)),
        )
        accounts = _ACCOUNTS if registry else _ACCOUNTS[-1:]
        return [await _add_account(connection, org_id, role, name) for role, name in accounts]


def _checked(registry: dict[str, Any]) -> RegistryFile:
    try:
        return RegistryFile.model_validate(registry)
    except ValidationError as error:
        faults = [(pointer_of(fault["loc"]), fault["msg"]) for fault in error.errors()]
        raise InvalidError(faults) from error


async def _renew_token(connection: Connection, gateway_id: str, gateway_token: str) -> None:
    await connection.execute(
        "UPDATE gateway SET token_hash = %s WHERE id = %s", (token_hash(gateway_token), gateway_id)
    )


async def _add_account(connection: Connection, org_id: str, role: str, name: str) -> Login:
    login = Login(role, secrets.token_urlsafe(12), role)
    await connection.execute(
        "INSERT INTO app_user (login, org_id, role, name, password_hash)"
        " VALUES (%s, %s, %s, %s, %s)",
        (login.login, org_id, role, name, hash_password(login.password)),
    )
    return login


def _bare_site() -> dict[str, Any]:
    site = {"org": "site", "parent": None, "level": "county", "boundary": None}
    names = {"name_zh": "本县", "name_en": "This county"}
    return {"format": "guitu-registry/1", "orgs": [site | names]}

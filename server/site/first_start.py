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

_STAFF: Final[tuple[tuple[str, str, str], ...]] = (
    ("supervisor", "supervisor", "值班长"),
    ("head", "head", "司法局局长"),
    ("officer", "officer", "值班员"),
    ("procurator", "procurator", "检察官"),
)
_ADMINISTRATORS: Final[tuple[tuple[str, str, str], ...]] = (
    ("auditor", "auditor", "安全审计员"),
    ("security", "security", "安全保密管理员甲"),
    ("security-2", "security", "安全保密管理员乙"),
    ("admin", "admin", "系统管理员"),
)
"""Login, role and shown name of the first accounts; a recovery takes two of `security`."""


@dataclass(frozen=True, slots=True)
class Login:
    """A first account; `password` exists here and nowhere else."""

    login: str
    password: str
    role: str


def first_start(
    owner_dsn: str, *, registry: dict[str, Any] | None, gateway_id: str, gateway_token: str
) -> list[Login]:
    """Set a migrated database up once; a repeat renews the gateway's token.

    A site of a version before the three administrators is given its security administrators.

    Args:
        owner_dsn: Connection string of the owner.
        registry: A file of docs/wire/registry-v1.md; its first county (or else its first
            organisation) gets the accounts and the gateway. None: a county named `site` and
            the administrators.
        gateway_id: The gateway's id.
        gateway_token: Its bearer token.

    Returns:
        The accounts that were made; a repeat makes none.

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
            return await _missing_security(connection)
        file = _checked(registry or _bare_site())
        await apply(connection, file, Registrar("first-start", "admin", EVERYTHING))
        counties = [entry.org for entry in file.orgs if entry.level == "county"]
        org_id = (counties or [file.orgs[0].org])[0]
        await connection.execute(
            "INSERT INTO gateway (id, org_id, token_hash) VALUES (%s, %s, %s)",
            (gateway_id, org_id, token_hash(gateway_token)),
        )
        accounts = (*_STAFF, *_ADMINISTRATORS) if registry else _ADMINISTRATORS
        return [await _add_account(connection, org_id, account) for account in accounts]


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


async def _missing_security(connection: Connection) -> list[Login]:
    row = await fetch_one(
        connection,
        "SELECT org_id FROM app_user WHERE role = 'admin' AND NOT EXISTS"
        " (SELECT FROM app_user WHERE role = 'security') ORDER BY id LIMIT 1",
    )
    if row is None:
        return []
    accounts = [account for account in _ADMINISTRATORS if account[1] == "security"]
    return [await _add_account(connection, row["org_id"], account) for account in accounts]


async def _add_account(connection: Connection, org_id: str, account: tuple[str, str, str]) -> Login:
    name, role, shown = account
    login = Login(name, secrets.token_urlsafe(12), role)
    await connection.execute(
        "INSERT INTO app_user (login, org_id, role, name, password_hash)"
        " VALUES (%s, %s, %s, %s, %s)",
        (login.login, org_id, role, shown, hash_password(login.password)),
    )
    return login


def _bare_site() -> dict[str, Any]:
    site = {"org": "site", "parent": None, "level": "county", "boundary": None}
    names = {"name_zh": "本县", "name_en": "This county"}
    return {"format": "guitu-registry/1", "orgs": [site | names]}

"""First start of a site: schema, roles, organisation, logins, gateway. Safe to repeat."""

import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg
from psycopg import sql

from device_sims import county
from guitu.embedded.database import Cluster
from guitu.errors import DataFolderError
from guitu.up.data_folder import DataFolder
from guitu.up.settings import DATABASE_NAME, GATEWAY_ID, UpSettings
from server.migrate import migrate
from server.site import first_start

_log = logging.getLogger("guitu.site_setup")
_SUBJECTS: Final = 550
_WEARING: Final = 30
_TERMINALS: Final = 6
"""Two of each protocol."""


@dataclass(frozen=True)
class Demo:
    """The demo county of this data folder: what the registry and the simulators must agree on.

    Attributes:
        seed: Everything in it follows from this.
        wearing: Wristbands.
        terminals: Worn terminals that speak TCP, beside them.
    """

    seed: int
    wearing: int
    terminals: int


def chosen_demo(settings: UpSettings, folder: DataFolder) -> Demo | None:
    """Return the demo county to play, or None. Its seed is kept, so that people stay the same.

    Raises:
        DataFolderError: The folder's first start was without it.
    """
    if not settings.with_sims:
        return None
    if folder.has_secret("logins.txt") and not folder.has_secret("county-seed"):
        raise DataFolderError(
            f"data folder {folder.path} is a site without the demo county: start it with "
            "--no-sims, or choose another folder with --data"
        )
    # A folder of a version without terminals has none in its registry.
    has_begun = folder.has_secret("logins.txt")
    seed = int(folder.secret("county-seed", lambda: str(secrets.randbelow(2**31))))
    wearing = _WEARING if settings.devices is None else settings.devices
    kept = int(folder.secret("county-devices", lambda: str(wearing)))
    if settings.devices not in (None, kept):
        _log.warning("devices_kept", extra={"asked": settings.devices, "kept": kept})
    terminals = int(folder.secret("county-terminals", lambda: str(0 if has_begun else _TERMINALS)))
    return Demo(seed, kept, terminals)


def set_up(cluster: Cluster, folder: DataFolder, demo: Demo | None) -> str:
    """Bring the database to this version's schema; on the first start fill it.

    Returns:
        The first logins as text for people; kept in the data folder from the first start on.

    Raises:
        server.errors.ServerError: A migration failed, or the registry was refused.
    """
    password = folder.secret("database-owner")
    _make_database(cluster.dsn(password=password))
    owner_dsn = cluster.dsn(password=password, dbname=DATABASE_NAME)
    roles = {role: folder.secret(f"database-{role}") for role in ("app", "ingest")}
    migrate(owner_dsn, app_password=roles["app"], ingest_password=roles["ingest"])
    for role, secret in roles.items():
        dsn = cluster.dsn(password=secret, user=f"guitu_{role}", dbname=DATABASE_NAME)
        folder.write_secret(f"{role}.dsn", dsn)
    logins = first_start(
        owner_dsn,
        registry=_registry(demo),
        gateway_id=GATEWAY_ID,
        gateway_token=folder.secret("gateway-token"),
    )
    if logins:
        lines = [f"{login.role:<11} {login.login:<16} {login.password}\n" for login in logins]
        folder.write_secret("logins.txt", "".join(lines))
    return folder.secret("logins.txt") if folder.has_secret("logins.txt") else ""


def _registry(demo: Demo | None) -> dict[str, object] | None:
    if demo is None:
        return None
    return county.registry(
        demo.seed,
        subjects=max(_SUBJECTS, demo.wearing + demo.terminals),
        wearing=demo.wearing,
        terminals=demo.terminals,
        now=datetime.now(UTC),
    )


def _make_database(server_dsn: str) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", (DATABASE_NAME,)
        ).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))

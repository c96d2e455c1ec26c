"""First start of a site: schema, roles, organisation, logins, gateway. Safe to repeat."""

import logging
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from device_sims import county
from guitu.embedded.database import DATABASE_NAME, Cluster
from guitu.errors import DataFolderError
from guitu.up.data_folder import DataFolder
from guitu.up.settings import GATEWAY_ID, UpSettings
from server.config import ServerSettings
from server.migrate import migrate
from server.signing.keys import new_key
from server.site import Login, first_start, play_cases

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
    roles = {role: folder.secret(f"database-{role}") for role in ("app", "ingest", "worker")}
    migrate(
        owner_dsn,
        app_password=roles["app"],
        ingest_password=roles["ingest"],
        worker_password=roles["worker"],
    )
    for role, secret in roles.items():
        dsn = cluster.dsn(password=secret, user=f"guitu_{role}", dbname=DATABASE_NAME)
        folder.write_secret(f"{role}.dsn", dsn)
    folder.secret("archive-key")
    folder.secret("master-key")
    folder.secret("notification-key")
    folder.secret("second-factor-key")
    folder.secret("media-key")
    folder.secret("faces-key")
    for name in ("directory-key", "fact-key", "audit-key"):
        if not folder.has_secret(f"{name}.pem"):
            private, public = new_key()
            folder.write_secret(f"{name}.pub", public)
            folder.write_secret(f"{name}.pem", private)
    registry = _registry(demo)
    logins = first_start(
        owner_dsn,
        registry=registry,
        gateway_id=GATEWAY_ID,
        gateway_token=folder.secret("gateway-token"),
    )
    if registry is not None and any(login.role == "supervisor" for login in logins):
        logins += _case_life(folder, registry, logins)
    if logins:
        lines = [f"{login.role:<11} {login.login:<18} {login.password}\n" for login in logins]
        # A later version's first start of an older site adds to what was made then.
        before = folder.secret("logins.txt") if folder.has_secret("logins.txt") else ""
        folder.write_secret("logins.txt", before + "".join(lines))
    return folder.secret("logins.txt") if folder.has_secret("logins.txt") else ""


def _case_life(folder: DataFolder, registry: dict[str, Any], logins: list[Login]) -> list[Login]:
    officers = [row for row in registry["officers"] if "password" in row]
    passwords = {row["login"]: row["password"] for row in officers}
    settings = ServerSettings(
        app_dsn_file=folder.secret_file("app.dsn"),
        ingest_dsn_file=folder.secret_file("ingest.dsn"),
        worker_dsn_file=folder.secret_file("worker.dsn"),
        master_key_file=folder.secret_file("master-key"),
    )
    person, password = play_cases(
        settings,
        passwords=passwords | {login.login: login.password for login in logins},
        officers=(officers[0]["login"], officers[1]["login"]),
    )
    made = [Login(login, password, "officer") for login, password in passwords.items()]
    return [*made, Login(person, password, "subject")]


def _registry(demo: Demo | None) -> dict[str, Any] | None:
    if demo is None:
        return None
    made = county.registry(
        demo.seed,
        subjects=max(_SUBJECTS, demo.wearing + demo.terminals),
        wearing=demo.wearing,
        terminals=demo.terminals,
        now=datetime.now(UTC),
    )
    # One office's two officers can sign in from the start: what one enters the other decides. So
    # can one of every other office, whom an alert there reaches and who can be sent.
    counts: Counter[str] = Counter()
    for row in made["officers"]:
        if row["role"] == "officer":
            counts[row["org"]] += 1
            if counts[row["org"]] <= (2 if len(counts) == 1 else 1):
                row["password"] = secrets.token_urlsafe(12)
    return made


def _make_database(server_dsn: str) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", (DATABASE_NAME,)
        ).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))

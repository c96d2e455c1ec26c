"""What `guitu server` needs: files, keys, the database as both roles, its port."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psycopg

from guitu.checkup.findings import Finding, free_port, secret_file
from server.archive.keys import read_master_key
from server.config import ServerSettings
from server.directory.signing import read_signer
from server.errors import SettingsError
from server.migrate import migration_files
from server.personal.starting import SETTING
from server.sealing import read_sealer
from server.secrecy.key_file import KeyFile
from server.signing.records import read_fact_signer

_LEAST_VERSION: Final = 150_000
_READERS: Final[dict[str, Callable[[Path], object]]] = {
    "master_key_file": lambda path: KeyFile(path, SETTING),
    "archive_key_file": read_master_key,
    "directory_key_file": read_signer,
    "fact_key_file": read_fact_signer,
    "second_factor_key_file": read_sealer,
}


def findings(settings: ServerSettings) -> Iterator[Finding]:
    """Yield what was looked at; nothing is changed."""
    for name in type(settings).model_fields:
        path = getattr(settings, name)
        if name.endswith("_file") and path is not None:
            yield secret_file(name, path)
    for name, reader in _READERS.items():
        path = getattr(settings, name, None)
        yield _key(name, path, reader)
    for role in ("app", "ingest", "worker"):
        yield _database(role, getattr(settings, f"{role}_dsn"))
    yield free_port("http_port", settings.http_host, settings.http_port)


def _key(name: str, path: Path | None, reader: Callable[[Path], object]) -> Finding:
    if path is None and name == "master_key_file":
        advice = "none: a server does not start; make one with `guitu keys new FILE`"
        return Finding(f"key {name}", is_well=False, detail=advice)
    if path is None:
        return Finding(f"key {name}", is_well=True, detail="none: what needs it is off")
    try:
        reader(path)
    except (SettingsError, OSError) as error:
        return Finding(f"key {name}", is_well=False, detail=str(error))
    return Finding(f"key {name}", is_well=True, detail="can be used")


def _database(role: str, read: Callable[[], str]) -> Finding:
    name = f"database as guitu_{role}"
    try:
        with psycopg.connect(read(), connect_timeout=5) as connection:
            version = connection.info.server_version
            done = 0
            if role == "app":
                row = connection.execute("SELECT count(*) FROM migrations_done()").fetchone()
                done = int(row[0]) if row else 0
    except SettingsError as error:
        return Finding(name, is_well=False, detail=str(error))
    except psycopg.Error as error:
        # Its text may hold the address with the password in it.
        kind = type(error).__name__
        advice = "does not answer, refuses the role, or is not migrated"
        return Finding(name, is_well=False, detail=f"{advice} ({kind})")
    wanted = len(migration_files()) if role == "app" else 0
    told = f"PostgreSQL {version // 10_000}" + (
        f", {done} of {wanted} migrations" if wanted else ""
    )
    return Finding(name, is_well=version >= _LEAST_VERSION and done >= wanted, detail=told)

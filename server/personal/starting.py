"""Builds what seals personal fields from the server's settings."""

from typing import Final

from server.config import ServerSettings
from server.db import Database
from server.errors import SettingsError
from server.secrecy.key_file import KeyFile
from server.secrecy.vault import Vault

SETTING: Final = "GUITU_SERVER_MASTER_KEY_FILE"


def vault_of(settings: ServerSettings, database: Database) -> Vault:
    """Return what seals personal fields.

    Raises:
        SettingsError: There is no master key, or its file is not as it should be. A server without
            one would write personal fields in plain.
    """
    return Vault(master_of(settings), database, algorithm=settings.cipher)


def master_of(settings: ServerSettings) -> KeyFile:
    """Return the master key of personal fields.

    Raises:
        SettingsError: It is not set, or its file is not as it should be.
    """
    path = settings.master_key_file
    if path is None:
        raise SettingsError(
            f"{SETTING} is not set, and personal fields are kept sealed: make a file with"
            " `guitu keys new FILE`, name it there, and keep a copy apart from the database"
        )
    return KeyFile(path, SETTING, algorithm=settings.cipher)

"""The data folder: everything that a running Guitu keeps, held by one supervisor at a time."""

import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from guitu.errors import DataFolderError, FolderLockedError

_SECRET_BYTES: Final = 32


def random_secret() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


class DataFolder:
    """An open, locked data folder.

    Attributes:
        path: The folder, absolute.
        logs: Folder of the log files.
    """

    def __init__(self, path: Path) -> None:
        """Open the folder, make it when absent, and hold it until `close`.

        Raises:
            DataFolderError: It cannot be made or written to.
            FolderLockedError: Another supervisor holds it; the text names its process.
        """
        self.path = path.resolve()
        self.logs = self.path / "log"
        self.anchors = self.path / "anchors"
        self._secrets = self.path / "secrets"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = self._locked()
            # Root's database runs as another user, who has to pass through; the rest is closed.
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.logs, self.anchors, self._secrets):
                folder.mkdir(exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise DataFolderError(
                f"data folder {self.path} cannot be used ({error.strerror}); "
                "choose another with --data"
            ) from error

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._lock)

    def secret(self, name: str, make: Callable[[], str] = random_secret) -> str:
        """Return the secret of that name, made on first use and kept."""
        if not self.has_secret(name):
            self.write_secret(name, make())
        return self.secret_file(name).read_text()

    def write_secret(self, name: str, text: str) -> Path:
        """Keep a text where only its owner reads it, whole or not at all; return its path."""
        new = self.secret_file(name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return new.replace(self.secret_file(name))

    def has_secret(self, name: str) -> bool:
        """Return whether the secret of that name was made."""
        return self.secret_file(name).exists()

    def secret_file(self, name: str) -> Path:
        """Return where the secret of that name is or would be."""
        return self._secrets / name

    def _locked(self) -> int:
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode().strip() or "unknown"
            os.close(lock)
            raise FolderLockedError(
                f"data folder {self.path} is in use by process {holder}; "
                "stop that one or choose another folder with --data"
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        return lock

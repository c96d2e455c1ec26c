"""Who a terminal is: bound to its registration, never to what it merely says."""

import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from firmware_protocols.catalog import CODECS
from firmware_protocols.dialogue import Admission
from firmware_protocols.message import Login
from gateway.directory.snapshot import Directory
from gateway.directory.terminal import Terminal
from gateway.errors import GatewayError

_SECRET_BYTES: Final = 32
_US_PER_MS: Final = 1_000
_CODE_HEX_DIGITS: Final = 16
"""64 bits: no terminal guesses them within a few tries a connection, and every firmware has room
for 16 characters."""


@dataclass(frozen=True, slots=True)
class Known:
    """A terminal that may come in, and as which device."""

    device: str
    number: str
    admission: Admission


class AuthCodes:
    """Authentication codes of JT/T 808, derived from a secret of this gateway."""

    def __init__(self, file: Path) -> None:
        """Read the secret; it is made once, for its owner alone.

        Raises:
            GatewayError: The file is not a secret of ours.
        """
        if not file.exists():
            _write_once(file, secrets.token_bytes(_SECRET_BYTES))
        self._secret = file.read_bytes()
        if len(self._secret) != _SECRET_BYTES:
            raise GatewayError(
                f"{file}: {len(self._secret)} bytes, not {_SECRET_BYTES}: restore it from a "
                "backup, or remove it and let every terminal register again"
            )

    def code(self, terminal: Terminal) -> str:
        """Return the code of a terminal: the same one for ever."""
        said = f"{terminal.protocol}\0{terminal.number}".encode()
        return hmac.new(self._secret, said, sha256).hexdigest()[:_CODE_HEX_DIGITS]


class Doorkeeper:
    """Knows the terminals of the directory in force."""

    def __init__(
        self,
        codes: AuthCodes,
        directory: Callable[[], Directory | None],
        clock_us: Callable[[], int],
    ) -> None:
        """Ask `directory` for the directory in force, and our clock, at every question."""
        self._codes = codes
        self._directory = directory
        self._clock_us = clock_us

    def look_up(self, protocol: str, login: Login) -> Known | str:
        """Return the terminal that logs in, or why it may not come in, as a word for counting."""
        known = self.known(protocol, login.terminal)
        if known is None:
            return "unknown_terminal"
        directory = self._directory()
        terminal = directory.devices[known.device].terminal if directory else None
        wanted = terminal.serial if terminal else None
        if login.step == "register" and wanted is not None and login.serial != wanted:
            return "wrong_serial"
        return known

    def known(self, protocol: str, number: str) -> Known | None:
        """Return what the directory says of a terminal now; None once its credential has ended."""
        directory = self._directory()
        device = directory.terminals.find(protocol, number) if directory else None
        if directory is None or device is None:
            return None
        entry = directory.devices[device]
        terminal = entry.terminal
        if terminal is None or self._clock_us() >= entry.credential_until_ms * _US_PER_MS:
            return None
        admission = Admission(
            device=device,
            profile=profile_of(terminal),
            auth_code=self._codes.code(terminal),
            utc_offset_min=terminal.utc_offset_min,
        )
        return Known(device, number, admission)


def profile_of(terminal: Terminal) -> str:
    """Return the device-model profile to decode by; the default one for a model nobody knows.

    A clerk's slip in a model's name must not keep the positions and alarms of its device out.
    """
    return terminal.model if terminal.model in CODECS[terminal.protocol].profiles else ""


def _write_once(file: Path, secret: bytes) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(file)

"""What a check found, and the checks that both programs need."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from guitu.embedded.ports import require_free
from guitu.errors import PortTakenError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LEAST_FREE: Final = 2 << 30
"""Bytes: a gateway's journal of a county grows by 1 GB in its 96 hours."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What.
        is_well: Whether it is as it has to be.
        detail: What was found, and what to do when it is not well; never a secret.
    """

    check: str
    is_well: bool
    detail: str

    def described(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"check": self.check, "ok": self.is_well, "detail": self.detail}


def secret_file(name: str, path: Path) -> Finding:
    """Look at a file with a secret: there, not empty, closed to others."""
    try:
        mode = path.stat().st_mode
        if not path.read_bytes().strip():
            return Finding(name, is_well=False, detail=f"{path} is empty")
    except OSError as error:
        return Finding(name, is_well=False, detail=f"{path}: {error.strerror}")
    if mode & _OTHERS:
        advice = f"others may read {path}: chmod 600 {path}"
        return Finding(name, is_well=False, detail=advice)
    return Finding(name, is_well=True, detail=f"{path}, its owner's only")


def free_port(name: str, host: str, port: int) -> Finding:
    """Look whether a port can be listened on."""
    try:
        require_free(host, port, purpose=name, advice="stop what listens there, or choose another")
    except PortTakenError as error:
        return Finding(name, is_well=False, detail=str(error))
    return Finding(name, is_well=True, detail=f"{host}:{port} is free")


def folder(name: str, path: Path) -> Finding:
    """Look whether a folder, or the nearest one above it, can be written, and has room."""
    place = next((one for one in (path, *path.absolute().parents) if one.exists()), path)
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding(name, is_well=False, detail=f"{place} cannot be written by this user")
    free = shutil.disk_usage(place).free
    return Finding(
        name, is_well=free >= _LEAST_FREE, detail=f"{place}: {free >> 20} MiB free, 2048 wanted"
    )


def answer(name: str, url: str) -> Finding:
    """Look whether a server answers that it is ready."""
    try:
        found = httpx.get(f"{url.rstrip('/')}/readyz", timeout=5, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Finding(name, is_well=False, detail=f"{url}: {type(error).__name__}")
    return Finding(name, is_well=found.is_success, detail=f"{url}/readyz: {found.status_code}")

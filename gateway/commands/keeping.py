"""The file in which commands outlive the gateway."""

import os
from pathlib import Path

import msgspec

from gateway.commands.book import Kept
from gateway.errors import GatewayError


def read_kept(file: Path) -> Kept:
    """Return what an earlier life left; nothing when there is no file.

    Raises:
        GatewayError: The file is not one of ours.
    """
    if not file.exists():
        return Kept()
    try:
        return msgspec.json.decode(file.read_bytes(), type=Kept)
    except msgspec.DecodeError as error:
        raise GatewayError(
            f"{file}: {error}: remove it; the server then shows some commands as sent for ever"
        ) from error


def write_kept(file: Path, body: bytes) -> None:
    """Replace the file durably.

    Raises:
        OSError: It could not be written; the older one is untouched.
    """
    draft = file.with_suffix(".new")
    with draft.open("wb") as handle:
        handle.write(body)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

"""Uploads on their way: tus 1.0 core with creation, checksum and termination.

The disk holds the bytes and the database how many of them have reached it (fsync). What lies beyond
that count was never confirmed to anybody, and is cut off before the next byte is written.
"""

import asyncio
import base64
import binascii
import fcntl
import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from starlette.requests import ClientDisconnect

from server.errors import InvalidError, TooLargeError
from server.media.errors import ChecksumError, GoneError, LockedError

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,checksum,termination"
PART_TYPE: Final = "application/offset+octet-stream"
ALGORITHMS: Final[dict[str, Callable[[], Any]]] = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
SAFE_STEP_BYTES: Final = 8 << 20
"""After so many bytes of a part without a checksum it is noted how far it came: a server that is
killed within a part of gigabytes loses no more of it."""
_METADATA_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a part must come to."""

    algorithm: str
    digest: bytes


class Spool:
    """The folder of uploads; files are readable by the server alone."""

    def __init__(self, folder: Path) -> None:
        """Take the site's folder of recordings."""
        self._uploads = folder / "uploads"
        self._refused = folder / "refused"
        for one in (self._uploads, self._refused):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, upload_id: str) -> Path:
        """Return where an upload's bytes lie; its id is hexadecimal and leads nowhere else."""
        return self._uploads / upload_id

    def size(self, upload_id: str) -> int:
        """Return how many bytes of an upload lie there; 0 without any."""
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def begin(self, upload_id: str) -> None:
        """Make an upload's file, if it is not there."""
        number = os.open(self.path(upload_id), os.O_CREAT | os.O_WRONLY, 0o600)
        os.close(number)
        _sync(self._uploads)

    def end(self, upload_id: str) -> None:
        """Remove an upload's file."""
        self.path(upload_id).unlink(missing_ok=True)

    def set_aside(self, upload_id: str, media_id: str) -> None:
        """Keep what is not the announced file, for whoever looks into it."""
        self.path(upload_id).replace(self._refused / f"{media_id}-{upload_id}")

    @contextmanager
    def held(self, upload_id: str) -> Iterator[BinaryIO]:
        """Hold an upload's file alone, in all processes, as long as it is open.

        Raises:
            LockedError: Somebody else holds it.
            GoneError: It is not there.
        """
        try:
            file = self.path(upload_id).open("r+b")
        except OSError as error:
            raise GoneError("what had come of this upload is lost: begin it anew") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                text = "another request brings bytes of this upload: ask with HEAD, then go on"
                raise LockedError(text) from error
            yield file


async def write_part(
    file: BinaryIO,
    chunks: AsyncIterator[bytes],
    *,
    offset: int,
    size_bytes: int,
    checksum: Checksum | None,
    note: Callable[[int], Awaitable[None]],
) -> int:
    """Write a part at its offset; return how far the file is on the disk now.

    A part that breaks off is kept as far as it came, unless its checksum was to prove it.

    Args:
        file: Of the upload, held.
        chunks: The part.
        offset: Where it begins, in bytes.
        size_bytes: Of the whole upload.
        checksum: What the part must come to; None: whatever comes is kept.
        note: Told how far the file is on the disk, every SAFE_STEP_BYTES; never of its end.

    Raises:
        ChecksumError: The part is not what it should come to; nothing of it stays.
        TooLargeError: More bytes than the upload has; nothing stays that was not noted.
    """
    file.truncate(offset)
    file.seek(offset)
    digest = ALGORITHMS[checksum.algorithm]() if checksum else None
    at, is_broken = offset, False
    try:
        async for chunk in chunks:
            at += len(chunk)
            if at > size_bytes:
                file.truncate(offset)
                raise TooLargeError(f"the upload has {size_bytes} bytes, no more")
            if digest is not None:
                digest.update(chunk)
            file.write(chunk)
            if checksum is None and at - offset >= SAFE_STEP_BYTES and at < size_bytes:
                await _to_disk(file)
                await note(at)
                offset = at
    except ClientDisconnect:
        is_broken = True
    if checksum is not None and digest is not None:
        is_proven = hmac.compare_digest(digest.digest(), checksum.digest)
        if is_broken or not is_proven:
            file.truncate(offset)
            raise ChecksumError("the bytes are not what Upload-Checksum says: send them again")
    await _to_disk(file)
    return at


async def _to_disk(file: BinaryIO) -> None:
    file.flush()
    await asyncio.to_thread(os.fsync, file.fileno())


def metadata_of(text: str) -> dict[str, str]:
    """Return the pairs of Upload-Metadata: keys with values in base64.

    Raises:
        InvalidError: It is none.
    """
    pairs = [one.strip().partition(" ") for one in text[:_METADATA_MAX].split(",")]
    try:
        return {key: base64.b64decode(value, validate=True).decode() for key, _, value in pairs}
    except ValueError as error:
        text = "is not pairs of key and base64, with commas, 2,000 characters at most"
        raise InvalidError([("Upload-Metadata", text)]) from error


def checksum_of(text: str | None) -> Checksum | None:
    """Return what Upload-Checksum says, None without one.

    Raises:
        InvalidError: It is no algorithm of ALGORITHMS with a digest in base64.
    """
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != ALGORITHMS[algorithm]().digest_size:
        text = f"is not one of {', '.join(ALGORITHMS)}, a blank and the digest in base64"
        raise InvalidError([("Upload-Checksum", text)])
    return Checksum(algorithm, digest)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

"""A file has come whole: it is held to its digest, sealed into the store, signed for."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

from server.db import open_all_files
from server.media import store
from server.media.errors import GoneError, LockedError, StorageError
from server.media.parts import MediaParts
from server.media.sealed import CHUNK_BYTES, KEY_BYTES, sealed_chunks
from server.parts import Parts
from server.policies.store import policy_of
from server.signing.canonical import canonical
from server.signing.records import sha256_of

FORMAT: Final = "guitu-media/1"
_log = logging.getLogger(__name__)
_MOST: Final = 20
_EVERY_S: Final = 5.0
_PURPOSE: Final = "recording"
_TOLD: Final = (
    *("id", "org", "device", "gateway", "entry_seq", "recording", "kind", "begin_time", "end_time"),
    *("sha256", "size_bytes", "officer", "case_ref", "announced_at", "received_at"),
    "delivered_by",
)


class Keeper:
    """One server's keeper; of several, one takes each file."""

    def __init__(self, parts: Parts, media: MediaParts) -> None:
        """Take the parts."""
        self._parts = parts
        self._media = media

    async def run(self) -> None:
        """Work for ever; an error ends it and the caller starts it again."""
        while True:
            await self.round()
            try:
                await asyncio.wait_for(self._media.bell.wait(), _EVERY_S)
            except TimeoutError:
                continue
            self._media.bell.clear()

    async def round(self) -> int:
        """Take what waits; return how many files were taken."""
        taken = 0
        failed: list[str] = []
        while True:
            async with self._parts.database.work() as connection:
                rows = await store.waiting(connection, failed, _MOST)
            if not rows:
                return taken
            for row in rows:
                try:
                    await self._take(row)
                    taken += 1
                except GoneError:
                    await self._lost(row)
                except (StorageError, OSError, LockedError) as error:
                    # It waits where it is: the store may be back in the next round.
                    failed.append(row["id"])
                    _log.error("media_waits id=%s error=%s", row["id"], error)

    async def _take(self, row: Mapping[str, Any]) -> None:
        with self._media.spool.held(row["upload"]) as file:
            found = await asyncio.to_thread(_digest, file)
            if found.hex() != row["sha256"]:
                await self._refuse(row, found)
            else:
                await self._keep(row, file, found)

    async def _lost(self, row: Mapping[str, Any]) -> None:
        async with self._parts.database.work() as connection:
            await store.announce_again(connection, row["id"])
            await store.drop_upload(connection, row["upload"])
        _log.error("media_lost id=%s device=%s", row["id"], row["device"])

    async def _refuse(self, row: Mapping[str, Any], found: bytes) -> None:
        async with self._parts.database.work() as connection:
            await store.refuse(connection, row["id"], found)
            await store.drop_upload(connection, row["upload"])
        self._media.spool.set_aside(row["upload"], row["id"])
        _log.error("media_mismatch id=%s device=%s", row["id"], row["device"])

    async def _keep(self, row: Mapping[str, Any], file: BinaryIO, found: bytes) -> None:
        media_id, key = row["id"], secrets.token_bytes(KEY_BYTES)
        name = f"{media_id}.{secrets.token_hex(8)}"
        file.seek(0)
        size_bytes = row["size_bytes"]
        chunks = sealed_chunks(file, key=key, media=media_id, size_bytes=size_bytes)
        await self._media.store.keep(name, chunks)
        sealed_key = self._media.keys.wrap(key, f"{_PURPOSE} {media_id}")
        async with self._parts.database.work() as connection:
            await open_all_files(connection)
            policy = await policy_of(connection, row["org"], row["end_time"])
            kept_for = timedelta(days=policy.number("media_keep_days"))
            is_ours = await store.keep(
                connection,
                media_id,
                found=found,
                object_name=name,
                sealed_key=sealed_key,
                keep_until=row["end_time"] + kept_for,
            )
            if is_ours:
                await store.add_manifest(connection, self._manifest(row))
                await store.drop_upload(connection, row["upload"])
        if not is_ours:
            await self._media.store.destroy(name)
            return
        self._media.spool.end(row["upload"])
        _log.info("media_stored id=%s bytes=%d", media_id, size_bytes)

    def _manifest(self, row: Mapping[str, Any]) -> dict[str, Any]:
        told = {name: _plain(row[name]) for name in _TOLD}
        text = canonical({"format": FORMAT, "stored_at": _plain(self._parts.clock()), **told})
        signer = self._parts.fact_signer
        signed = signer.sign(text) if signer else None
        return {
            "id": row["id"],
            "org": row["org"],
            "content": text,
            "sha256": sha256_of(text),
            "key_id": signed.key_id if signed else None,
            "signature": signed.signature if signed else None,
        }


def key_of(media: MediaParts, media_id: str, sealed_key: bytes) -> bytes:
    """Return a recording's own key.

    Raises:
        SealError: The site's key is not the one that sealed it.
    """
    return media.keys.unwrap(sealed_key, f"{_PURPOSE} {media_id}")


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value

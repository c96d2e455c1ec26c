"""A collecting station (采集站): a recorder's files, announced over MQTT, delivered over HTTP.

The line breaks as often as it is told to: a request ends in the midst of its bytes, and the upload
goes on where the server says that it is.
"""

import asyncio
import hashlib
import http.client
import mimetypes
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import aiomqtt
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from device_sims.errors import LinkError
from firmware_protocols.credential import device_password
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Media
from firmware_protocols.recorder.decode import decode_ack
from firmware_protocols.recorder.encode import encode
from firmware_protocols.topics import device_topic

PART_BYTES: Final = 8 << 20
UPLOADS: Final = "/api/v1/gateway/media/uploads"
_CODEC: Final = "recorder"
_KINDS: Final[dict[str, Literal["image", "audio", "video"]]] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
}
_ACK_S: Final = 30.0
_RETRIES: Final = 5
_RETRY_S: Final = 1
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class Recorded:
    """A file on a recorder; its id is made of its digest."""

    path: Path
    entry: Media

    @property
    def size_bytes(self) -> int:
        """Of the file."""
        return self.path.stat().st_size


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a station delivers.

    Attributes:
        server: Base address, http(s)://HOST:PORT.
        token: Of a gateway of the site.
        breaks: How often the line breaks in each file.
    """

    server: str
    token: str
    breaks: int = 0


def recorded(device: str, paths: Sequence[Path], *, lasts_s: float = 60.0) -> list[Recorded]:
    """Return files as a recorder holds them: each ends when it was last written.

    Args:
        device: The recorder.
        paths: The files, not empty.
        lasts_s: How long each is said to last.
    """
    found, boot = [], int(time.time())
    for seq, path in enumerate(paths, start=1):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        stat = path.stat()
        end_ms = round(stat.st_mtime * 1_000)
        kind = (mimetypes.guess_type(path.name)[0] or "").partition("/")[0]
        entry = Media(
            device=device,
            media=f"r-{digest[:24]}",
            media_type=_KINDS.get(kind, "other"),
            begin_time_ms=round(end_ms - lasts_s * 1_000),
            end_time_ms=end_ms,
            sha256=digest,
            size_bytes=stat.st_size,
            extra={"boot": boot, "seq": seq},
        )
        found.append(Recorded(path, entry))
    return found


async def announce(
    entries: Sequence[Media], *, org: str, host: str, port: int, site_key: bytes
) -> None:
    """Announce recordings of one device; returns when the gateway has them all.

    Raises:
        LinkError: No broker, or no acknowledgement within half a minute.
    """
    device = entries[0].device
    where = (org, "recorder", device)
    owed = {(entry.extra["boot"], entry.extra["seq"]) for entry in entries}
    password = device_password(site_key, device)
    try:
        async with (
            asyncio.timeout(_ACK_S),
            aiomqtt.Client(host, port, username=device, password=password) as client,
        ):
            await client.subscribe(device_topic(*where, "down", _CODEC), qos=0)
            await client.publish(device_topic(*where, "up", _CODEC), encode(entries), qos=1)
            async for message in client.messages:
                owed -= _acknowledged(message.payload)
                if not owed:
                    return
    except (aiomqtt.MqttError, TimeoutError) as error:
        raise LinkError(
            f"{len(owed)} recordings of {device} were not acknowledged by a gateway through "
            f"{host}:{port}: it must run, and its directory must have the recorder"
        ) from error


def deliver(one: Recorded, site: Site) -> int:
    """Upload a file and return how often the line broke; what the server has is not sent again.

    Raises:
        LinkError: The server does not take it; says what it answered.
    """
    client = TusClient(f"{site.server}{UPLOADS}", {"Authorization": f"Bearer {site.token}"})
    with one.path.open("rb") as file:
        upload = client.uploader(
            file_stream=file,
            chunk_size=PART_BYTES,
            metadata={"device": one.entry.device, "media": one.entry.media},
            retries=_RETRIES,
            retry_delay=_RETRY_S,
            upload_checksum=True,
        )
        try:
            url = upload.create_url()
            upload.set_url(url)
            for nth in range(site.breaks):
                offset = upload.get_offset()
                until = offset + (one.size_bytes - offset) // (site.breaks - nth + 1)
                _break_off(url, one, offset, until, site.token)
            upload.offset = upload.get_offset()
            upload.upload()
        except TusCommunicationError as error:
            content = (error.response_content or b"")[:300]
            raise LinkError(f"{one.path.name} is not taken: {error} {content!r}") from error
    return site.breaks


def _break_off(url: str, one: Recorded, offset: int, until: int, token: str) -> None:
    """Promise the rest of a file, send it as far as `until`, and hang up."""
    with one.path.open("rb") as file:
        file.seek(offset)
        part = file.read(min(until - offset, PART_BYTES))
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.netloc, timeout=_TIMEOUT_S)
    try:
        line.putrequest("PATCH", parts.path)
        headers = {
            "Authorization": f"Bearer {token}",
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(min(one.size_bytes - offset, PART_BYTES)),
        }
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(part)
    finally:
        line.close()


def _acknowledged(payload: object) -> set[tuple[int, int]]:
    if not isinstance(payload, bytes):
        return set()
    try:
        ranges = decode_ack(payload)
    except DecodeError:
        return set()
    return {(boot, seq) for boot, first, last in ranges for seq in range(first, last + 1)}

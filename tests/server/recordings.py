"""A recorder's files, as they are announced and delivered."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from server.media.naming import media_id
from tests.server.conftest import Site, post_outcomes

RECORDER = "rc-0001"
UPLOADS = "/api/v1/gateway/media/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


@dataclass(frozen=True)
class Recording:
    """A file of the recorder."""

    name: str
    content: bytes

    @property
    def id(self) -> str:
        return media_id(RECORDER, self.name)

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()

    def event(self, seq: int, **given: Any) -> dict[str, Any]:
        data = {
            "entry_seq": seq,
            "org": "office-1",
            "device": RECORDER,
            "media": self.name,
            "media_type": "video",
            "begin_time": "2026-11-22T01:00:00.000Z",
            "end_time": "2026-11-22T01:10:00.000Z",
            "sha256": self.sha256.hex(),
            "size_bytes": len(self.content),
            "officer": "officer-1",
            "case": None,
            "at": "2026-11-22T01:10:05.000Z",
        } | given
        return {
            "specversion": "1.0",
            "id": f"{RECORDER}/{self.name}",
            "source": "guitu/gateway/gw-1",
            "type": "guitu.media.v1.announced",
            "time": data["at"],
            "datacontenttype": "application/json",
            "data": data,
        }


def media_settings(site: Site, **changed: Any) -> Any:
    key = site.folder / "media-key"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(32))
        key.chmod(0o600)
    given = {"media_dir": site.folder / "media", "media_key_file": key, "deadline_sweep_s": 3600.0}
    return site.settings(**(given | changed))


def add_recorder(site: Site, device: str = RECORDER, org: str = "office-1") -> None:
    site.rows(
        "INSERT INTO device (id, org_id, kind, expected_interval_s)"
        " VALUES (%s, %s, 'recorder', 60)",
        (device, org),
    )


async def announce(gateway: httpx.AsyncClient, *recordings: Recording, first: int = 1) -> None:
    events = [one.event(first + nth) for nth, one in enumerate(recordings)]
    answer = await post_outcomes(gateway, events, first=first)
    assert answer.status_code == 200, answer.text
    assert "quarantined" not in answer.json(), answer.text


def metadata(recording: Recording) -> str:
    pairs = {"device": RECORDER, "media": recording.name}
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())


async def begin(gateway: httpx.AsyncClient, recording: Recording) -> str:
    size = {"Upload-Length": str(len(recording.content))}
    headers = TUS | size | {"Upload-Metadata": metadata(recording)}
    answer = await gateway.post(UPLOADS, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def send(
    gateway: httpx.AsyncClient, location: str, offset: int, part: Any, **headers: str
) -> httpx.Response:
    given = PART | {"Upload-Offset": str(offset)} | headers
    return await gateway.patch(location, headers=given, content=part)


async def kept(gateway: httpx.AsyncClient, location: str) -> int:
    answer = await gateway.head(location, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


async def deliver(gateway: httpx.AsyncClient, recording: Recording) -> None:
    location = await begin(gateway, recording)
    answer = await send(gateway, location, 0, recording.content)
    assert answer.status_code == 204, answer.text

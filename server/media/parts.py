"""What the recordings of a site need: folder, store and key."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from server.config import ServerSettings
from server.errors import NotFoundError
from server.media.storage import MediaStore
from server.media.uploads import Spool
from server.secrecy.key_file import KeyFile, KeyService


@dataclass(frozen=True, slots=True)
class MediaParts:
    """The parts.

    Attributes:
        spool: Uploads on their way.
        store: Sealed files.
        keys: Wraps the files' keys.
        bell: Set when a file has come whole.
    """

    spool: Spool
    store: MediaStore
    keys: KeyService
    bell: asyncio.Event = field(default_factory=asyncio.Event)


def media_parts(settings: ServerSettings) -> MediaParts | None:
    """Return the parts, None where the site takes no recordings.

    Raises:
        SettingsError: Folder, store or key is not what the settings say.
    """
    folder, key_file = settings.media_dir, settings.media_key_file
    if folder is None or key_file is None:
        return None
    store = MediaStore(folder, settings.media_store)
    keys = KeyFile(key_file, "GUITU_SERVER_MEDIA_KEY_FILE")
    return MediaParts(Spool(folder), store, keys)


def _parts(request: Request) -> MediaParts:
    found: MediaParts | None = request.app.state.media
    if found is None:
        raise NotFoundError(
            "this server takes no recordings: it needs GUITU_SERVER_MEDIA_DIR and "
            "GUITU_SERVER_MEDIA_KEY_FILE"
        )
    return found


WithMedia = Annotated[MediaParts, Depends(_parts)]

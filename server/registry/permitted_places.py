"""Keeps permissions of forbidden areas through an edit: they hold for the new shape too."""

from collections.abc import Sequence

from server.db import Connection
from server.registry.fence_store import fence_versions, place_permissions, replace_versions
from server.registry.fence_version import exempted


async def keep_permissions(connection: Connection, fence_ids: Sequence[str]) -> None:
    """Exempt from these fences, as they are now, whom the county permitted to enter them."""
    if not fence_ids:
        return
    for permitted in await place_permissions(connection, fence_ids):
        fence, subject = permitted["fence_id"], permitted["subject_id"]
        begin, end = permitted["begins_at"], permitted["ends_at"]
        old = await fence_versions(connection, fence, begin)
        if any(subject in one.subjects for one in old):
            new = exempted(old, subject, begin, end)
            await replace_versions(connection, fence, begin, old, new)

"""SQL of exported files by their digest."""

from typing import Any

from server.db import Connection, fetch_all


async def of_digest(connection: Connection, sha256: str, *, limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` exports of a file, the newest first."""
    return await fetch_all(
        connection,
        "SELECT a.ref_id AS number, a.body ->> 'kind' AS kind, a.by_login, a.org_id AS org,"
        " a.happened_time AS at, (a.body ->> 'bytes')::bigint AS size_bytes,"
        " (SELECT t.body ->> 'purpose' FROM act t WHERE t.kind = 'export.taken'"
        " AND t.ref_kind = 'export' AND t.ref_id = a.ref_id LIMIT 1) AS purpose"
        " FROM act a WHERE a.kind = 'export.file' AND a.body ->> 'sha256' = %s"
        " ORDER BY a.id DESC LIMIT %s",
        (sha256, limit),
    )

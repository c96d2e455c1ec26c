"""SQL of where the chains stand."""

from typing import Any, Final

from server.db import Connection, fetch_all

_STATE: Final = """
  SELECT o.id AS org, b.number AS blocks, b.first_position + b.leaf_count - 1 AS leaves,
    b.algorithm, b.sealed_at, b.hash, c.number AS signed_block, a.number AS anchored_block,
    (SELECT count(*) FROM (SELECT FROM audit_pending p WHERE p.org_id = o.id LIMIT %(most)s) w)
      AS waiting,
    (SELECT p.at FROM audit_pending p WHERE p.org_id = o.id ORDER BY p.id LIMIT 1) AS waiting_since
  FROM org o
  LEFT JOIN LATERAL (SELECT * FROM audit_block x WHERE x.org_id = o.id
    ORDER BY x.number DESC LIMIT 1) b ON true
  LEFT JOIN LATERAL (SELECT x.number FROM audit_checkpoint x WHERE x.org_id = o.id
    ORDER BY x.number DESC LIMIT 1) c ON true
  LEFT JOIN LATERAL (SELECT x.number FROM audit_anchor x WHERE x.org_id = o.id
    ORDER BY x.number DESC LIMIT 1) a ON true
  WHERE %(after)s::text IS NULL OR o.id > %(after)s
  ORDER BY o.id LIMIT %(limit)s"""


async def page(
    connection: Connection, *, after: str | None, limit: int, most_waiting: int
) -> list[dict[str, Any]]:
    """Return the chains of at most `limit` organisations of the scope, by id."""
    given = {"after": after, "limit": limit, "most": most_waiting}
    return await fetch_all(connection, _STATE, given)

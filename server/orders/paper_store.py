"""SQL of what the documents of an order say besides."""

from server.db import Connection, fetch_one


async def decision_number(connection: Connection, order_id: str) -> str:
    """Return the number of an order's decision; its id where it was decided elsewhere."""
    row = await fetch_one(
        connection,
        "SELECT number FROM document WHERE ref_kind = 'order' AND ref_id = %s AND kind IN"
        " ('positioning_decision', 'positioning_extension_decision') ORDER BY issued_at LIMIT 1",
        (order_id,),
    )
    return str(row["number"]) if row else f"（{order_id}）"


async def newest_assessment(connection: Connection, order_id: str) -> str | None:
    """Return what the newest assessment of an order says."""
    row = await fetch_one(
        connection,
        "SELECT text FROM order_assessment WHERE order_id = %s"
        " ORDER BY assessed_at DESC, id DESC LIMIT 1",
        (order_id,),
    )
    return row["text"] if row else None


async def org_name(connection: Connection, org_id: str) -> str:
    """Return what an organisation of the scope is called."""
    row = await fetch_one(connection, "SELECT name_zh FROM org WHERE id = %s", (org_id,))
    return str(row["name_zh"]) if row else org_id

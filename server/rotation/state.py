"""How far a rotation is."""

from typing import Any

from server.personal.fields import HOLDERS, TABLES
from server.rotation import store
from server.rotation.wrapped import WRAPPED


def key_state(owner: store.Owner) -> dict[str, Any]:
    """Return what each key holds, in a form for people and scripts; no key is in it.

    Returns:
        `wrapped`: secrets of each table by the id of the master key; `data_keys`: each with the
        fields that it seals; `plain`: rows that no round has sealed yet, by table.
    """
    wrapped = [
        {"setting": what.setting, "table": what.table, "under": store.under(owner, what)}
        for what in WRAPPED
    ]
    fields: dict[int, int] = {}
    for table in HOLDERS:
        for number, count in store.fields_under(owner, table).items():
            fields[number] = fields.get(number, 0) + count
    data_keys = [
        {
            "id": row["id"],
            "org": row["org_id"],
            "use": row["use"],
            "algorithm": row["algorithm"],
            "made_at": row["made_at"].isoformat(),
            "retired_at": row["retired_at"] and row["retired_at"].isoformat(),
            "fields": fields.get(row["id"], 0),
        }
        for row in store.data_keys(owner)
    ]
    plain = {table.name: store.plain(owner, table) for table in TABLES}
    return {"wrapped": wrapped, "data_keys": data_keys, "plain": plain}

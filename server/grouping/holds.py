"""What holds the alerts of one batch of routing, as the database has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from server.db import Connection
from server.grouping import store
from server.grouping.holding import BY_GATEWAY, INHIBITING, Candidate, Holder, first_of

_LOCK: Final = "guitu group"
_MEMBERS: Final = ("id", "rule", "severity", "condition", "late", "begin_time", "raised_at")


@dataclass(slots=True)
class Holds:
    """Outages and heads of groups.

    Attributes:
        inhibitors: Outages that last and cover an alert, by alert.
        heads: The alert of each group that is with somebody.
        waiting: How many alerts of each group wait.
    """

    inhibitors: Mapping[str, Sequence[Holder]] = field(default_factory=dict)
    heads: Mapping[str, Holder] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)


def candidate_of(row: Mapping[str, Any]) -> Candidate:
    """Return what holding reads of a row of routing."""
    return Candidate(
        **{name: row[name] for name in _MEMBERS},
        is_new=row["phase"] == "open" and row["level"] < 0 and row["assigned_to"] is None,
        own_group=row["own_group_id"],
        group=row["group_id"],
        held_by=row["held_by"],
        held_as=row["held_as"],
    )


async def read_holds(
    connection: Connection, rows: Sequence[Mapping[str, Any]], holds: Holds
) -> None:
    """Find what may hold these alerts.

    Their groups are locked until the transaction ends: of two servers that route one storm, the
    second sees what the first has routed.
    """
    new = [one for one in map(candidate_of, rows) if one.is_new]
    groups = {name for one in new for name in (one.group, one.own_group) if name is not None}
    if not groups:
        return
    await store.lock(connection, _LOCK, groups)
    inhibitors: dict[str, list[Holder]] = {}
    explained = [one.id for one in new if one.rule in BY_GATEWAY]
    if explained:
        for row in await store.inhibitors(connection, explained, INHIBITING):
            inhibitors.setdefault(row["alert"], []).append(_holder(row))
    # What an inhibitor's group has, its alerts are folded under when it has ended.
    heads = {row["group_id"]: _holder(row) for row in await store.heads(connection, groups)}
    waiting = await store.waiting_in(connection, groups)
    holds.inhibitors, holds.heads, holds.waiting = inhibitors, heads, waiting


def with_head(heads: Mapping[str, Holder], one: Holder) -> dict[str, Holder]:
    """Return the heads when one more alert was routed."""
    if one.group is None:
        return dict(heads)
    return {**heads, one.group: first_of(heads.get(one.group), one)}


def _holder(row: Mapping[str, Any]) -> Holder:
    return Holder(row["id"], row["group_id"], row["severity"], row["begin_time"], row["until"])

"""Finds the groups of alerts that are new, in the transaction that brings them.

Groups are locked by their fingerprints before any alert is: who waits for an alert holds no group.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from server.alerts.outcome_store import NO_GROUPS, Grouping, GroupPlace, Moved, Outcome
from server.db import Connection
from server.grouping import store
from server.grouping.fingerprint import fingerprint, is_backlog
from server.grouping.holding import INHIBITING
from server.grouping.windows import Member, WindowLaw, groups_of, window_law
from server.policies.store import policy_of

_LOCK: Final = "guitu fingerprint"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An alert that is about to be raised.

    Attributes:
        at: Where it stands among those of its fingerprint.
    """

    id: str
    fingerprint: str
    at: datetime


async def laws_of(
    connection: Connection, orgs: Collection[str], now: datetime
) -> dict[str, WindowLaw]:
    """Return the figures in force of organisations."""
    return {org: window_law(await policy_of(connection, org, now)) for org in sorted(orgs)}


async def grouping_of(connection: Connection, outcomes: Sequence[Outcome]) -> Grouping:
    """Return the groups of the alerts that a gateway's outcomes raise."""
    first = {one.episode: one for one in reversed(outcomes)}
    known = await store.known(connection, first)
    new = [one for one in first.values() if one.episode not in known]
    if not new:
        return NO_GROUPS
    now = datetime.now(UTC)
    laws = await laws_of(connection, {one.org for one in new}, now)
    outages = await _outages(connection, new, laws, now)
    newcomers = {}
    for one in new:
        backlog = is_backlog(one.evidence, late=one.late)
        about = one.subject or one.device or ""
        outage = outages.get(one.org, "") if backlog else None
        key = fingerprint(org=one.org, rule=one.rule, about=about, outage=outage)
        if key is not None:
            # A backlog is one by its arrival: what it tells may lie days apart.
            at = now if backlog else one.begin_time
            newcomers[Newcomer(one.episode, key, at)] = laws[one.org]
    return await join(connection, newcomers)


async def join(connection: Connection, newcomers: dict[Newcomer, WindowLaw]) -> Grouping:
    """Return the groups of new alerts, and the alerts whose group runs into another with them.

    Args:
        connection: The transaction that is to raise them.
        newcomers: With their organisations' figures.
    """
    if not newcomers:
        return NO_GROUPS
    laws = {one.fingerprint: law for one, law in newcomers.items()}
    members: dict[str, list[Member]] = {key: [] for key in laws}
    for one in newcomers:
        members[one.fingerprint].append(Member(one.id, one.at, None))
    await store.lock(connection, _LOCK, laws)
    spans = {
        key: (
            min(one.at for one in found) - laws[key].window,
            max(one.at for one in found) + laws[key].window,
        )
        for key, found in members.items()
    }
    for row in await store.neighbours(connection, spans):
        key = row.pop("fingerprint")
        members[key].append(Member(**row))
    groups: dict[str, str] = {}
    for key, found in members.items():
        groups |= groups_of(found, laws[key])
    grown = {
        (key, one.group): groups[one.id]
        for key, found in members.items()
        for one in found
        if one.group is not None and one.group != groups[one.id]
    }
    moved = await store.of_own_groups(connection, grown) if grown else []
    return Grouping(
        {one.id: GroupPlace(one.fingerprint, one.at, groups[one.id]) for one in newcomers},
        {row["id"]: Moved(row["org"], grown[row["fingerprint"], row["group"]]) for row in moved},
    )


async def _outages(
    connection: Connection, new: Sequence[Outcome], laws: dict[str, WindowLaw], now: datetime
) -> dict[str, str]:
    orgs = {one.org for one in new if is_backlog(one.evidence, late=one.late)}
    if not orgs:
        return {}
    windows = {org: laws[org].window for org in sorted(orgs)}
    return await store.last_outages(
        connection, windows, gateway=new[0].gateway, troubles=INHIBITING, now=now
    )

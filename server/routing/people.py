"""Reads who is there: organisations, rota, absences, accounts and loads of a batch."""

from collections.abc import Collection
from datetime import datetime

from server.db import Connection
from server.rota.on_duty import OnDuty, by_login, on_duty
from server.rota.store import absences_from, shifts_from
from server.routing import store
from server.routing.plan import Account, Load, OrgLevel, World


async def read_world(
    connection: Connection, orgs: Collection[str], holders: Collection[str], now: datetime
) -> World:
    """Return the people who may matter to alerts of organisations.

    Args:
        connection: The transaction.
        orgs: Whose alerts.
        holders: Who has some of them already.
        now: The instant, aware.
    """
    chains: dict[str, list[tuple[str, OrgLevel]]] = {}
    for row in await store.chains(connection, orgs):
        chains.setdefault(row["mine"], []).append((row["id"], row["level"]))
    above = sorted({org for chain in chains.values() for org, _ in chain})
    absences = by_login(await absences_from(connection, now))
    duty: dict[str, list[OnDuty]] = {}
    for one in on_duty(await shifts_from(connection, above, now), absences, now):
        duty.setdefault(one.org_id, []).append(one)
    standing = {one.login for on_post in duty.values() for one in on_post}
    rows = await store.accounts(connection, above, sorted(standing | set(holders)))
    accounts = {row["login"]: Account(**row) for row in rows}
    staff: dict[str, list[str]] = {}
    for account in accounts.values():
        staff.setdefault(account.org_id, []).append(account.login)
    loads = {
        row["login"]: Load(row["waiting"], row["last_at"])
        for row in await store.loads(connection, sorted(accounts))
    }
    return World(now, chains, duty, accounts, staff, absences, loads)

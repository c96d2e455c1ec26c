"""SQL of policies and days off; nothing here updates or deletes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all
from server.law.days import HolidayNotice, LegalCalendar
from server.law.policy import Policy, national, with_overrides

_INSERT_POLICY: Final = """
  INSERT INTO law_policy (org_id, overrides, source, entered_by, entered_at, valid_from)
  VALUES (%s, %s, %s, %s, %s, %s)"""

_INSERT_NOTICE: Final = """
  INSERT INTO holiday_notice (org_id, year, off, worked, source, entered_by)
  VALUES (%s, %s, %s, %s, %s, %s)"""


async def policy_of(connection: Connection, org_id: str, now: datetime) -> Policy:
    """Return the policy in force for an organisation: the national one, and what is above it set.

    Raises:
        LawError: What was entered under an older version does not hold to this one.
    """
    rows = await fetch_all(
        connection, "SELECT overrides, source FROM law_policies(%s, %s)", (org_id, now)
    )
    policy = national()
    for row in rows:
        policy = with_overrides(policy, row["overrides"], row["source"])
    return policy


async def calendar_of(connection: Connection, org_id: str) -> LegalCalendar:
    """Return the calendar of an organisation, with the days off that were entered for it."""
    rows = await fetch_all(connection, "SELECT * FROM holiday_notices(%s)", (org_id,))
    return LegalCalendar(
        HolidayNotice(row["year"], frozenset(row["off"]), frozenset(row["worked"]), row["source"])
        for row in rows
    )


async def enter_policy(
    connection: Connection,
    org_id: str,
    overrides: Mapping[str, Any],
    *,
    source: str,
    by_login: str,
    now: datetime,
    valid_from: datetime,
) -> None:
    """Set what holds for an organisation and those below it from an instant on."""
    values = (org_id, Jsonb(dict(overrides)), source, by_login, now, valid_from)
    await connection.execute(_INSERT_POLICY, values)


async def enter_notice(
    connection: Connection,
    org_id: str,
    year: int,
    *,
    off: Sequence[date],
    worked: Sequence[date],
    source: str,
    by_login: str,
) -> None:
    """Set a year's days off for an organisation and those below it."""
    await connection.execute(
        _INSERT_NOTICE, (org_id, year, list(off), list(worked), source, by_login)
    )

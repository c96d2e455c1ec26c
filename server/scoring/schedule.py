"""Which policy is in force: for an organisation, from the first day of which month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from server.db import Connection
from server.scoring.policy import Policy
from server.scoring.policy_file import default, policy_of
from server.scoring.policy_store import in_force


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed policy.

    Attributes:
        month: The first month that it is in force in.
        depth: The greater, the nearer is who signed it; the nearest one is in force.
    """

    month: int
    depth: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Schedule:
    """The policies of an organisation, over time."""

    signed: tuple[Signed, ...]

    def at(self, month: int) -> Policy:
        """Return the policy in force in a month."""
        begun = [one for one in self.signed if one.month <= month]
        if not begun:
            return default()
        return max(begun, key=lambda one: (one.depth, one.month)).policy

    def of_version(self, version: str) -> Policy:
        """Return a policy by its version, or who took it over; else the default."""
        known = [one.policy for one in self.signed]
        for policy in known:
            if policy.version == version:
                return policy
        for policy in known:
            if version in policy.takes_over:
                return policy
        return default()


def month_of_day(day: date) -> int:
    """Return a day's calendar month as year x 12 + month - 1."""
    return day.year * 12 + day.month - 1


def scheduled(rows: list[dict[str, Any]]) -> Schedule:
    """Return the schedule of rows of `score_policies`, the later decided one last."""
    return Schedule(
        tuple(
            Signed(month_of_day(row["valid_from"]), row["depth"], policy_of(row["content"]))
            for row in reversed(rows)
        )
    )


async def schedule_of(connection: Connection, org_id: str) -> Schedule:
    """Return the schedule of an organisation.

    Raises:
        PolicyError: What was signed under an older build has faults in this one.
    """
    return scheduled(await in_force(connection, org_id))

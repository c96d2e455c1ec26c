"""A trouble begins: its alert is raised, or the one that a person still has is taken up again.

What comes and goes all night is one alert that says how often, not one for each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.alerts.outcome_store import move_to_groups
from server.db import Connection
from server.grouping.fingerprint import fingerprint
from server.grouping.joining import Newcomer, join
from server.grouping.windows import window_law
from server.policies.store import policy_of
from server.silence import store
from server.silence.trouble import Rule, alert_id


@dataclass(frozen=True, slots=True)
class Beginning:
    """A trouble that begins.

    Attributes:
        org: Whose it is.
        source: What has it: a gateway, or a server.
        rule: What it is.
        began_at: Since when; aware.
        figures: What was read.
        explanation: Why, in Chinese and in English.
    """

    org: str
    source: str
    rule: Rule
    began_at: datetime
    figures: Mapping[str, Any]
    explanation: tuple[str, str]


async def begin(connection: Connection, trouble: Beginning) -> str | None:
    """Raise a trouble's alert, or take up again what waits still; None: another server has."""
    law = window_law(await policy_of(connection, trouble.org, trouble.began_at))
    named = alert_id(trouble.rule, trouble.source, trouble.began_at)
    key = fingerprint(org=trouble.org, rule=trouble.rule, about=trouble.source)
    if key is None:
        raise ValueError(f"{trouble.rule} is no rule of a trouble")
    since = trouble.began_at - law.window
    again = await store.waits_still(connection, key, since)
    is_first = await store.begin(
        connection,
        org=trouble.org,
        source=trouble.source,
        rule=trouble.rule,
        began_at=trouble.began_at,
        alert=again or named,
    )
    if not is_first:
        return None
    place = None
    if again is None:
        grouping = await join(connection, {Newcomer(named, key, trouble.began_at): law})
        place = grouping.placed[named]
        await move_to_groups(connection, grouping)
    await store.tell(
        connection,
        alert=again or named,
        place=place,
        org=trouble.org,
        rule=trouble.rule,
        began_at=trouble.began_at,
        evidence={"source": trouble.source} | dict(trouble.figures),
        explanation=trouble.explanation,
    )
    return again or named

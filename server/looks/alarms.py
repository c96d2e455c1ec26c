"""Alarms on unusual looking: what they say, and the auditors who are told of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from server.auth.looking import AlarmKind
from server.law.text import Text
from server.looks import alarm_store
from server.notifications.outbox import Notification, enqueue
from server.rounds import Due, Round, Row
from server.routing.telling import pseudonym

_REASONS: Final[Mapping[AlarmKind, Text]] = MappingProxyType(
    {
        "many": Text("查阅的对象过多", "looked at too many people"),
        "far": Text(
            "查阅了过多相隔多级机构的对象", "looked at too many people of organisations far below"
        ),
        "night": Text(
            "夜间无报警、任务或查找事由查阅",
            "looked at people at night without an alert, a task or a search",
        ),
    }
)


def described(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alarm as the interface says it, with its reason."""
    reason, bound = _REASONS[row["kind"]], row["bound"]
    return {
        **row,
        "reason_zh": f"{reason.zh}：{row['persons']} 人（界限 {bound}）",
        "reason_en": f"{reason.en}: {row['persons']} (bound {bound})",
    }


async def _untold(work: Round) -> list[dict[str, Any]]:
    return await alarm_store.untold(work.connection, work.resting, most=work.most)


async def _tell(work: Round, row: Row) -> None:
    # Nobody audits the own looks; where there is no other auditor the organisation is told.
    found = await alarm_store.auditors(work.connection, row["org"], row["by_login"])
    told: list[str | None] = [*found] or [None]
    await enqueue(work.connection, [_told(row, login, n) for n, login in enumerate(told)])


def _told(row: Row, login: str | None, number: int) -> Notification:
    # The first one's key says that the alarm was told of.
    suffix = f"/{pseudonym(login)}" if login and number else ""
    return Notification(
        key=f"looks/{row['id']}{suffix}",
        org_id=row["org"],
        login=login,
        kind=f"looks_{row['kind']}",
        severity="major",
        values={"persons": str(row["persons"]), "bound": str(row["bound"])},
    )


LOOK_ALARMS: Final = Due(name="look_alarms", find=_untold, settle=_tell)
"""Alarms on unusual looking that no auditor was told of."""

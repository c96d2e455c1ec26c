"""Taking an alert over, and handing it to another; the clock runs on."""

from typing import Any, Final

from server.alerts.handling import announced, held
from server.alerts.lifecycle import WAITING
from server.alerts.store import AlertStep, add_step
from server.auth.person import Desk
from server.errors import InvalidError, Refusal, RefusedError
from server.notifications.outbox import enqueue
from server.rota.on_duty import by_login, present_until
from server.rota.store import absences_from, org_path
from server.routing import store
from server.routing.telling import told_of_assignment

_ARTICLE: Final = "law-26"


async def assign(
    desk: Desk, alert_id: str, to: str | None, note: str | None, *, if_match: str | None
) -> dict[str, Any]:
    """Give an alert that waits to somebody who may handle it; None: to who asks.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such alert in the scope.
        StaleVersionError: Someone was faster; carries the alert as it is now.
        RefusedError: Nobody has to act on it any more, or the person has it or is away.
        InvalidError: The person is no handler of the scope, or does not see the alert.
    """
    row = await held(desk, alert_id, if_match=if_match)
    me = desk.person.login
    login = to or me
    if row["state"] not in WAITING:
        text = (
            f"报警状态为{row['state']}，无需处置",
            f"an alert that is {row['state']} waits for nobody",
        )
        raise _refused("not_waiting", text, ("待处置的报警", "an alert that waits"))
    if row["assigned_to"] == login:
        text = ("该报警已由此人负责", "this person has it")
        raise _refused("assigned_already", text, ("另一名人员", "another person"))
    await _check(desk, login, row["org"])
    await store.assign(desk.connection, alert_id, login, desk.now)
    because = "taken_over" if login == me else "handed_over"
    body = {"because": because, "assigned_to": login, "from": row["assigned_to"]}
    await add_step(desk.connection, row, AlertStep("routed", me, note, body=body))
    if login != me:
        told = told_of_assignment(alert_id, row["org"], row["severity"], login, desk.now)
        await enqueue(desk.connection, [told])
    return await announced(desk, row)


async def _check(desk: Desk, login: str, org: str) -> None:
    found = await store.handler(desk.connection, login)
    path = await org_path(desk.connection, org)
    if found is None or path is None:
        raise InvalidError([("/to", f"{login} is no officer or supervisor of your scope")])
    if not path.startswith(found["path"]):
        raise InvalidError([("/to", f"{login} sees nothing of the alert's organisation")])
    absences = by_login(await absences_from(desk.connection, desk.now))
    if present_until(login, absences, desk.now) == desk.now:
        text = ("该人员缺勤", "this person is away")
        raise _refused("away", text, ("在岗人员", "somebody who is there"))


def _refused(rule: str, said: tuple[str, str], allowed: tuple[str, str]) -> RefusedError:
    return RefusedError(Refusal("", rule, _ARTICLE, *said, *allowed))

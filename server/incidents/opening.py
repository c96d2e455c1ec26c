"""Opening an incident by a plan, and the alerts that it is about."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from server.alerts.store import AlertStep, add_step
from server.auth.person import Desk
from server.cases.noting import new_id
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.incidents import store
from server.incidents.noting import note, tell
from server.incidents.plan import Plan, Who, entered, library
from server.incidents.schemas import NewIncident
from server.rota.store import org_path
from server.routing.people import read_world
from server.routing.plan import COUNTY, LEAD, OFFICE, Nobody, plan
from server.routing.store import handler

_LEVELS: Final[dict[Who, int]] = {"duty_officer": OFFICE, "duty_lead": LEAD, "county": COUNTY}


async def plans_of(desk: Desk, org: str) -> dict[str, Plan]:
    """Return the plans in force for an organisation: the product's, and what was set above them."""
    found = library()
    for row in await store.plans(desk.connection, org):
        version = f"{row['org_id']}/{row['version']}"
        found[row["key"]] = entered(row["key"], row["body"], version=version, source=row["source"])
    return found


async def open_incident(desk: Desk, body: NewIncident) -> str:
    """Open an incident: its tasks begin, and everybody who has one is told; return its id.

    Raises:
        NotFoundError: No such organisation in the scope.
        InvalidError: No such plan, alert or commander.
        RefusedError: An alert is of another open incident.
    """
    org = body.org or desk.person.org_id
    if await org_path(desk.connection, org) is None:
        raise NotFoundError("no such organisation in your scope")
    known = await plans_of(desk, org)
    chosen = known.get(body.plan)
    if chosen is None:
        raise InvalidError([("/plan", f"is none of {', '.join(sorted(known))}")])
    commander = body.commander or desk.person.login
    await refuse_unknown(desk, commander, "/commander")
    incident = {"id": new_id("in"), "org": org, "title": body.title, "commander": commander}
    row = incident | {"plan": chosen.key, "plan_version": chosen.version, "at": desk.now}
    row |= {"plan_title": msgspec.to_builtins(chosen.title), "by": desk.person.login}
    await store.insert(desk.connection, row)
    said = {"plan": chosen.key, "plan_version": chosen.version, "commander": commander}
    await note(desk, incident, "opened", said)
    await _add_tasks(desk, incident, chosen)
    await add_alerts(desk, incident, body.alerts)
    return str(incident["id"])


async def add_alerts(desk: Desk, incident: Mapping[str, Any], ids: Sequence[str]) -> None:
    """Put alerts into an open incident; each alert's own record says so.

    Raises:
        InvalidError: An alert is not of the scope, or stands twice.
        RefusedError: An alert is of an open incident.
    """
    known = await store.alerts_in_scope(desk.connection, ids)
    faults = [
        (f"/alerts/{index}", f"{alert} is no alert of your scope, or stands twice")
        for index, alert in enumerate(ids)
        if alert not in known or alert in ids[:index]
    ]
    if faults:
        raise InvalidError(faults)
    taken = await store.alerts_elsewhere(desk.connection, ids)
    if taken:
        raise RefusedError(
            Refusal(
                "/alerts",
                "one_incident",
                "law-26",
                f"报警已属于进行中的事件：{'、'.join(taken[:5])}",
                f"of an open incident already: {', '.join(taken[:5])}",
                "在原事件中处置",
                "work on it in that incident",
            )
        )
    by = desk.person.login
    await store.add_alerts(desk.connection, incident, ids, by=by, at=desk.now)
    for alert in ids:
        step = AlertStep("noted", by, body={"incident": incident["id"]})
        await add_step(desk.connection, {"org": known[alert], "id": alert}, step)
    await note(desk, incident, "alert_added", {"alerts": list(ids)})


async def refuse_unknown(desk: Desk, login: str, pointer: str) -> None:
    """Refuse somebody who may not handle alerts of this scope.

    Raises:
        InvalidError: The person is no officer or supervisor of the scope.
    """
    if await handler(desk.connection, login) is None:
        raise InvalidError([(pointer, f"{login} is no officer or supervisor of your scope")])


async def owner_of(desk: Desk, org: str, who: Who, commander: str) -> str | None:
    """Return who does a task now: by post, as the rota has it; None: nobody is there."""
    if who == "commander":
        return commander
    world = await read_world(desk.connection, [org], [], desk.now)
    found = plan(org, world, from_level=_LEVELS[who])
    return None if isinstance(found, Nobody) else found.login


async def _add_tasks(desk: Desk, incident: Mapping[str, Any], chosen: Plan) -> None:
    rows = []
    for number, task in enumerate(chosen.tasks, start=1):
        owner = await owner_of(desk, incident["org"], task.who, incident["commander"])
        row = {"id": new_id("it"), "org": incident["org"], "incident": incident["id"]}
        row |= {"number": number, "text": msgspec.to_builtins(task.text), "who": task.who}
        due_at = desk.now + timedelta(minutes=task.within_minutes)
        rows.append(row | {"owner": owner, "due_at": due_at})
    await store.add_tasks(desk.connection, rows)
    told = {incident["commander"], *(row["owner"] for row in rows if row["owner"])}
    await tell(desk, incident, "incident_opened", sorted(told))

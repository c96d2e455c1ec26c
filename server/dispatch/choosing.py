"""Who may be sent to an alert, the best first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from server.alerts import store as alerts
from server.auth.person import Desk
from server.dispatch import store
from server.dispatch.nearest import Availability, Candidate, Place, Seen, candidate, rank
from server.errors import NotFoundError
from server.policies.store import policy_of
from server.routing.people import read_world
from server.routing.plan import Load, World

_E7: Final = 1e7
_MOST: Final = 50


async def candidates(desk: Desk, alert_id: str, to: Place | None) -> dict[str, Any]:
    """Return who may be sent to an alert, at most fifty.

    Args:
        desk: Who asks.
        alert_id: To what.
        to: Where to; None: where the person was last, while an order is in force.

    Raises:
        NotFoundError: No such alert in the scope.
    """
    connection = desk.connection
    alert = await alerts.alert(connection, alert_id)
    if alert is None:
        raise NotFoundError("no such alert in your scope")
    policy = await policy_of(connection, alert["org"], desk.now)
    stale_after = timedelta(minutes=policy.number("dispatch_position_stale_minutes"))
    place = await _place(desk, alert, to)
    world = await read_world(connection, [alert["org"]], [], desk.now)
    logins = sorted(login for login in world.accounts if world.is_present(login))
    seen = await store.seen(connection, logins)
    live = await store.live_tasks(connection, logins)
    found = [
        candidate(
            login,
            availability=_availability(world, login, alert["org"], live),
            waiting=world.loads.get(login, Load()).waiting,
            seen=_seen(seen.get(login)),
            to=None if place is None else Place(place["longitude_deg"], place["latitude_deg"]),
            now=desk.now,
            stale_after=stale_after,
        )
        for login in logins
    ]
    best = sorted(found, key=rank)[:_MOST]
    devices = await store.devices_of(connection, [one.login for one in best], desk.now)
    names = await store.names_of(connection, [one.login for one in best])
    items = [_shown(one, desk, world, alert["org"]) for one in best]
    for item in items:
        login = item["login"]
        item |= {"name": names.get(login, login), "device": devices.get(login)}
        item |= {"task": next(iter(live.get(login, ())), None)}
    return {"alert": alert_id, "at": desk.now, "place": place, "items": items}


async def shown(desk: Desk, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task as people see it, with where to go and the person's name."""
    place = None
    if row["lon_e7"] is not None:
        place = {"longitude_deg": row["lon_e7"] / _E7, "latitude_deg": row["lat_e7"] / _E7}
        place |= {"name": row["place_name"], "fix_time": None}
    elif row["subject"] is not None:
        place = await _last_place(desk, row["subject"])
    names = await store.names_of(desk.connection, [row["login"]])
    return {**row, "place": place, "name": names.get(row["login"])}


async def _place(desk: Desk, alert: Mapping[str, Any], to: Place | None) -> dict[str, Any] | None:
    if to is not None:
        place: dict[str, Any] = {"longitude_deg": to.longitude_deg, "latitude_deg": to.latitude_deg}
        return place | {"name": None, "fix_time": None}
    return None if alert["subject"] is None else await _last_place(desk, alert["subject"]["id"])


async def _last_place(desk: Desk, subject_id: str) -> dict[str, Any] | None:
    seen = await store.subject_seen(desk.connection, subject_id)
    return None if seen is None else seen | {"name": None}


def _availability(
    world: World, login: str, org: str, live: Mapping[str, list[str]]
) -> Availability:
    if live.get(login):
        return "on_task"
    return "free" if world.duty_of(login, org) else "off_duty"


def _seen(row: Mapping[str, Any] | None) -> Seen | None:
    if row is None:
        return None
    place = Place(row["longitude_deg"], row["latitude_deg"])
    return Seen(place, row["fix_time"], row["accuracy_m"])


def _shown(one: Candidate, desk: Desk, world: World, org: str) -> dict[str, Any]:
    duty = world.duty_of(one.login, org)
    position = None
    if one.seen is not None:
        position = {
            "longitude_deg": one.seen.place.longitude_deg,
            "latitude_deg": one.seen.place.latitude_deg,
            "accuracy_m": one.seen.accuracy_m,
            "fix_time": one.seen.fix_time,
            "age_s": (desk.now - one.seen.fix_time).total_seconds(),
            "stale": one.is_stale,
        }
    return {
        "login": one.login,
        "org": world.accounts[one.login].org_id,
        "availability": one.availability,
        "until": duty.until if duty else None,
        "waiting": one.waiting,
        "position": position,
        "distance_m": None if one.distance_m is None else round(one.distance_m),
    }

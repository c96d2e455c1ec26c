"""Putting a wristband on a person, and taking it off."""

from typing import Any

from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import require_stage, standing
from server.errors import NotFoundError, Refusal, RefusedError
from server.orders import binding_store, store
from server.orders.applying import note, orders_of
from server.orders.grounds import LAW
from server.orders.schemas import BindingInfo, NewBinding
from server.orders.wearing_rules import TOLD, check_wearing
from server.registry.store import lock, next_directory_version


async def bind(desk: Desk, device_id: str, body: NewBinding) -> BindingInfo:
    """Bind a wristband to a person under the order in force, for as long as orders last.

    Raises:
        NotFoundError: No such device or person in the scope.
        RefusedError: Without an order, untold, twice, or what is no wristband.
    """
    require(desk.person, "verify", article=LAW)
    await lock(desk.connection)
    found = await standing(desk.connection, body.subject, lock=True)
    require_stage(found, "in_correction", article=LAW)
    device = await binding_store.device(desk.connection, device_id)
    if device is None:
        raise NotFoundError("no such device in your scope")
    orders = await orders_of(desk, found.subject_id)
    order = next((one for one in orders if one.holds_at(desk.now)), None)
    check_wearing(order)
    await _check_free(desk, device, found.subject_id)
    await binding_store.bind(desk.connection, device_id, found.subject_id, desk.now)
    version = await next_directory_version(desk.connection, [device["org"]], desk.person.login)
    order_id = order.order_id if order else ""
    noted = {"device": device_id, "directory_version": version}
    await note(desk, "wristband.bound", found, ("order", order_id), noted)
    return BindingInfo(
        device=device_id,
        subject=found.subject_id,
        order=order_id,
        valid_from=desk.now,
        valid_to=None,
    )


async def unbind(desk: Desk, device_id: str, reason: str) -> None:
    """Take a wristband off: the order stands, the device no longer tells of the person.

    Raises:
        NotFoundError: No such device in the scope.
        RefusedError: Nobody wears it.
    """
    require(desk.person, "verify", article=LAW)
    await lock(desk.connection)
    device = await binding_store.device(desk.connection, device_id)
    if device is None:
        raise NotFoundError("no such device in your scope")
    worn = await binding_store.worn(desk.connection, device_id, desk.now)
    if worn is None or worn["holder_kind"] != "subject":
        raise RefusedError(_fault("/device", "worn", "该设备无人佩戴", "nobody wears it"))
    found = await standing(desk.connection, worn["subject"], lock=True)
    # One whose order ran out since the last round ended with that.
    await store.end_wristbands(desk.connection, found.subject_id, desk.now)
    await binding_store.unbind(desk.connection, worn["id"], desk.now)
    version = await next_directory_version(desk.connection, [device["org"]], desk.person.login)
    noted = {"device": device_id, "reason": reason, "directory_version": version}
    await note(desk, "wristband.unbound", found, ("device", device_id), noted)


async def _check_free(desk: Desk, device: dict[str, Any], subject_id: str) -> None:
    if device["kind"] != "wristband":
        raise RefusedError(
            Refusal(
                "/device",
                "wristband_only",
                TOLD,
                "电子定位装置不包括手机等设备",
                f"a {device['kind']} is no positioning device in the sense of the law",
                "专用的、具有防拆等功能的定位装置",
                "a wristband",
            )
        )
    worn = await binding_store.worn(desk.connection, device["id"], desk.now)
    if worn is not None:
        raise RefusedError(_fault("/device", "free", "该设备正在使用", "somebody has this device"))
    other = await binding_store.wears(desk.connection, subject_id, desk.now)
    if other is not None:
        text = f"该对象已佩戴{other}", f"the person wears {other}"
        raise RefusedError(_fault("/subject", "one_wristband", *text))


def _fault(pointer: str, rule: str, zh: str, en: str) -> Refusal:
    return Refusal(
        pointer,
        rule,
        LAW,
        zh,
        en,
        "未被佩戴的装置、未佩戴装置的人",
        "a free device, a person without one",
    )

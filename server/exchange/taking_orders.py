"""Takes positioning orders over that were approved before this system."""

from collections.abc import Awaitable, Callable
from typing import Final

from server.acts.act import Act
from server.acts.store import record_all
from server.auth.person import Desk
from server.errors import InvalidError
from server.exchange import subject_store
from server.exchange.faults import FaultyFileError, RowFault, fault
from server.exchange.order_rules import KnownOrders, order_faults
from server.exchange.taking_subjects import Rows
from server.law.codes import code
from server.registry.apply import Registrar, apply
from server.registry.schemas import OrderEntry, RegistryFile

_MEMBERS: Final = ("order", "subject", "approved_by", "approved_at", "valid_from", "valid_to")


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""

    def given(name: str) -> list[str]:
        return [values[name] for _, values in rows if values[name] is not None]

    known = KnownOrders(
        subjects=await subject_store.supervised(desk.connection, given("subject")),
        orders=await subject_store.orders(desk.connection, given("order")),
        spans=await subject_store.spans(desk.connection, given("subject")),
    )
    return list(order_faults(rows, known, desk.now))


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault as the registry writes orders; `moved` is told when it is done.

    Raises:
        FaultyFileError: The registry refuses a row.
    """
    entries = [
        OrderEntry(
            ground=int(code("order_ground", values["ground"]).number),
            **{name: values[name] for name in _MEMBERS},
        )
        for _, values in rows
    ]
    person = desk.person
    registrar = Registrar(person.login, person.role, person.org_path)
    file = RegistryFile(format="guitu-registry/1", orders=entries)
    try:
        await apply(desk.connection, file, registrar, desk.parts.vault)
    except InvalidError as error:
        allowed = ("见登记文件说明", "what docs/wire/registry-v1.md says")
        text = ("登记处拒绝", error.detail)
        refused = fault(0, "", "registry", text=text, allowed=allowed)
        raise FaultyFileError([refused], rows=len(rows)) from error
    orgs = await subject_store.orgs(desk.connection, [entry.subject for entry in entries])
    acts = [
        Act(
            *("order.imported", orgs[entry.subject], entry.subject, "order", entry.order, desk.now),
            articles=("law-29",),
            body={"ground": entry.ground, "approved_by": entry.approved_by},
        )
        for entry in entries
    ]
    await record_all(desk.connection, acts, person)
    await moved(len(rows))

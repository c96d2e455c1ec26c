"""Takes facts of a file over: what an officer could enter one by one."""

import hashlib
from collections.abc import Awaitable, Callable
from decimal import Decimal

from server.auth.person import Desk
from server.exchange import subject_store
from server.exchange.faults import RowFault, fault
from server.exchange.parsing import Values
from server.exchange.posting_facts import post_facts
from server.exchange.subject_rules import nobody_supervised
from server.exchange.taking_subjects import Rows
from server.scoring.kinds import FACT_KINDS
from server.scoring.posting import Fact


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""
    subjects = sorted({values["subject"] for _, values in rows if values["subject"] is not None})
    known = await subject_store.supervised(desk.connection, subjects)
    found = []
    for row, values in rows:
        if values["subject"] is not None and values["subject"] not in known:
            found.append(nobody_supervised(row))
        found += _faults(desk, row, values)
    return found


def _faults(desk: Desk, row: int, values: Values) -> list[RowFault]:
    found = []
    kind = FACT_KINDS.get(values["kind"] or "")
    if values["kind"] is not None and (kind is None or not kind.is_by_hand):
        by_hand = ", ".join(name for name, one in FACT_KINDS.items() if one.is_by_hand)
        text = ("不是可以录入的事实种类", "no kind of fact that may be entered")
        found.append(fault(row, "kind", "fact_kind", text=text, allowed=(by_hand, by_hand)))
    quantity = values["quantity"]
    if kind is not None and quantity is not None:
        most = 24 if kind.unit == "hour" else 1
        if not 0 < quantity <= most or (kind.unit == "time" and quantity != 1):
            text = ("数量不符", "the quantity does not fit the kind")
            allowed = (f"大于0，至多{most}", f"above 0, {most} at most")
            found.append(fault(row, "quantity", "quantity", text=text, allowed=allowed))
    if values["occurred_at"] is not None and values["occurred_at"] > desk.now:
        text = ("发生时间晚于现在", "it lies in the future")
        found.append(fault(row, "occurred_at", "future", text=text, allowed=("不晚于现在", "now")))
    return found


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault; a row that stands already changes nothing."""
    await post_facts(desk, rows, moved, _fact)


def _fact(desk: Desk, values: Values, org_id: str) -> Fact:
    content = [str(values[name]) for name in ("subject", "kind", "occurred_at", "quantity", "note")]
    text = "\n".join(["import", *content])
    return Fact(
        id=hashlib.sha256(text.encode()).hexdigest()[:32],
        org_id=org_id,
        subject_id=values["subject"],
        indicator=values["kind"],
        occurred_at=values["occurred_at"],
        quantity=Decimal(str(values["quantity"])),
        evidence={"source": "import", "entered_by": desk.person.login},
        confirmed_by=desk.person.login,
        note=values["note"],
    )

"""Takes the province's public-credit figures over; never a minor's."""

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
from server.scoring import ledger_store
from server.scoring.kinds import PUBLIC_CREDIT
from server.scoring.posting import Fact


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""
    subjects = sorted({values["subject"] for _, values in rows if values["subject"] is not None})
    known = await subject_store.supervised(desk.connection, subjects)
    people = await ledger_store.subjects(desk.connection, subjects)
    found = []
    for row, values in rows:
        subject = values["subject"]
        if subject is not None and subject not in known:
            found.append(nobody_supervised(row))
        elif subject is not None and people[subject]["is_minor"]:
            text = ("未成年人不得使用公共信用分", "a minor has no public-credit figure here")
            allowed = ("只限成年对象", "adults only")
            found.append(fault(row, "subject", "minor", text=text, allowed=allowed))
        if values["figure"] is not None and not values["figure"] > 0:
            text = ("分值不符", "no figure")
            allowed = ("大于0，至多1000", "above 0, 1000 at most")
            found.append(fault(row, "figure", "figure", text=text, allowed=allowed))
        if values["as_of"] is not None and values["as_of"] > desk.now:
            text = ("时间晚于现在", "it lies in the future")
            found.append(fault(row, "as_of", "future", text=text, allowed=("不晚于现在", "now")))
    return found


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault; a figure that stands already changes nothing."""
    await post_facts(desk, rows, moved, _fact)


def _fact(desk: Desk, values: Values, org_id: str) -> Fact:
    text = f"public_credit\n{values['subject']}\n{values['as_of']}\n{values['figure']}"
    return Fact(
        id=hashlib.sha256(text.encode()).hexdigest()[:32],
        org_id=org_id,
        subject_id=values["subject"],
        indicator=PUBLIC_CREDIT,
        occurred_at=values["as_of"],
        quantity=Decimal(str(values["figure"])),
        evidence={"source": "public_credit", "entered_by": desk.person.login},
        confirmed_by=desk.person.login,
        note="",
    )

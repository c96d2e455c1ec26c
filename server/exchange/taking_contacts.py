"""Takes contacts of people over: kin, guardians, guarantors, protected persons."""

from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Any

from server.acts.act import Act
from server.acts.store import record_all
from server.auth.person import Desk
from server.cases.noting import new_id
from server.exchange import case_store, subject_store
from server.exchange.contact_rules import ARTICLE, KnownContacts, contact_faults
from server.exchange.faults import RowFault
from server.exchange.taking_subjects import Rows


async def faults_of(desk: Desk, rows: Rows) -> list[RowFault]:
    """Return what is wrong with the rows."""
    subjects = sorted({values["subject"] for _, values in rows if values["subject"] is not None})
    known = KnownContacts(
        subjects=await subject_store.supervised(desk.connection, subjects),
        contacts=await case_store.contacts(desk.connection, desk.parts.vault, subjects),
    )
    return list(contact_faults(rows, known))


async def write(desk: Desk, rows: Rows, moved: Callable[[int], Awaitable[None]]) -> None:
    """Write rows without a fault; `moved` is told when it is done."""
    orgs = await subject_store.orgs(desk.connection, [values["subject"] for _, values in rows])
    contacts: list[dict[str, Any]] = sorted(
        (
            {"phone": None, "address": None, **values}
            | {"id": new_id("fc"), "org": orgs[values["subject"]], "at": desk.now}
            for _, values in rows
        ),
        key=lambda one: str(one["subject"]),
    )
    await case_store.insert_contacts(desk.connection, desk.parts.vault, contacts)
    acts = [
        Act(
            *("contacts.imported", orgs[subject], subject, "file", subject, desk.now),
            articles=(ARTICLE,),
            body={"kinds": [one["kind"] for one in group]},
        )
        for subject, group in groupby(contacts, key=lambda one: str(one["subject"]))
    ]
    await record_all(desk.connection, acts, desk.person)
    await moved(len(rows))

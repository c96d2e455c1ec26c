"""The whole file of a person, in one answer."""

from typing import Any

from server.auth.person import Desk
from server.cases import group_store, store, work_store
from server.errors import NotFoundError
from server.personal.masking import masked_file


async def file_shown(desk: Desk, subject_id: str) -> dict[str, Any]:
    """Return a person's file as `FileInfo` has it, masked for who does not work with it daily.

    Raises:
        NotFoundError: Not there, not in the scope, or closed to who asks.
    """
    found = await whole_file(desk, subject_id)
    person = desk.person
    # Who visits and calls the person every week; the level above decides, and reveals when it must.
    is_own = person.role == "officer" and person.org_id == found["org"]
    return found | {"is_masked": False} if is_own else masked_file(found)


async def whole_file(desk: Desk, subject_id: str) -> dict[str, Any]:
    """Return everything of a person's file, nothing masked.

    Raises:
        NotFoundError: Not there, not in the scope, or closed to who asks.
    """
    connection, vault = desk.connection, desk.parts.vault
    found = await store.file(connection, vault, subject_id, desk.now)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    return found | {
        "steps": await store.steps(connection, subject_id),
        "group": await group_store.group(connection, vault, subject_id),
        "contacts": await group_store.contacts(connection, vault, subject_id),
        "prohibitions": await work_store.prohibitions(connection, subject_id),
        "plan": await work_store.plan(connection, subject_id),
        "plan_reviews": await work_store.reviews(connection, subject_id),
        "class_proposals": await work_store.proposals(
            connection, subject=subject_id, state=None, before=None, limit=20
        ),
        "exit_ban": await work_store.exit_ban(connection, subject_id),
        "identity_checks": await work_store.checks(connection, subject_id),
        "orders": await store.orders(connection, subject_id),
        "deadlines": await store.open_deadlines(connection, subject_id),
    }

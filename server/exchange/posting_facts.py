"""Posts the facts of a file's rows, a row at a time."""

from collections.abc import Awaitable, Callable

from server.auth.person import Desk
from server.exchange import subject_store
from server.exchange.parsing import Values
from server.exchange.taking_subjects import Rows
from server.scoring.posting import Fact, record_fact


async def post_facts(
    desk: Desk,
    rows: Rows,
    moved: Callable[[int], Awaitable[None]],
    fact_of: Callable[[Desk, Values, str], Fact],
) -> None:
    """Post rows without a fault; a fact that stands already changes nothing.

    Args:
        desk: Who takes the file over.
        rows: Each with its number.
        moved: Told how many are done, every hundred and at the end.
        fact_of: Makes a row's fact; the last argument is the person's organisation.
    """
    subjects = sorted({values["subject"] for _, values in rows})
    orgs = await subject_store.orgs(desk.connection, subjects)
    # In the order of the organisations: two imports cannot wait for each other.
    ordered = sorted(rows, key=lambda one: (orgs[one[1]["subject"]], one[0]))
    for done, (_, values) in enumerate(ordered, 1):
        await record_fact(desk.connection, fact_of(desk, values, orgs[values["subject"]]))
        if done % 100 == 0 or done == len(ordered):
            await moved(done)

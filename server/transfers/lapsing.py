"""Who did not report at the new place: the old county is told at once, and searches."""

from collections.abc import Mapping
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.deadlines.running import AtWork, start
from server.law.articles import article
from server.transfers import store

_ARTICLES: Final = (article("measures-31").key, article("law-30").key)


async def tell_old_county(work: AtWork, row: Mapping[str, Any]) -> None:
    """Start the old county's search when clock `transfer_report` ran out, as the system.

    Where the new county was faster, or the person is somewhere else by now, nothing happens.
    """
    found = await store.moved(work.connection, row["subject_id"])
    if found is None:
        return
    move = {"id": found["id"], "state": "missing", "at": work.now, "by": None}
    await store.move(work.connection, move)
    about: dict[str, Any] = {"ref_kind": "transfer", "ref_id": found["id"]}
    of: dict[str, Any] = {"org_id": found["org"], "subject_id": found["subject"]}
    await start(work, "search_start", **of, **about)
    act = Act(
        kind="transfer.missing",
        happened_time=row["due_at"],
        articles=_ARTICLES,
        body={"clock": "transfer_report", "to": found["to_org"] or found["to_county"]},
        **of,
        **about,
    )
    await record(work.connection, act, None)

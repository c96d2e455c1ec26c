"""Opens a search at once: by an officer, from an alert, or from a report that did not come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk, Person
from server.auth.powers import require
from server.cases.standing import Standing, require_stage, standing
from server.deadlines.running import AtWork, start
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures.noting import new_id
from server.search import store
from server.search.lifecycle import Kind
from server.search.schemas import NewSearch

_ARTICLE: Final = article("law-30").key
_REVOCABLE: Final = frozenset({"probation", "parole"})
_LAST_DAY: Final = timedelta(seconds=1)
"""A clock of days is due at 24:00, which is the next day's 00:00: this is still its last day."""


async def open_search(desk: Desk, subject_id: str, body: NewSearch) -> str:
    """Open a search as an officer; return its id.

    Raises:
        NotFoundError: No such person in the scope.
        InvalidError: It lies in the future, or the alert is not about this person.
        RefusedError: One is open, or the stage or the power does not allow it.
    """
    require(desk.person, "verify", article=_ARTICLE)
    found = await standing(desk.connection, subject_id, lock=True)
    require_stage(found, "received", "in_correction", article=_ARTICLE)
    if body.absent_since > desk.now:
        raise InvalidError([("/absent_since", "lies in the future: now at the latest")])
    if body.alert is not None:
        about = await store.alert_subject(desk.connection, body.alert)
        if about != subject_id:
            raise InvalidError([("/alert", f"{body.alert} is not about this person")])
    source = ("officer", None) if body.alert is None else ("alert", body.alert)
    missing_id = await _open(
        desk, found, body.kind, body.absent_since, source=source, note=body.note, by=desk.person
    )
    if missing_id is None:
        raise RefusedError(
            Refusal(
                "",
                "one_search",
                _ARTICLE,
                "该对象的查找正在进行",
                "a search for this person goes on",
                "在该次查找中登记",
                "note it in that search",
            )
        )
    return missing_id


async def open_after_lapse(work: AtWork, row: Mapping[str, Any]) -> None:
    """Open a search for who did not report (漏管), as the system, when the clock ran out."""
    try:
        found = await standing(work.connection, row["subject_id"], lock=True)
    except NotFoundError:
        return
    if found.stage not in {"received", "in_correction"}:
        return
    await _open(
        work,
        found,
        "never_arrived",
        row["due_at"] - _LAST_DAY,
        source=("deadline", str(row["id"])),
        note="报到期限届满，未按规定报到",
        by=None,
    )


async def _open(
    work: AtWork,
    found: Standing,
    kind: Kind,
    absent_since: datetime,
    *,
    source: tuple[str, str | None],
    note: str,
    by: Person | None,
) -> str | None:
    missing_id = new_id("ms")
    row = {
        "id": missing_id,
        "org_id": found.org_id,
        "subject_id": found.subject_id,
        "kind": kind,
        "absent_since": absent_since,
        "source_kind": source[0],
        "source_id": source[1],
        "note": note,
        "opened_by": by and by.login,
        "opened_at": work.now,
    }
    if not await store.insert(work.connection, row):
        return None
    ref: dict[str, Any] = {"ref_kind": "missing", "ref_id": missing_id}
    of: dict[str, Any] = {"org_id": found.org_id, "subject_id": found.subject_id}
    for clock in ("search_start", "search_police", "search_procuratorate"):
        await start(work, clock, **of, **ref)
    await start(work, "absence_warning", **of, **ref, begins_at=absent_since)
    if found.category in _REVOCABLE:
        await start(work, "absence_revocation", **of, **ref, begins_at=absent_since)
    act = Act(
        kind="missing.opened",
        happened_time=absent_since,
        articles=(_ARTICLE,),
        body={"kind": kind, "source": source[0]},
        **of,
        **ref,
    )
    await record(work.connection, act, by)
    return missing_id

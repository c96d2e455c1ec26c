"""Release, termination and the archive: how a file ends."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from server.auth.person import Desk
from server.auth.powers import require
from server.cases import archive_store, store, work_store
from server.cases.file_clocks import ENDING_CLOCK, start_clock
from server.cases.lifecycle import (
    Facts,
    missing_steps,
    release_faults,
    termination_faults,
)
from server.cases.noting import note
from server.cases.papers import release_papers, termination_papers
from server.cases.schemas import Release, Termination
from server.cases.standing import Standing, require_stage, standing
from server.cases.tracking import end_tracking
from server.deadlines import running
from server.errors import ConflictError, Refusal, RefusedError
from server.law.articles import article
from server.versions import check_version

Notice = Literal["release_notice", "termination_notice", "death_notice"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a termination rests on beside its article.

    Attributes:
        articles: Further articles.
        evidence: What proves it, JSON values.
    """

    articles: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


async def release(
    desk: Desk, subject_id: str, body: Release, facts: Facts, *, if_match: str | None
) -> tuple[Standing, list[str]]:
    """Release a person (Art. 44): the stage, the positioning, the clocks, the act.

    Returns:
        The standing after it, and the steps and papers that are missing.

    Raises:
        RefusedError: The term is not over and there is no pardon, or it has ended already.
    """
    require(desk.person, "decide", article="law-44")
    file = await _seen(desk, subject_id, if_match)
    faults = release_faults(facts, body.ground)
    if faults:
        raise RefusedError(*faults)
    missing = missing_steps(facts)
    await running.meet(desk, "release_certificate", ref_kind="file", ref_id=subject_id)
    await _end(desk, file, stage="released", reason=body.ground, notice="release_notice")
    papers = await release_papers(desk, file, body.ground)
    missing = [*missing, *papers.get("without", ())]
    said: dict[str, Any] = {
        "ground": body.ground,
        "instrument": body.instrument,
        **papers,
        "without": missing,
    }
    await note(desk, file, "file.released", article("law-44").key, body=said)
    return await standing(desk.connection, subject_id), missing


async def terminate(
    desk: Desk, subject_id: str, body: Termination, facts: Facts, *, if_match: str | None
) -> Standing:
    """Note that supervision is terminated (Art. 45), by whose decision and since when.

    Raises:
        RefusedError: Not for this category, not decided yet, or it has ended already.
    """
    file = await _seen(desk, subject_id, if_match)
    return await terminate_upon(desk, file, body, facts, Basis())


async def terminate_upon(
    desk: Desk, file: Standing, body: Termination, facts: Facts, basis: Basis
) -> Standing:
    """Terminate as `terminate` does, a file that is locked, naming what it rests on.

    Raises:
        RefusedError: Not for this category, not decided yet, or it has ended already.
    """
    require(desk.person, "decide", article="law-45")
    faults = termination_faults(facts, body.reason)
    if body.decided_on > facts.today:
        text = (
            "决定日期晚于今日",
            "it is decided in the future",
            "不晚于今日",
            "today at the latest",
        )
        faults.append(Refusal("/decided_on", "not_in_future", "law-45", *text))
    if faults:
        raise RefusedError(*faults)
    await running.meet(desk, ENDING_CLOCK, ref_kind="file", ref_id=file.subject_id)
    notice: Notice = "death_notice" if body.reason == "died" else "termination_notice"
    await _end(desk, file, stage="terminated", reason=body.reason, notice=notice)
    papers = await termination_papers(desk, file, body.reason, body.instrument)
    said: dict[str, Any] = {
        "instrument": body.instrument,
        "decided_on": body.decided_on.isoformat(),
        **papers,
    }
    if basis.evidence:
        said["evidence"] = dict(basis.evidence)
    cited = (article("law-45").key, *basis.articles)
    await note(desk, file, f"file.{body.reason}", *cited, body=said)
    return await standing(desk.connection, file.subject_id)


async def archive(desk: Desk, subject_id: str) -> dict[str, Any]:
    """Close the archive (归档): list everything of the person and digest the list.

    Raises:
        RefusedError: The file has not ended.
        ConflictError: It is closed already.
    """
    require(desk.person, "decide", article="measures-18")
    file = await standing(desk.connection, subject_id, lock=True)
    require_stage(file, "released", "terminated", article="measures-18")
    if await archive_store.archive(desk.connection, subject_id) is not None:
        raise ConflictError("the archive of this file is closed already")
    items = await archive_store.items(desk.connection, subject_id)
    lines = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in items]
    text = "\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = {"subject": subject_id, "org": file.org_id, "by": desk.person.login, "at": desk.now}
    await archive_store.close(
        desk.connection, row | {"items": len(lines), "sha256": digest, "list": text}
    )
    said = {"items": len(lines), "sha256": digest}
    await note(desk, file, "file.archived", article("measures-18").key, body=said)
    closed = await archive_store.archive(desk.connection, subject_id)
    return closed or {}


async def _seen(desk: Desk, subject_id: str, if_match: str | None) -> Standing:
    file = await standing(desk.connection, subject_id, lock=True)
    check_version(if_match, file.version, current={"version": file.version, "stage": file.stage})
    return file


async def _end(desk: Desk, file: Standing, *, stage: str, reason: str, notice: Notice) -> None:
    await store.end(desk.connection, file.subject_id, stage=stage, reason=reason, at=desk.now)
    await end_tracking(desk, file)
    await running.cancel_all(desk, file.subject_id)
    await start_clock(desk, file, notice)
    filing = await work_store.exit_ban(desk.connection, file.subject_id)
    if filing is not None and filing["state"] != "ended":
        await start_clock(desk, file, "exit_ban_lifting")

"""Reception (接收) and the steps of a file, each in one transaction with its act and its clocks."""

from datetime import date, datetime
from typing import Any, Final

from server.auth.person import Desk
from server.auth.powers import require
from server.cases import group_store, store
from server.cases.dates import date_faults
from server.cases.file_clocks import ENDING_CLOCK, start_clock, start_release_clocks
from server.cases.group import group_faults
from server.cases.lifecycle import STEP_ARTICLE, Facts, Step, stage_after, step_faults
from server.cases.noting import claimed, new_id, note
from server.cases.schemas import ChangedFile, NewStep, NewSubject
from server.cases.standing import Standing, require_stage, standing
from server.cases.step_papers import papers_of_step
from server.db import open_file
from server.deadlines import running
from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.law.days import LegalCalendar
from server.versions import check_version

DAYS: Final = LegalCalendar()
_ADULT_YEARS: Final = 18
_MET: Final[dict[Step, tuple[str, ...]]] = {
    "reported": ("subject_report", "handover"),
    "announced": ("announcement",),
    "summary_filed": ("release_summary",),
    "bodies_notified": ("release_notice", "termination_notice", "death_notice"),
}
"""Which clocks of the file a step meets."""


async def receive(desk: Desk, body: NewSubject) -> Standing:
    """Register a person and open the file (Art. 22); starts the clocks of reception.

    Raises:
        RefusedError: Not by this person, not for this organisation, or not with these dates.
    """
    require(desk.person, "verify", article="law-22")
    today = DAYS.date_of(desk.now)
    await _check_place(desk, body)
    faults = list(date_faults(body.model_dump(), today))
    if faults:
        raise RefusedError(*faults)
    subject_id = new_id("s")
    is_minor = DAYS.age_on(body.birth_date, body.offence_date) < _ADULT_YEARS
    await open_file(desk.connection, subject_id)
    row = body.model_dump() | {"subject": subject_id, "is_minor": is_minor}
    await store.insert(desk.connection, desk.parts.vault, row)
    file = await standing(desk.connection, subject_id, lock=True)
    if is_minor or body.is_sealed:
        await group_store.add_officer(desk.connection, file, desk.person, desk.now)
    await note(
        desk,
        file,
        "file.received",
        *(("law-22", article("law-54").key) if is_minor else ("law-22",)),
        body={"is_minor": is_minor, "is_sealed": body.is_sealed},
    )
    await _start_reception_clocks(desk, file, body.effective_on)
    return file


async def take_step(
    desk: Desk, subject_id: str, body: NewStep, *, if_match: str | None
) -> Standing:
    """Note that a step of reception or release is done; the announcement ends reception.

    Raises:
        RefusedError: The stage, an earlier step or the group does not allow it.
    """
    require(desk.person, "verify", article=STEP_ARTICLE[body.step])
    file = await standing(desk.connection, subject_id, lock=True)
    check_version(if_match, file.version, current=described(file, plain=True))
    happened = claimed(desk, body.happened_time)
    faults = step_faults(await facts_of(desk, file), body.step)
    if body.step == "announced":
        faults += await _group_faults(desk, file)
    if faults:
        raise RefusedError(*faults)
    said: dict[str, Any] = {} if body.note is None else {"note": body.note}
    said |= await papers_of_step(desk, file, body.step)
    row = {
        "org": file.org_id,
        "subject": subject_id,
        "step": body.step,
        "happened_time": happened,
        "at": desk.now,
        "login": desk.person.login,
        "body": said,
    }
    await store.add_step(desk.connection, row)
    await store.set_stage(desk.connection, subject_id, stage_after(file.stage, body.step))
    await note(
        desk,
        file,
        f"file.{body.step}",
        STEP_ARTICLE[body.step],
        happened_time=happened,
        body=said,
    )
    await _clocks_after(desk, file, body.step)
    return await standing(desk.connection, subject_id)


async def change_file(
    desk: Desk, subject_id: str, body: ChangedFile, *, if_match: str | None
) -> Standing:
    """Change how a person is reached; the act names the members, not their content."""
    require(desk.person, "verify", article="law-22")
    file = await standing(desk.connection, subject_id, lock=True)
    check_version(if_match, file.version, current=described(file, plain=True))
    require_stage(file, "received", "in_correction", article="law-22")
    given = body.model_dump()
    row = given | {"subject": subject_id, "org": file.org_id}
    await store.change(desk.connection, desk.parts.vault, row)
    changed = sorted(name for name, value in given.items() if value is not None)
    await note(desk, file, "file.changed", "law-22", body={"members": changed})
    return await standing(desk.connection, subject_id)


async def facts_of(desk: Desk, file: Standing) -> Facts:
    """Return a file as the lifecycle asks for it."""
    done = {row["step"] for row in await store.steps(desk.connection, file.subject_id)}
    if not await _group_faults(desk, file):
        done.add("group")
    return Facts(
        stage=file.stage,
        category=file.category,
        done=frozenset(done),
        term_to=file.term_to,
        today=DAYS.date_of(desk.now),
        is_ruled_ended=await running.is_owed(
            desk, ENDING_CLOCK, ref_kind="file", ref_id=file.subject_id
        ),
    )


def described(file: Standing, *, plain: bool = False) -> dict[str, Any]:
    """Return a standing as the interface says it; plain: JSON values only."""

    def said(value: Any) -> Any:
        return value.isoformat() if plain and isinstance(value, date | datetime) else value

    names = ("category", "stage", "is_minor", "is_sealed", "term_from", "term_to", "version")
    members = {name: said(getattr(file, name)) for name in names}
    return {"subject": file.subject_id, "org": file.org_id, **members}


async def _check_place(desk: Desk, body: NewSubject) -> None:
    level = await store.office_level(desk.connection, body.org)
    if level in {"office", "county"}:
        return
    raise RefusedError(
        Refusal(
            "/org",
            "place_of_execution",
            "law-17",
            "执行地机构不在本人辖区内，或者不是司法所、县级机构",
            "no office or county of your scope",
            "本辖区内的司法所或县级社区矫正机构",
            "an office or county of your scope",
        )
    )


async def _group_faults(desk: Desk, file: Standing) -> list[Refusal]:
    members = await group_store.members_for_rules(desk.connection, file.subject_id)
    sex = await group_store.sex_of(desk.connection, file.subject_id)
    return group_faults(members, sex=sex, is_minor=file.is_minor)


async def _start_reception_clocks(desk: Desk, file: Standing, effective_on: date) -> None:
    kind = "handover" if file.category == "medical" else "subject_report"
    await start_clock(desk, file, kind, begins_at=DAYS.begins_at(effective_on))
    await start_clock(desk, file, "group")
    await start_clock(desk, file, "exit_ban_filing")
    await start_release_clocks(desk, file)


async def _clocks_after(desk: Desk, file: Standing, step: Step) -> None:
    for kind in _MET.get(step, ()):
        await running.meet(desk, kind, ref_kind="file", ref_id=file.subject_id)
    after = {"reported": "announcement", "announced": "plan"}.get(step)
    if after is not None:
        await start_clock(desk, file, after)

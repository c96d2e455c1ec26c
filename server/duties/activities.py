"""Sessions of education and community work: planned for many, held with one list, or cancelled."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.auth.powers import require
from server.cases.standing import Standing, standing
from server.duties import activity_store
from server.duties.activity_schemas import Attendance, Invited, NewActivity, TookPart
from server.duties.kinds import DUTIES, DutyKind
from server.duties.recording import Deed, note_deed
from server.errors import InvalidError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.measures.noting import new_id
from server.scoring.intake import take
from server.versions import check_version

_MINORS: Final = article("law-52").key
_STRENGTHS: Final = article("law-42").key
_OUTCOMES: Final = {"attended": "done", "absent": "missed", "excused": "excused"}


async def plan(desk: Desk, body: NewActivity) -> str:
    """Plan a session; return its id.

    Raises:
        InvalidError: Somebody is not there or stands twice, or it began already.
        RefusedError: Minors and adults together, a person whose strength is not said for
            community work, a stage, or the power.
    """
    require(desk.person, "verify", article=_article_of(body.kind))
    if body.begins_at < desk.now:
        raise InvalidError([("/begins_at", "lies in the past: now at the earliest")])
    people = await _people(desk, [one.subject for one in body.invited])
    refusals = [
        refusal
        for index, (one, found) in enumerate(zip(body.invited, people, strict=True))
        for refusal in _refusals(index, one, found, body)
    ]
    if refusals:
        raise RefusedError(*refusals)
    activity_id = new_id("ac")
    row = body.model_dump(exclude={"invited"})
    row |= {"id": activity_id, "org_id": desk.person.org_id}
    row |= {"planned_by": desk.person.login, "planned_at": desk.now}
    await activity_store.insert(desk.connection, row)
    rows = [
        {
            "activity_id": activity_id,
            "subject_id": one.subject,
            "org_id": found.org_id,
            "strength": one.strength,
        }
        for one, found in zip(body.invited, people, strict=True)
    ]
    await activity_store.add(desk.connection, rows)
    await _note(desk, "activity.planned", row, {"people": len(rows)})
    return activity_id


async def hold(desk: Desk, activity_id: str, body: Attendance, *, if_match: str | None) -> None:
    """Note how everybody on the list took part: records of their duties in one transaction.

    Raises:
        NotFoundError: No such session in the scope.
        InvalidError: The entries are not the list, or minutes are missing or out of place.
        RefusedError: It did not begin yet, or it is over.
    """
    row = await _locked(desk, activity_id, if_match)
    if desk.now < row["begins_at"]:
        _refuse(row, "not_begun", ("活动尚未开始", "it has not begun"), ("开始之后", "afterwards"))
    _refuse_other_list(await activity_store.attendance(desk.connection, activity_id), body.entries)
    numbers = []
    for entry in body.entries:
        minutes = entry.minutes if entry.outcome == "attended" else None
        told = {"outcome": entry.outcome, "minutes": minutes, "note": entry.note}
        told |= {"activity_id": activity_id, "subject_id": entry.subject}
        await activity_store.write_attendance(desk.connection, told)
        numbers.append(await _note_deed(desk, row, entry))
    by = desk.person.login
    await activity_store.end(desk.connection, activity_id, "held", by=by, now=desk.now)
    attended = sum(entry.outcome == "attended" for entry in body.entries)
    await _note(
        desk, "activity.held", _of(row), {"attended": attended, "listed": len(body.entries)}
    )
    await take(desk.connection, "duty", numbers, by_login=by, now=desk.now)


async def cancel(desk: Desk, activity_id: str, reasons: str, *, if_match: str | None) -> None:
    """Cancel a planned session: nobody missed it.

    Raises:
        NotFoundError: No such session in the scope.
        RefusedError: It is over.
    """
    row = await _locked(desk, activity_id, if_match)
    by = desk.person.login
    await activity_store.end(desk.connection, activity_id, "cancelled", by=by, now=desk.now)
    await _note(desk, "activity.cancelled", _of(row), {"reasons": reasons})


async def whole(desk: Desk, activity_id: str) -> dict[str, Any]:
    """Return a session with its list.

    Raises:
        NotFoundError: No such session in the scope.
    """
    row = await activity_store.activity(desk.connection, activity_id)
    if row is None:
        raise NotFoundError("no such activity in your scope")
    return row | {"attendance": await activity_store.attendance(desk.connection, activity_id)}


async def _people(desk: Desk, ids: Sequence[str]) -> list[Standing]:
    faults = []
    people = []
    for index, subject_id in enumerate(ids):
        pointer = f"/invited/{index}/subject"
        if subject_id in ids[:index]:
            faults.append((pointer, f"{subject_id} stands twice"))
        try:
            people.append(await standing(desk.connection, subject_id))
        except NotFoundError as error:
            faults.append((pointer, error.detail))
    if faults:
        raise InvalidError(faults)
    return people


def _refusals(index: int, one: Invited, found: Standing, body: NewActivity) -> list[Refusal]:
    refusals = []
    if found.stage != "in_correction":
        refusals.append(
            Refusal(
                f"/invited/{index}/subject",
                "stage",
                _article_of(body.kind),
                "该对象不在矫正期间",
                f"{one.subject} is not in correction",
                "在矫对象",
                "persons in correction",
            )
        )
    if found.is_minor is not body.for_minors:
        refusals.append(
            Refusal(
                f"/invited/{index}/subject",
                "minors_apart",
                _MINORS,
                "未成年人与成年人应当分别进行",
                "minors and adults take part apart",
                "分别安排未成年人和成年人的活动",
                "a session of their own for minors",
            )
        )
    if body.kind == "community_work" and one.strength is None:
        refusals.append(
            Refusal(
                f"/invited/{index}/strength",
                "by_strengths",
                _STRENGTHS,
                "公益活动应当根据个人特长组织",
                "community work goes by the person's strengths",
                "写明该对象的特长和相应安排",
                "what the person is good at, and the work that fits",
            )
        )
    return refusals


def _refuse_other_list(listed: list[dict[str, Any]], entries: Sequence[TookPart]) -> None:
    wanted = {row["subject"] for row in listed}
    given = [entry.subject for entry in entries]
    faults = []
    for index, entry in enumerate(entries):
        if entry.subject not in wanted or entry.subject in given[:index]:
            faults.append((f"/entries/{index}/subject", f"{entry.subject} is not on the list once"))
        if (entry.minutes is not None) is not (entry.outcome == "attended"):
            faults.append((f"/entries/{index}/minutes", "goes with attended, and only with it"))
    missing = sorted(wanted - set(given))
    if missing:
        faults.append(("/entries", f"lacks {', '.join(missing[:10])}"))
    if faults:
        raise InvalidError(faults)


async def _note_deed(desk: Desk, row: Mapping[str, Any], entry: TookPart) -> int:
    deed = Deed(
        subject_id=entry.subject,
        kind=row["kind"],
        outcome=_OUTCOMES[entry.outcome],
        amount=entry.minutes or 0,
        result=f"{row['title']}（{row['place']}）{entry.note or ''}",
        happened_time=min(row["ends_at"], desk.now),
        activity_id=row["id"],
    )
    return await note_deed(desk, deed)


async def _locked(desk: Desk, activity_id: str, if_match: str | None) -> dict[str, Any]:
    row = await activity_store.activity(desk.connection, activity_id, lock=True)
    if row is None:
        raise NotFoundError("no such activity in your scope")
    require(desk.person, "verify", article=_article_of(row["kind"]))
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    if row["state"] != "planned":
        text = (f"活动已{'举行' if row['state'] == 'held' else '取消'}", f"it is {row['state']}")
        _refuse(row, "activity_over", text, ("另行安排", "another session"))
    return row


def _refuse(
    row: Mapping[str, Any], rule: str, said: tuple[str, str], allowed: tuple[str, str]
) -> None:
    raise RefusedError(Refusal("", rule, _article_of(row["kind"]), *said, *allowed))


def _of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "org_id": row["org"], "kind": row["kind"]}


async def _note(desk: Desk, kind: str, row: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    act = Act(
        kind=kind,
        org_id=row["org_id"],
        subject_id=None,
        ref_kind="activity",
        ref_id=row["id"],
        happened_time=desk.now,
        articles=(_article_of(row["kind"]),),
        body={"kind": row["kind"], **body},
    )
    await record(desk.connection, act, desk.person)


def _article_of(kind: str) -> str:
    return DUTIES[cast("DutyKind", kind)].article

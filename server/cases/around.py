"""Who is around a person: group, contacts; and what the court forbade."""

from collections.abc import Sequence
from typing import Any

from server.auth.person import Desk
from server.auth.powers import require
from server.cases import group_store, store, work_store
from server.cases.around_schemas import NewContacts, NewGroup, NewMember, NewProhibition
from server.cases.group import Member, group_faults
from server.cases.noting import new_id, note
from server.cases.standing import Standing, require_stage, standing
from server.deadlines import running
from server.errors import Refusal, RefusedError
from server.versions import check_version


async def opened(desk: Desk, subject_id: str, if_match: str | None, *, article: str) -> Standing:
    """Return a locked file that an officer may change in the version that was seen.

    Raises:
        RefusedError: Not by this person, or the file has ended.
    """
    require(desk.person, "verify", article=article)
    file = await standing(desk.connection, subject_id, lock=True)
    check_version(if_match, file.version, current={"version": file.version, "stage": file.stage})
    require_stage(file, "received", "in_correction", article=article)
    return file


async def set_group(desk: Desk, subject_id: str, body: NewGroup, *, if_match: str | None) -> int:
    """Form the group anew (Arts. 25, 52); return the file's next version.

    Raises:
        RefusedError: Nobody of it is an officer, a woman where one must be, or knows minors.
    """
    file = await opened(desk, subject_id, if_match, article="law-25")
    sex = await group_store.sex_of(desk.connection, subject_id)
    members = [Member(one.role, one.sex, one.knows_minors) for one in body.members]
    faults = group_faults(members, sex=sex, is_minor=file.is_minor)
    faults += await _login_faults(desk, body.members)
    if faults:
        raise RefusedError(*faults)
    rows = [_row(desk, file, "gm", one.model_dump()) for one in body.members]
    await group_store.replace_group(desk.connection, desk.parts.vault, subject_id, rows, desk.now)
    await running.meet(desk, "group", ref_kind="file", ref_id=subject_id)
    articles = ("law-25", "law-52") if file.is_minor else ("law-25",)
    await note(desk, file, "group.formed", *articles, body={"roles": [m.role for m in members]})
    return await _next_version(desk, file)


async def set_contacts(
    desk: Desk, subject_id: str, body: NewContacts, *, if_match: str | None
) -> int:
    """Set kin, guardians, guarantors and protected persons; return the file's next version."""
    file = await opened(desk, subject_id, if_match, article="measures-25")
    rows = [_row(desk, file, "fc", one.model_dump()) for one in body.contacts]
    await group_store.replace_contacts(
        desk.connection, desk.parts.vault, subject_id, rows, desk.now
    )
    kinds = [one.kind for one in body.contacts]
    await note(desk, file, "contacts.set", "measures-25", body={"kinds": kinds})
    return await _next_version(desk, file)


async def add_prohibition(desk: Desk, subject_id: str, body: NewProhibition) -> str:
    """Enter a prohibition of the court (禁止令); return its id.

    Raises:
        RefusedError: It reaches beyond the term, or the category has none.
    """
    require(desk.person, "verify", article="crim-72")
    file = await standing(desk.connection, subject_id, lock=True)
    require_stage(file, "received", "in_correction", article="crim-72")
    _check_prohibition(file, body)
    prohibition_id = new_id("pr")
    row = body.model_dump() | {"id": prohibition_id, "org": file.org_id, "subject": subject_id}
    await work_store.add_prohibition(
        desk.connection, row | {"by": desk.person.login, "at": desk.now}
    )
    cited = "crim-38" if file.category == "control" else "crim-72"
    said = {"kinds": body.kinds, "valid_to": body.valid_to.isoformat()}
    await note(
        desk, file, "prohibition.entered", cited, ref=("prohibition", prohibition_id), body=said
    )
    return prohibition_id


def _check_prohibition(file: Standing, body: NewProhibition) -> None:
    faults = []
    if file.category not in {"control", "probation"}:
        faults.append(
            Refusal(
                "",
                "prohibition_of_category",
                "crim-72",
                "禁止令只适用于管制、缓刑",
                "a prohibition goes with public surveillance and suspended sentences only",
                "管制、缓刑",
                "control or probation",
            )
        )
    if body.valid_to > file.term_to:
        faults.append(
            Refusal(
                "/valid_to",
                "within_term",
                "crim-72",
                "禁止令期限超出矫正期限",
                "it reaches beyond the term",
                f"不晚于{file.term_to.isoformat()}",
                f"{file.term_to.isoformat()} at the latest",
            )
        )
    if faults:
        raise RefusedError(*faults)


async def _login_faults(desk: Desk, members: Sequence[NewMember]) -> list[Refusal]:
    given = [one.login for one in members if one.login is not None]
    known = await group_store.logins_known(desk.connection, given)
    return [
        Refusal(
            f"/members/{index}/login",
            "officer_of_scope",
            "law-25",
            "该账号不在本辖区",
            "no such account of your scope",
            "本辖区工作人员的账号",
            "an account of somebody who works in your scope",
        )
        for index, one in enumerate(members)
        if one.login is not None and one.login not in known
    ]


def _row(desk: Desk, file: Standing, prefix: str, members: dict[str, Any]) -> dict[str, Any]:
    owner = {"id": new_id(prefix), "org": file.org_id, "subject": file.subject_id}
    return {**members, **owner, "at": desk.now}


async def _next_version(desk: Desk, file: Standing) -> int:
    await store.touch(desk.connection, file.subject_id)
    return file.version + 1

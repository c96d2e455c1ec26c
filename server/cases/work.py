"""The work on a file: plan and reviews, supervision class, exit ban, identity checks."""

from typing import Any, Final, Literal

from server.auth.person import Desk
from server.auth.powers import require, require_another
from server.cases import store, work_store
from server.cases.noting import claimed, new_id, note
from server.cases.standing import Standing, require_stage, standing
from server.cases.step_papers import plan_papers
from server.cases.work_schemas import (
    Decision,
    ExitBanStep,
    NewClassProposal,
    NewIdentityCheck,
    NewPlan,
    NewPlanReview,
)
from server.deadlines import running
from server.errors import ConflictError, NotFoundError, Refusal, RefusedError
from server.law.articles import article
from server.registry.store import lock, next_directory_version
from server.scoring.intake import take
from server.versions import check_version

ExitBanState = Literal["none", "filed", "answered", "lifting", "ended"]
_EXIT_BAN: Final[dict[tuple[ExitBanState, str], ExitBanState]] = {
    ("none", "file"): "filed",
    ("ended", "file"): "filed",
    ("filed", "answer"): "answered",
    ("filed", "ask_lifting"): "lifting",
    ("answered", "ask_lifting"): "lifting",
    ("lifting", "end"): "ended",
}
_EXIT_BAN_ALLOWED: Final[dict[ExitBanState, tuple[str, str]]] = {
    "none": ("报备", "file"),
    "ended": ("重新报备", "file"),
    "filed": ("登记答复、申请撤销报备", "answer or ask_lifting"),
    "answered": ("申请撤销报备", "ask_lifting"),
    "lifting": ("登记撤销", "end"),
}


_NO_BASIS: Final = Refusal(
    "/approve",
    "assessment_annulled",
    "measures-21",
    "所依据的考核已被撤销",
    "the assessment that it rests on was annulled",
    "不予批准，或者重新考核后另行提出",
    "refuse it; propose anew upon another assessment",
)


def exit_ban_after(state: ExitBanState, step: str) -> ExitBanState | None:
    """Return the state of an exit-ban filing after a step, None when it is not allowed."""
    return _EXIT_BAN.get((state, step))


async def make_plan(desk: Desk, subject_id: str, body: NewPlan) -> int:
    """Make a plan (Art. 24) or its next version; return which."""
    file = await _worked(desk, subject_id, "law-24")
    standing_plan = await work_store.plan(desk.connection, subject_id)
    version = 1 + (standing_plan["version"] if standing_plan else 0)
    row = body.model_dump() | _row(desk, file) | {"version": version}
    await work_store.add_plan(desk.connection, row)
    await store.touch(desk.connection, subject_id)
    await running.meet(desk, "plan", ref_kind="file", ref_id=subject_id)
    said = {"documents": await plan_papers(desk, file, body, version)}
    kind = "plan.made" if version == 1 else "plan.adjusted"
    cited = (article("law-24").key, "measures-22")
    await note(desk, file, kind, *cited, ref=("plan", f"{subject_id}/{version}"), body=said)
    return version


async def review_plan(desk: Desk, subject_id: str, version: int, body: NewPlanReview) -> str:
    """Note whether a plan still fits; return the review's id."""
    file = await _worked(desk, subject_id, "measures-22")
    newest = await work_store.plan(desk.connection, subject_id)
    if newest is None or newest["version"] != version:
        raise NotFoundError("no such version of the plan, or not the newest")
    review_id = new_id("rv")
    row = body.model_dump() | _row(desk, file) | {"id": review_id, "version": version}
    await work_store.add_review(desk.connection, row)
    about = ("plan", f"{subject_id}/{version}")
    await note(desk, file, f"plan.{body.outcome}", "measures-22", ref=about)
    await take(desk.connection, "plan", [review_id], by_login=desk.person.login, now=desk.now)
    return review_id


async def propose_class(desk: Desk, subject_id: str, body: NewClassProposal) -> dict[str, Any]:
    """Propose another supervision class (measures Art. 21)."""
    file = await _worked(desk, subject_id, "measures-21")
    return await propose_for(desk, file, body, by=desk.person.login)


async def propose_for(
    desk: Desk,
    file: Standing,
    body: NewClassProposal,
    *,
    by: str,
    assessment_id: str | None = None,
) -> dict[str, Any]:
    """Propose a class for a file that may be worked on.

    Args:
        desk: Whose request it is.
        file: The person's.
        body: Which class, and why.
        by: Who proposes it, and cannot decide on it.
        assessment_id: The assessment that it follows from.

    Raises:
        RefusedError: It is the class of now.
        ConflictError: Another proposal waits for its decision.
    """
    subject_id = file.subject_id
    current = await work_store.class_now(desk.connection, subject_id, desk.now)
    if current == body.to_class:
        text = ("与现管理类别相同", "it is the class of now", "其他管理类别", "another class")
        raise RefusedError(Refusal("/to_class", "another_class", "measures-21", *text))
    if await work_store.has_open_proposal(desk.connection, subject_id):
        raise ConflictError("a proposal for this person waits for its decision")
    proposal_id = new_id("cp")
    row = body.model_dump() | _row(desk, file) | {"id": proposal_id, "from_class": current}
    await work_store.add_proposal(desk.connection, row | {"by": by, "assessment": assessment_id})
    said = {"from": current, "to": body.to_class}
    said |= {"assessment": assessment_id} if assessment_id else {}
    about = ("class_proposal", proposal_id)
    await note(desk, file, "class.proposed", article("measures-21").key, ref=about, body=said)
    return await work_store.proposal(desk.connection, proposal_id) or {}


async def decide_class(
    desk: Desk, proposal_id: str, body: Decision, *, if_match: str | None
) -> dict[str, Any]:
    """Decide on a class as a person of the county who did not propose it.

    Raises:
        RefusedError: Not by this person.
        ConflictError: It is decided already.
    """
    require(desk.person, "decide", article="measures-21")
    found = await work_store.proposal(desk.connection, proposal_id, lock=True)
    if found is None:
        raise NotFoundError("no such proposal in your scope")
    check_version(if_match, found["version"], current={"version": found["version"]})
    if found["state"] != "proposed":
        raise ConflictError(f"a proposal that is {found['state']} is not decided again")
    require_another(desk.person, found["proposed_by"], article="measures-21")
    file = await standing(desk.connection, found["subject"], lock=True)
    require_stage(file, "received", "in_correction", article="measures-21")
    state = "approved" if body.approve else "refused"
    row = {**_row(desk, file), "id": proposal_id, "state": state, "note": body.note}
    await work_store.decide_proposal(desk.connection, row)
    if body.approve:
        if found["assessment_state"] not in (None, "confirmed"):
            raise RefusedError(_NO_BASIS)
        await lock(desk.connection)
        change = {**_row(desk, file), "class": found["to_class"]}
        await work_store.change_class(desk.connection, change)
        await next_directory_version(desk.connection, [file.org_id], desk.person.login)
    about = ("class_proposal", proposal_id)
    said = {"to": found["to_class"]}
    await note(desk, file, f"class.{state}", article("measures-21").key, ref=about, body=said)
    return await work_store.proposal(desk.connection, proposal_id) or found


async def step_exit_ban(desk: Desk, subject_id: str, body: ExitBanStep) -> dict[str, Any]:
    """File an exit ban, note its answer, ask to lift it, note its end."""
    require(desk.person, "decide", article="exit-420")
    file = await standing(desk.connection, subject_id, lock=True)
    if body.step == "file":
        require_stage(file, "received", "in_correction", article="exit-420")
    found = await work_store.exit_ban(desk.connection, subject_id)
    state: ExitBanState = found["state"] if found else "none"
    after = exit_ban_after(state, body.step)
    if after is None:
        zh, en = _EXIT_BAN_ALLOWED[state]
        text = ("当前状态不允许该步骤", f"not while it is {state}", zh, en)
        raise RefusedError(Refusal("/step", "exit_ban_state", "exit-420", *text))
    if body.step == "file" or found is None:
        row = {**_row(desk, file), "id": new_id("eb")}
        await work_store.file_exit_ban(desk.connection, row)
    else:
        await work_store.move_exit_ban(desk.connection, found["id"], after, desk.now)
    await _note_exit_ban(desk, file, body, after)
    if body.step == "file":
        await running.meet(desk, "exit_ban_filing", ref_kind="file", ref_id=subject_id)
    if body.step == "end":
        await running.meet(desk, "exit_ban_lifting", ref_kind="file", ref_id=subject_id)
    return await work_store.exit_ban(desk.connection, subject_id) or {}


async def check_identity(desk: Desk, subject_id: str, body: NewIdentityCheck) -> str:
    """Note a regular check that the person is who the file says; return its id."""
    file = await _worked(desk, subject_id, "law-22")
    happened = claimed(desk, body.happened_time)
    check_id = new_id("ic")
    row = body.model_dump() | _row(desk, file) | {"id": check_id, "happened_time": happened}
    await work_store.add_check(desk.connection, row)
    about = ("identity_check", check_id)
    said = {"outcome": body.outcome}
    await note(
        desk, file, "identity.checked", "law-22", ref=about, happened_time=happened, body=said
    )
    return check_id


async def _worked(desk: Desk, subject_id: str, cited: str) -> Standing:
    require(desk.person, "verify", article=cited)
    file = await standing(desk.connection, subject_id, lock=True)
    require_stage(file, "received", "in_correction", article=cited)
    return file


async def _note_exit_ban(
    desk: Desk, file: Standing, body: ExitBanStep, after: ExitBanState
) -> None:
    happened = claimed(desk, body.happened_time)
    said = {"instrument": body.instrument}
    kind = f"exit_ban.{after}"
    await note(desk, file, kind, article("exit-420").key, happened_time=happened, body=said)


def _row(desk: Desk, file: Standing) -> dict[str, Any]:
    return {
        "org": file.org_id,
        "subject": file.subject_id,
        "by": desk.person.login,
        "at": desk.now,
    }

"""The papers that a step of the file wants: notice at reception, announcement, plan.

They are issued with the step, in its transaction. No step is kept back for a paper that cannot be
printed: of a file without its judgment, or with a character that the font lacks; its act then says
which paper is missing, and it is issued by hand.
"""

from collections.abc import Mapping
from typing import Any, Final

from server.auth.person import Desk
from server.cases import group_store, store, work_store
from server.cases.lifecycle import Step
from server.cases.standing import Standing
from server.cases.work_schemas import NewPlan
from server.documents.printable import issue_printable
from server.documents.template import templates
from server.law.codes import code
from server.policies.store import policy_of

_NOTICE: Final = "reception_notice"
_ANNOUNCEMENT: Final = "announcement"
_NO_CLASS: Final = "尚未确定"


async def papers_of_step(desk: Desk, file: Standing, step: Step) -> dict[str, Any]:
    """Issue the papers of a step; return what its act says of them, nothing where it wants none."""
    if step == "reported":
        return await _told(desk, file, _NOTICE, await _notice(desk, file))
    if step == "announced":
        if not await store.names_judgment(desk.connection, file.subject_id):
            return {"documents": [], "without": [_ANNOUNCEMENT]}
        return await _told(desk, file, _ANNOUNCEMENT, await _announcement(desk, file))
    return {}


async def plan_papers(desk: Desk, file: Standing, body: NewPlan, version: int) -> list[str]:
    """Issue a version of the plan as a paper; return its id, none where it cannot be printed."""
    held = await work_store.class_now(desk.connection, file.subject_id, desk.now)
    values = {
        "assessment": body.basis,
        "supervision_class": code("class", held).text.zh if held else _NO_CLASS,
        "measures": body.measures,
        "plan_version": version,
    }
    values |= await _group(desk, file)
    about = ("plan", f"{file.subject_id}/{version}")
    paper = await _issued(desk, file, "plan", values, about)
    return [] if paper is None else [paper]


async def _notice(desk: Desk, file: Standing) -> dict[str, Any]:
    policy = await policy_of(desk.connection, file.org_id, desk.now)
    days = policy.number("report_interval_days_general")
    months = policy.number("written_report_months")
    values: dict[str, Any] = {
        "report_to": await store.org_name(desk.connection, file.org_id),
        "officer": desk.person.name,
        "reporting": f"至少每{days}日报告一次，每{months}个月提交一次书面情况报告；"
        "管理类别确定后按该类别的要求报告。",
    }
    members = await group_store.group(desk.connection, desk.parts.vault, file.subject_id)
    phone = next((one["phone"] for one in members if one["role"] == "officer"), None)
    values |= {"phone": phone} if phone else {}
    return values | await _group(desk, file) | await _prohibitions(desk, file)


async def _announcement(desk: Desk, file: Standing) -> dict[str, Any]:
    values = {"office": await store.org_name(desk.connection, file.org_id)}
    return values | await _group(desk, file) | await _prohibitions(desk, file)


async def _group(desk: Desk, file: Standing) -> dict[str, Any]:
    members = await group_store.group(desk.connection, desk.parts.vault, file.subject_id)
    lines = [f"{one['name']}（{code('group_role', one['role']).text.zh}）" for one in members]
    return {"group": lines} if lines else {}


async def _prohibitions(desk: Desk, file: Standing) -> dict[str, Any]:
    rows = await work_store.prohibitions(desk.connection, file.subject_id)
    return {"prohibitions": [row["content"] for row in rows]} if rows else {}


async def _told(desk: Desk, file: Standing, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    paper = await _issued(desk, file, kind, values, ("file", file.subject_id))
    return {"documents": [paper]} if paper else {"documents": [], "without": [kind]}


async def _issued(
    desk: Desk, file: Standing, kind: str, values: Mapping[str, Any], about: tuple[str, str]
) -> str | None:
    if desk.person.org_level not in templates()[kind].issuers:
        return None
    paper = await issue_printable(desk, kind, file.subject_id, values, *about)
    return None if paper is None else paper.id

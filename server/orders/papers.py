"""The documents of a positioning order: its decision, that of an extension, the lifting."""

from collections.abc import Mapping
from typing import Any, Final

from server.auth.person import Desk
from server.cases.standing import Standing
from server.documents.issuing import issue
from server.documents.printable import issue_printable, papers_said
from server.orders import paper_store as store
from server.orders.grounds import GROUNDS

_LIFTING: Final = "positioning_lifting_notice"
_EVIDENCE: Final = {
    "act": "执法记录第{}号",
    "alert": "定位系统报警{}",
    "fact": "确认的事实{}",
    "document": "文书{}",
}


async def issue_decision(
    desk: Desk, found: Standing, order_id: str, row: Mapping[str, Any], term: Mapping[str, Any]
) -> None:
    """Issue the decision of an order, or of an extension.

    Args:
        desk: The head's request.
        found: The person.
        order_id: The order that was made.
        row: The application.
        term: `valid_from` and `valid_to` of the order.
    """
    said = {"ground": GROUNDS[row["ground"]].name, "approved_by": desk.person.name, **term}
    kind = "positioning_decision"
    if row["extends"] is None:
        evidence = [_EVIDENCE[one["kind"]].format(one["id"]) for one in row["evidence"]]
        said |= {"facts": row["reason"], "evidence": evidence}
    else:
        kind = "positioning_extension_decision"
        number = await store.decision_number(desk.connection, row["extends"])
        assessment = await store.newest_assessment(desk.connection, row["extends"])
        said |= {"decision_number": number, "assessment": assessment or row["reason"]}
    await issue(desk, kind, found.subject_id, said, "order", order_id)


async def issue_lifting(desk: Desk, found: Standing, order_id: str, reason: str) -> dict[str, Any]:
    """Issue the notice that an order was lifted; return what the act says of it.

    Nobody is tracked longer for a character that the font lacks: the act is `without` the notice.
    """
    said = {
        "decision_number": await store.decision_number(desk.connection, order_id),
        "reason": "no_longer_needed",
        "lifted_at": desk.now,
        "detail": reason,
        "return_to": await store.org_name(desk.connection, found.org_id),
    }
    about = ("order", order_id)
    paper = await issue_printable(desk, _LIFTING, found.subject_id, said, *about)
    return papers_said({_LIFTING: paper})

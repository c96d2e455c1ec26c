"""When a wristband may be put on somebody. Pure."""

from typing import Final

from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.orders.grounds import LAW
from server.orders.lifecycle import Order

TOLD: Final = article("measures-37").key


def check_wearing(order: Order | None) -> None:
    """Refuse to put a wristband on somebody without an order, or who was not told of it.

    Args:
        order: The order of the person in force now, if there is one.

    Raises:
        RefusedError: There is none, or the person does not know of it.
    """
    if order is None:
        raise RefusedError(
            Refusal(
                "/subject",
                "order_in_force",
                LAW,
                "没有有效的电子定位决定，不得佩戴定位装置",
                "no positioning order is in force",
                "经县级司法行政部门负责人批准并在期限内",
                "an order that the head of the county bureau approved, within its term",
            )
        )
    if order.notified_at is None:
        raise RefusedError(
            Refusal(
                "/subject",
                "told_first",
                TOLD,
                "尚未告知本人使用期限、要求和后果",
                "the person was not told of term, requirements and consequences",
                "告知并记录后佩戴",
                "the notice to the person first",
            )
        )

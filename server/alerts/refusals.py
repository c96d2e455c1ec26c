"""What the alert desk refuses, in words, and what it would allow."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from server.errors import Refusal

_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "open": "待处理",
        "acknowledged": "处理中",
        "dispatched": "已派员",
        "resolved": "已办结",
        "shelved": "已搁置",
        "superseded": "已被推翻",
    }
)
_ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "acknowledge": "受理",
        "dispatch": "派员",
        "resolve": "办结",
        "shelve": "搁置",
        "unshelve": "解除搁置",
        "reopen": "重新打开",
    }
)


def not_from(action: str, state: str, allowed: Sequence[str]) -> Refusal:
    """Return the refusal of an action that an alert's state does not allow."""
    return Refusal(
        "",
        "alert_state",
        None,
        f"报警{_STATES[state]}，不能{_ACTIONS[action]}",
        f"an alert that is {state} takes no {action}",
        f"{_ACTIONS[action]}须在：" + "、".join(_STATES[one] for one in allowed),
        f"{action} is allowed from " + ", ".join(allowed),
    )


NOT_VERIFIED: Final = Refusal(
    "/verdict",
    "verification_wanted",
    None,
    "求助、表带、外壳和脱离报警未经核实，不能认定为误报、技术原因或有正当理由",
    "a call for help, a strap or a case is neither dismissed nor excused unverified",
    "先完成核实任务且结果明确（误报、技术原因须为不属实）：由另一人核实，或本人到场且终端定位在被监管人附近",
    "first a verification with a result (unfounded, for a dismissal): by another person, or by who"
    " was there with a terminal whose position shows it",
)
NEVER_SHELVED: Final = Refusal(
    "",
    "never_shelved",
    None,
    "求助、表带、外壳和脱离报警不得搁置",
    "a call for help, a strap or a case is never shelved",
    "受理、派员、核实或办结",
    "acknowledge, dispatch, verify or resolve it",
)
WANTS_AN_END: Final = Refusal(
    "/until",
    "shelf_end",
    None,
    "搁置须有将来的期限，且不超过本机构规定的最长时间",
    "a shelving needs an end, in the future and within the organisation's longest",
    "不晚于政策参数 alert_shelf_most_hours 所定时间",
    "an end within the policy's alert_shelf_most_hours",
)
IS_A_FACT: Final = Refusal(
    "",
    "is_a_fact",
    None,
    "该报警已确认为事实，不能重新打开",
    "the alert was confirmed and is a fact",
    "对该事实提出复核",
    "open a review of the fact: only that reverses it",
)
SUPERVISOR_ONLY: Final = Refusal(
    "",
    "supervisor_only",
    None,
    "重新打开报警须由负责人决定",
    "only a supervisor reopens an alert",
    "由负责人重新打开",
    "ask a supervisor",
)
NOTHING_TO_DO: Final = Refusal(
    "",
    "alert_state",
    None,
    "该报警已不在处理中，无需核实",
    "nobody has to act on this alert any more",
    "待处理、处理中或已派员的报警",
    "an alert that is open, acknowledged or dispatched",
)

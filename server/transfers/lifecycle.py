"""From application to report at the new place: whose turn it is. Pure.

Who applied or gave the opinion does not decide; the old county decides, the new one answers and
says which office takes the file; what the new county declines is not approved.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from server.errors import Refusal
from server.law.days import LegalCalendar
from server.law.policy import Policy

State = Literal[
    "applied",
    "verified",
    "asked",
    "agreed",
    "declined",
    "approved",
    "refused",
    "moved",
    "reported",
    "missing",
    "withdrawn",
]
Action = Literal[
    "verify",
    "ask",
    "agree",
    "decline",
    "approve",
    "refuse",
    "move",
    "report",
    "miss",
    "search",
    "withdraw",
]
Side = Literal["from", "to"]
STATES: Final[tuple[State, ...]] = get_args(State)

ENDED: Final[frozenset[State]] = frozenset({"refused", "reported", "missing", "withdrawn"})
_DAYS: Final = LegalCalendar()
_NEXT: Final[dict[Action, dict[State, State]]] = {
    "verify": {"applied": "verified"},
    "ask": {"verified": "asked"},
    "agree": {"asked": "agreed"},
    "decline": {"asked": "declined"},
    "approve": {"agreed": "approved"},
    "refuse": {
        "applied": "refused",
        "verified": "refused",
        "agreed": "refused",
        "declined": "refused",
    },
    "move": {"approved": "moved"},
    "report": {"moved": "reported", "missing": "reported"},
    "miss": {"moved": "missing"},
    "search": {"missing": "missing"},
    "withdraw": dict.fromkeys(("applied", "verified", "asked", "agreed"), "withdrawn"),
}
SIDE: Final[dict[Action, Side]] = {
    "verify": "from",
    "ask": "from",
    "agree": "to",
    "decline": "to",
    "approve": "from",
    "refuse": "from",
    "move": "from",
    "report": "to",
    "miss": "to",
    "search": "from",
    "withdraw": "from",
}
ARTICLE: Final[dict[Action, str]] = {
    **dict.fromkeys(("verify", "ask", "agree", "decline", "withdraw"), "measures-30"),
    **dict.fromkeys(("approve", "refuse"), "law-27"),
    **dict.fromkeys(("move", "report", "miss", "search"), "measures-31"),
}
_SIDE_WORDS: Final[dict[Side, tuple[str, str]]] = {
    "from": ("现执行地社区矫正机构", "the county that has the file"),
    "to": ("新执行地社区矫正机构", "the county that the person goes to"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A transfer at an instant, as far as its rules ask.

    Attributes:
        side: Of the person who acts; None: of neither county.
        report_due_at: Until when the person must report at the new place; None: not moved yet.
    """

    state: State
    side: Side | None
    report_due_at: datetime | None
    now: datetime


def after(moment: Moment, action: Action) -> State | Refusal:
    """Return the state after an action, or why it is refused."""
    cited = ARTICLE[action]
    if moment.side != SIDE[action]:
        zh, en = _SIDE_WORDS[SIDE[action]]
        text = (f"该行为由{zh}作出", f"{action} is for {en}", zh, en)
        return Refusal("", "other_county", cited, *text)
    found = _NEXT[action].get(moment.state)
    if found is None:
        allowed = ", ".join(_NEXT[action])
        wrong = ("当前状态不允许该行为", f"not while it is {moment.state}")
        return Refusal(
            "", "transfer_state", cited, *wrong, f"状态为：{allowed}", f"while it is {allowed}"
        )
    if action == "miss" and moment.report_due_at is not None and moment.now < moment.report_due_at:
        until = moment.report_due_at.isoformat()
        text = ("报到期限未满", "the person may still report", f"{until}之后", f"after {until}")
        return Refusal("", "report_time_over", cited, *text)
    return found


def application_faults(
    *,
    own_county: str | None,
    to_county: str,
    is_county: bool,
    move_on: date,
    today: date,
    policy: Policy,
    is_awaited: bool = False,
) -> list[Refusal]:
    """Return why an application cannot be made: a transfer to nowhere, or too late.

    Nor of who is awaited after an earlier one: its report and the next one's would be one clock.
    """
    faults = []
    if is_awaited:
        text = ("上次变更执行地后尚未报到", "the person has not reported after the last transfer")
        first = ("登记报到之后", "once that report is noted")
        faults.append(Refusal("", "report_first", "measures-31", *text, *first))
    if not is_county:
        no_county = ("目标县级社区矫正机构不存在", "there is no such county")
        allowed = ("系统内的县级社区矫正机构", "a county of this site")
        faults.append(Refusal("/to_county", "transfer_to_nowhere", "law-27", *no_county, *allowed))
    if to_county == own_county:
        there = ("目标与现执行地相同", "the person is there already", "其他县", "another county")
        faults.append(Refusal("/to_county", "another_county", "law-27", *there))
    earliest = _DAYS.add_months(today, policy.number("transfer_apply_ahead_months"))
    if move_on < earliest:
        first = (f"{earliest.isoformat()}及以后", f"{earliest.isoformat()} or later")
        late = ("应当提前申请", "it is applied for too late")
        faults.append(Refusal("/move_on", "apply_ahead", "measures-30", *late, *first))
    return faults

"""How an alert is handled: who may move it where, and what the engine's news does to it. Pure.

`state` belongs to people, `condition` to the engine. The engine clears nothing that waits for a
person: it withdraws what nobody has decided on (`superseded`) and brings back what new evidence
makes graver. What concerns a strap, a case or a call for help is never set aside by anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from server.alerts.refusals import (
    IS_A_FACT,
    NEVER_SHELVED,
    NOT_VERIFIED,
    NOTHING_TO_DO,
    SUPERVISOR_ONLY,
    WANTS_AN_END,
    not_from,
)
from server.errors import Refusal

State = Literal["open", "acknowledged", "dispatched", "resolved", "shelved", "superseded"]
Condition = Literal["active", "cleared", "superseded"]
Change = Literal["raised", "amended", "cleared", "superseded"]
Verdict = Literal["confirmed", "false", "technical", "excused"]
Action = Literal["acknowledge", "dispatch", "resolve", "shelve", "unshelve", "reopen"]
Category = Literal["violation", "device", "integrity", "care", "notice"]
Severity = Literal["critical", "major", "minor"]
Means = Literal["field_visit", "call", "device_check", "records"]
Finding = Literal["founded", "unfounded", "inconclusive"]

TOLD_ONLY: Final = frozenset({"care", "notice"})
"""Categories that are told and never confirmed: an alert of them is no fact about a person."""
GUARDED: Final = frozenset({"sos", "strap", "case", "removed"})
"""Rules of a call for help, a strap or a case: never shelved, suppressed or closed by themselves.
`alert_never_suppressed` of the schema has the same."""
WAITING: Final[tuple[State, ...]] = ("open", "acknowledged", "dispatched")
"""States in which somebody has to act; each is on a clock."""

_RANK: Final[Mapping[str, int]] = MappingProxyType({"minor": 0, "major": 1, "critical": 2})
_WANTED: Final[Mapping[Verdict | None, frozenset[Finding]]] = MappingProxyType(
    {
        "false": frozenset({"unfounded"}),
        "technical": frozenset({"unfounded"}),
        "excused": frozenset({"founded", "unfounded"}),
    }
)
"""Which findings let a strap, a case or a call for help go without any consequence."""

_FROM: Final[Mapping[Action, tuple[State, ...]]] = MappingProxyType(
    {
        "acknowledge": ("open",),
        "dispatch": ("open", "acknowledged"),
        # Straight from open: whoever resolves has seen it.
        "resolve": WAITING,
        "shelve": ("open", "acknowledged"),
        "unshelve": ("shelved",),
        "reopen": ("resolved", "shelved", "superseded"),
    }
)
_TO: Final[Mapping[Action, State]] = MappingProxyType(
    {
        "acknowledge": "acknowledged",
        "dispatch": "dispatched",
        "resolve": "resolved",
        "shelve": "shelved",
        "reopen": "open",
    }
)
_CONDITION: Final[Mapping[Change, Condition | None]] = MappingProxyType(
    {"raised": "active", "amended": None, "cleared": "cleared", "superseded": "superseded"}
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification that is done.

    Attributes:
        by: Login of who found out.
        means: How.
        finding: What was found; `unfounded` lets an alert be dismissed.
        is_proven: Whether the visitor's own position says that somebody was there.
    """

    by: str
    means: Means
    finding: Finding
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a transition depends on besides the action.

    Attributes:
        rule: Name of the rule.
        state: Where the alert is.
        severity: The gravest that was said of it.
        condition: What the engine says.
        verdict: What it was resolved as.
        shelved_from: Where it was before it was shelved.
    """

    rule: str
    state: State
    severity: Severity
    condition: Condition = "active"
    verdict: Verdict | None = None
    shelved_from: State | None = None

    @property
    def is_guarded(self) -> bool:
        """Whether nothing may set it aside."""
        return self.rule in GUARDED


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does it, with what.

    Attributes:
        login: The person; None: a clock of the server.
        is_supervisor: Whether the person may reopen what others decided.
        verdict: Of a resolution.
        verified: What was verified since the alert was opened last.
        now: The instant, aware.
        until: End of a shelving.
        most_until: The latest end that the organisation's policy allows.
    """

    login: str | None
    is_supervisor: bool = False
    verdict: Verdict | None = None
    verified: tuple[Verified, ...] = ()
    now: datetime | None = None
    until: datetime | None = None
    most_until: datetime | None = None


def transition(standing: Standing, action: Action, doing: Doing) -> State | Refusal:
    """Return the state after an action of a person or of a clock, or why it is refused."""
    if standing.state not in _FROM[action]:
        return not_from(action, standing.state, _FROM[action])
    if action == "unshelve":
        return standing.shelved_from or "open"
    refusal = _refused(standing, action, doing)
    return _TO[action] if refusal is None else refusal


def _refused(standing: Standing, action: Action, doing: Doing) -> Refusal | None:
    if action == "resolve" and standing.is_guarded and doing.verdict in _WANTED:
        return None if _is_verified(doing) else NOT_VERIFIED
    if action == "shelve":
        if standing.is_guarded:
            return NEVER_SHELVED
        return None if _is_bounded(doing) else WANTS_AN_END
    if action == "reopen":
        if standing.verdict == "confirmed":
            return IS_A_FACT
        return None if doing.is_supervisor else SUPERVISOR_ONLY
    return None


def _is_verified(doing: Doing) -> bool:
    """Whether another person found so, or who resolves was there as a position shows."""
    return any(
        one.finding in _WANTED[doing.verdict]
        and (one.by != doing.login or (one.means == "field_visit" and one.is_proven))
        for one in doing.verified
    )


def _is_bounded(doing: Doing) -> bool:
    if doing.now is None or doing.until is None or doing.most_until is None:
        return False
    return doing.now < doing.until <= doing.most_until


@dataclass(frozen=True, slots=True)
class News:
    """What an outcome does to an alert.

    Attributes:
        state: The state after it.
        condition: The condition after it.
        severity: The severity after it.
        step: The step beside the engine's own, if the handling moved.
        wants_review: It contradicts what a person has confirmed.
    """

    state: State
    condition: Condition
    severity: Severity
    step: Literal["reopened", "unshelved"] | None = None
    wants_review: bool = False


def arrival(standing: Standing | None, change: Change, rule: str, severity: Severity) -> News:
    """Return what an outcome makes of an alert; any change may be the first that arrives."""
    if standing is None:
        standing = Standing(rule, "open", severity)
    condition = _CONDITION[change] or standing.condition
    if change in ("cleared", "superseded"):
        withdrawn = change == "superseded"
        state = _withdrawn(standing) if withdrawn else standing.state
        contradicts = withdrawn and standing.verdict == "confirmed"
        return News(state, condition, standing.severity, wants_review=contradicts)
    if standing.condition == "superseded":
        condition = "active"
    is_graver = _RANK[severity] > _RANK[standing.severity]
    gravest = severity if is_graver else standing.severity
    if standing.state == "superseded":
        return News("open", condition, gravest, step="reopened")
    if is_graver and standing.state == "shelved":
        return News("open", condition, gravest, step="unshelved")
    if is_graver and standing.state == "resolved" and standing.verdict != "confirmed":
        return News("open", condition, gravest, step="reopened")
    return News(standing.state, condition, gravest)


def _withdrawn(standing: Standing) -> State:
    """Where late data leaves what it contradicts: nobody had decided, or it is as it was."""
    if standing.is_guarded or standing.state not in ("open", "acknowledged", "shelved"):
        return standing.state
    return "superseded"


def nothing_to_do(state: State) -> Refusal | None:
    """Return why an alert takes no verification, None when somebody has to act on it."""
    return None if state in WAITING else NOTHING_TO_DO

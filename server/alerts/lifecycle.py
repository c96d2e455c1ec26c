"""Open, acknowledged, resolved: who may move an alert where. Pure.

`state` belongs to people, `condition` to the engine; neither ever moves the other. An alert is
resolved by a person only, and resolved is the end.
"""

from typing import Final, Literal

State = Literal["open", "acknowledged", "resolved"]
Condition = Literal["active", "cleared", "superseded"]
Change = Literal["raised", "amended", "cleared", "superseded"]
Verdict = Literal["confirmed", "false", "technical", "excused"]
Action = Literal["acknowledge", "resolve"]

_NEXT: Final[dict[Action, dict[State, State]]] = {
    "acknowledge": {"open": "acknowledged"},
    # Straight from open: whoever resolves has seen it.
    "resolve": {"open": "resolved", "acknowledged": "resolved"},
}

_CONDITION: Final[dict[Change, Condition | None]] = {
    "raised": "active",
    "amended": None,
    "cleared": "cleared",
    "superseded": "superseded",
}


def next_state(state: State, action: Action) -> State | None:
    """Return the state after a person's action, None when it is not allowed there."""
    return _NEXT[action].get(state)


def next_condition(change: Change) -> Condition | None:
    """Return the condition that an outcome sets, None when it leaves it as it is."""
    return _CONDITION[change]

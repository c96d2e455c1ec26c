"""From sent to reported: which state of a task follows which. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from server.errors import Refusal

State = Literal[
    "sent",
    "received",
    "accepted",
    "declined",
    "en_route",
    "on_site",
    "reported",
    "cancelled",
    "lapsed",
]
Event = Literal[
    "received", "accepted", "declined", "en_route", "on_site", "reported", "cancelled", "lapsed"
]
"""What happens to a task; the state after it has the same name."""

LIVE: Final[tuple[State, ...]] = ("sent", "received", "accepted", "en_route", "on_site")
"""Somebody is expected to act."""
ON_ALERT: Final[frozenset[Event]] = frozenset({"accepted", "en_route", "on_site", "reported"})
"""Steps that the alert's own history has too."""
GIVEN_BACK: Final[frozenset[Event]] = frozenset({"declined", "lapsed", "cancelled"})
"""After these nobody is on the way by this task."""

_TO_ACCEPT: Final[tuple[State, ...]] = ("sent", "received")
_ON_THE_WAY: Final[tuple[State, ...]] = ("accepted", "en_route")
_FROM: Final[Mapping[Event, tuple[State, ...]]] = MappingProxyType(
    {
        "received": ("sent",),
        "accepted": _TO_ACCEPT,
        "declined": (*_TO_ACCEPT, "accepted"),
        # A step in between may be lost on the way: who drives has accepted.
        "en_route": (*_TO_ACCEPT, "accepted"),
        # Who comes too late is there all the same.
        "on_site": (*_TO_ACCEPT, *_ON_THE_WAY, "lapsed"),
        "reported": (*_ON_THE_WAY, "on_site"),
        "cancelled": LIVE,
        "lapsed": (*_TO_ACCEPT, *_ON_THE_WAY),
    }
)
_STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        "sent": "已下发",
        "received": "已送达",
        "accepted": "已接受",
        "declined": "已拒绝",
        "en_route": "途中",
        "on_site": "已到场",
        "reported": "已反馈",
        "cancelled": "已撤销",
        "lapsed": "已超时",
    }
)


def transition(state: State, event: Event) -> State | Refusal:
    """Return a task's state after something happened to it, or why it is refused."""
    if state in _FROM[event]:
        return event
    allowed = _FROM[event]
    return Refusal(
        "",
        "task_state",
        None,
        f"任务{_STATES[state]}，不能改为{_STATES[event]}",
        f"a task that is {state} does not become {event}",
        f"{_STATES[event]}须在：" + "、".join(_STATES[one] for one in allowed),
        f"{event} is allowed from " + ", ".join(allowed),
    )


def lapse_of(state: State, *, due_at: datetime, lapses_at: datetime | None) -> datetime | None:
    """Return when a task lapses: unaccepted at its first clock, on the way when it is due.

    Args:
        state: The state that it is in now.
        due_at: When somebody has to be on site.
        lapses_at: When it would lapse before this state.
    """
    if state in _TO_ACCEPT:
        return lapses_at
    return due_at if state in _ON_THE_WAY else None


def is_field_visit(event: Event, *, was_on_site: bool) -> bool:
    """Return whether an answer tells what somebody found on the spot."""
    return event == "reported" and was_on_site

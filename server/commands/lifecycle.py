"""From entered to answered: which state follows which (docs/wire/commands-v1.md). Pure."""

from typing import Final, Literal

Name = Literal[
    "set_interval",
    "locate",
    "text",
    "task",
    "restart",
    "power_off",
    "factory_reset",
    "close_link",
    "close_radio",
]
State = Literal[
    "awaiting_approval", "queued", "sent", "answered", "refused", "timed_out", "withdrawn"
]
Reported = Literal["sent", "answered", "refused", "timed_out"]
"""What a gateway may say of a command."""
Progress = Literal["accepted", "declined", "en_route", "on_site", "reported"]
"""What it may say besides of a command that carries a task: what the person does who was sent."""

DANGEROUS: Final[frozenset[Name]] = frozenset(
    {"power_off", "factory_reset", "close_link", "close_radio"}
)
"""What silences a device that watches over somebody: never by one person alone."""

SUPERVISORS_ONLY: Final[frozenset[Name]] = DANGEROUS | {"restart"}

OPEN: Final[tuple[State, ...]] = ("awaiting_approval", "queued", "sent")
WITHDRAWABLE: Final[tuple[State, ...]] = ("awaiting_approval", "queued")

_FROM: Final[dict[Reported | Progress, tuple[State, ...]]] = {
    "sent": ("queued",),
    # From queued: the report of `sent` was lost, and the device did it all the same.
    "answered": ("queued", "sent", "timed_out"),
    "refused": ("queued", "sent"),
    "timed_out": ("queued", "sent"),
}


def first_state(name: Name) -> State:
    """Return the state that a command is entered in."""
    return "awaiting_approval" if name in DANGEROUS else "queued"


def is_news(state: State, reported: Reported | Progress) -> bool:
    """Return whether a gateway's report moves a command that is in this state."""
    return state in _FROM.get(reported, ())

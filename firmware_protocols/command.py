"""Down-link commands, the same for every protocol."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.errors import ApprovalError

CommandName = Literal[
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

DANGEROUS: Final = frozenset({"power_off", "factory_reset", "close_link", "close_radio"})
"""What silences a device that watches over somebody: only with the approval of two persons."""

INTERVAL_S_MIN: Final = 1
INTERVAL_S_MAX: Final = 65_535
"""JT/T 808's and the watches' fields hold no more than 16 bits safely."""

APPROVALS_NEEDED: Final = 2


ARGUMENT: Final[dict[str, str]] = {"set_interval": "interval_s", "text": "text", "task": "text"}
"""The field that a command cannot do without, by the command's name."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is sent and by when.

    Attributes:
        datum: Of the place.
        longitude_deg: None together with the latitude: no place is known.
        due_at: On site by then; aware.
    """

    datum: Literal["WGS84"] = "WGS84"
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)] | None = None
    latitude_deg: Annotated[float, Meta(ge=-90, le=90)] | None = None
    due_at: Annotated[datetime, Meta(tz=True)]


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One command to one device.

    Attributes:
        id: The command record's id at the server.
        name: What to do.
        interval_s: Of "set_interval": seconds between reports.
        text: Of "text" and "task": what to show.
        task: Of "task": where to go. A protocol without tasks shows the text.
        approved_by: Accounts that approved it; needed for DANGEROUS ones.
    """

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
    name: CommandName
    interval_s: Annotated[int, Meta(ge=INTERVAL_S_MIN, le=INTERVAL_S_MAX)] | None = None
    text: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    task: Errand | None = None
    approved_by: tuple[str, ...] = ()


def require_approval(name: str, approved_by: tuple[str, ...]) -> None:
    """Return if the command may be sent.

    Raises:
        ApprovalError: It is dangerous and fewer than two different persons approved it.
    """
    if name in DANGEROUS and len(set(approved_by)) < APPROVALS_NEEDED:
        raise ApprovalError(
            f"{name!r} needs the approval of {APPROVALS_NEEDED} different persons, "
            f"has {len(set(approved_by))}"
        )


def missing_argument(command: Command) -> str:
    """Return the name of the field that a command cannot do without and has not; else empty."""
    needed = ARGUMENT.get(command.name, "")
    return needed if needed and getattr(command, needed) is None else ""

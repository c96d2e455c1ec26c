"""The commands of every protocol as JT/T 808 down-links."""

from typing import Final

from firmware_protocols.command import Command, CommandName, require_approval
from firmware_protocols.errors import CommandError
from firmware_protocols.jt808.control import (
    CLOSE_LINK,
    CLOSE_RADIO,
    FACTORY_RESET,
    POWER_OFF,
    RESTART,
    TEXT_DISPLAY,
    TEXT_NOTICE,
    TEXT_SPEAK,
    ControlTerminal,
    Locate,
    SetParameters,
    ShowText,
)
from firmware_protocols.jt808.parameters import DEFAULT_INTERVAL, REPORT_STRATEGY, Parameter

_BY_TIME: Final = 0
_CONTROLS: Final[dict[CommandName, int]] = {
    "restart": RESTART,
    "power_off": POWER_OFF,
    "factory_reset": FACTORY_RESET,
    "close_link": CLOSE_LINK,
    "close_radio": CLOSE_RADIO,
}


def down_link(
    command: Command, *, is_2019: bool
) -> SetParameters | Locate | ShowText | ControlTerminal:
    """Return the down-link of a command.

    Raises:
        ApprovalError: It is dangerous and two persons have not approved it.
        CommandError: It lacks its argument.
    """
    require_approval(command.name, command.approved_by)
    match command.name:
        case "set_interval":
            if command.interval_s is None:
                raise CommandError("set_interval needs interval_s")
            return SetParameters(
                (
                    Parameter(REPORT_STRATEGY, _BY_TIME),
                    Parameter(DEFAULT_INTERVAL, command.interval_s),
                )
            )
        case "locate":
            return Locate()
        case "text" | "task":
            if command.text is None:
                raise CommandError("text needs text")
            mark = TEXT_DISPLAY | TEXT_SPEAK | (TEXT_NOTICE if is_2019 else 0)
            return ShowText(text=command.text, mark=mark)
    return ControlTerminal(command=_CONTROLS[command.name], approved_by=command.approved_by)

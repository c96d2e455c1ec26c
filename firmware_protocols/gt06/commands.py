"""Down-link commands in the words of GT06 terminals."""

from collections.abc import Mapping
from typing import Final

from firmware_protocols.command import Command, require_approval
from firmware_protocols.errors import CommandError, UnsupportedCommandError
from firmware_protocols.gt06.profiles import Profile

WORDS: Final[Mapping[str, str]] = {
    "set_interval": "TIMER,{interval_s},{interval_s}#",
    "locate": "WHERE#",
    "restart": "RESET#",
    "factory_reset": "FACTORY#",
}
"""Command lists of the GT06N and later Jimi models: the same words over SMS and 0x80.

`TIMER` takes the interval with the ignition on and off. The protocol has no words to show a text,
to switch off, or to close link or radio.
"""

INTERVAL_S_MIN: Final = 5
INTERVAL_S_MAX: Final = 18_000
"""What `TIMER` takes."""


def command_words(command: Command, profile: Profile) -> str:
    """Return a command in words.

    Raises:
        ApprovalError: It is dangerous and two persons have not approved it.
        UnsupportedCommandError: GT06, or this device model, has no such command.
        CommandError: The interval is missing or not 5 ... 18000 seconds.
    """
    words = {**WORDS, **profile.commands}
    require_approval(command.name, command.approved_by)
    if not words.get(command.name):
        allowed = ", ".join(sorted(name for name, text in words.items() if text))
        raise UnsupportedCommandError(f"gt06 has no command {command.name!r}; it has {allowed}")
    if command.name == "set_interval":
        interval_s = command.interval_s
        if interval_s is None or not INTERVAL_S_MIN <= interval_s <= INTERVAL_S_MAX:
            raise CommandError(
                f"interval_s {interval_s}, gt06 takes {INTERVAL_S_MIN} ... {INTERVAL_S_MAX}"
            )
        return words[command.name].format(interval_s=interval_s)
    return words[command.name]

"""What a device does with a command, and what it answers. Pure."""

from collections import OrderedDict
from typing import Final

from device_sims.schedule import Schedule
from firmware_protocols.command import Command
from firmware_protocols.message import Reply

REMEMBERED: Final = 256
"""Commands whose repetition is known; a gateway repeats one within minutes, if at all."""

_MS_PER_S: Final = 1_000


class Obedience:
    """Obeys each command once; a repeated one gets its first answer again."""

    def __init__(
        self, device: str, schedule: Schedule | None, *, takes_tasks: bool = False
    ) -> None:
        """Take who obeys, its schedule, and whether somebody looks at its screen.

        Without a schedule there are no times that anybody could change.
        """
        self._device = device
        self._schedule = schedule
        self._takes_tasks = takes_tasks
        self._answers: OrderedDict[str, Reply] = OrderedDict()

    def knows(self, command: Command) -> bool:
        """Return whether a command was obeyed before."""
        return command.id in self._answers

    def obey(self, command: Command, now_ms: int) -> tuple[Reply, bool]:
        """Return the answer to a command, and whether the reporting times are others now."""
        known = self._answers.get(command.id)
        if known is not None:
            return known, False
        text = self._do(command, now_ms)
        reply = Reply(device=self._device, to=command.id, ok=text is None, text=text)
        self._answers[command.id] = reply
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        return reply, text is None and command.name in ("set_interval", "locate")

    def _do(self, command: Command, now_ms: int) -> str | None:
        """Return why the command is not done; None when it is."""
        if command.name == "text" or (command.name == "task" and self._takes_tasks):
            return None
        if self._schedule is None:
            return "this device takes no commands"
        if command.name == "set_interval" and command.interval_s is not None:
            self._schedule.set_interval(command.interval_s * _MS_PER_S, now_ms)
        elif command.name == "locate":
            self._schedule.locate(now_ms)
        else:
            return f"{command.name} is not simulated"
        return None

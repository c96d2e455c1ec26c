"""What an officer does whom a task sends: a person's delays, and a report. Pure.

The way itself is a time, not a track: what the officer carries goes on reporting from the routine.
"""

from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from firmware_protocols.message import TaskFinding, TaskStep

ACCEPTS_S: Final = (3.0, 15.0)
LEAVES_S: Final = (3.0, 10.0)
DRIVES_S: Final = (20.0, 60.0)
LOOKS_S: Final = (5.0, 15.0)
"""Seconds after the step before. Assumed, and short: a demonstration has minutes, not hours."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the officer tells.

    Attributes:
        after_s: Simulated seconds after the terminal has the task.
    """

    name: TaskStep
    after_s: float
    text: str | None = None
    finding: TaskFinding | None = None


def way_of(device: str, task: str) -> list[Step]:
    """Return what becomes of a task, in order; it follows from the two names alone."""
    dice = Dice(0, device, task)
    at_s = 0.0
    steps = []
    ways: tuple[tuple[TaskStep, tuple[float, float]], ...] = (
        ("accepted", ACCEPTS_S),
        ("en_route", LEAVES_S),
        ("on_site", DRIVES_S),
    )
    for nth, (name, span_s) in enumerate(ways):
        at_s += dice.uniform(nth, *span_s)
        steps.append(Step(name, at_s))
    at_s += dice.uniform(len(ways), *LOOKS_S)
    return [*steps, Step("reported", at_s, "已到场查看，情况属实。Seen on site.", "founded")]

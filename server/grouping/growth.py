"""When who has a group is told again that it grew. Pure."""

from typing import Final

FIRST_TOLD: Final = 5
"""What two or three are, the list says; five are another matter than one."""
GROWS_BY: Final = 4
"""Told again at so many times what was told before: a thousand alerts are five messages."""


def is_news(waiting: int, told: int) -> bool:
    """Return whether a group that waits is to be told of again.

    Args:
        waiting: How many of it wait.
        told: The count that who has it was told last; 1 where it was told of one alert.
    """
    return waiting >= max(FIRST_TOLD, GROWS_BY * told)

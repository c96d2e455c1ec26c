"""The errors of this package.

LawError                   a figure or name of the law is asked for or set wrongly
├── UnknownNameError           no article, parameter, clock or code has this name
└── OverrideError              what a province or organisation sets cannot stand
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from server.errors import ServerError


class LawError(ServerError):
    """A figure or name of the law is asked for or set wrongly."""


class UnknownNameError(LawError):
    """No article, parameter, clock or code has this name.

    Attributes:
        allowed: Every name that there is.
    """

    def __init__(self, what: str, name: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(allowed)
        near = get_close_matches(name, self.allowed) or self.allowed[:3]
        super().__init__(
            f"{name!r} is no {what}: take one of {len(self.allowed)} in docs/law.md, "
            f"such as {', '.join(near)}"
        )


class OverrideError(LawError):
    """What a province or organisation sets cannot stand.

    Attributes:
        faults: Name of the parameter, and what is wrong and allowed.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults))
        self.faults = tuple(faults)

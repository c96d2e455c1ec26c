"""The errors of this package.

SimError
├── ScenarioError     parameters that no scenario can be played with
└── LinkError         the broker cannot be reached at all, or refuses a device
"""


class SimError(Exception):
    """Root of everything this package raises."""


class ScenarioError(SimError):
    """Parameters that no scenario can be played with."""


class LinkError(SimError):
    """The broker refuses a device for good: wrong password or unknown device."""

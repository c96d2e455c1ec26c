"""One parameter of one or several rules."""

from dataclasses import dataclass

Number = int | float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold, as data.

    Attributes:
        name: Ends with its unit. A default that is a float makes it one; all others are integers.
        default: Value without any override.
        least: Smallest value that a directory may set.
        most: Largest.
        reason: What it does and why the default is what it is, with its source.
    """

    name: str
    default: Number
    least: Number
    most: Number
    reason: str

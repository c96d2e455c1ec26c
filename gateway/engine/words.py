"""What a person reads: Chinese first, English beside it."""

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

"""A sentence for a person, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Chinese first: it is the act; the English is for reading beside it."""

    zh: str
    en: str

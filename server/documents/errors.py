"""What can be wrong with a document.

DocumentError
├── TemplateError    a template's file does not hold to its form
├── ValuesError      values that the template does not take
└── GlyphError       a character that the font does not carry
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.errors import ServerError
from server.law.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value.

    Attributes:
        field: The template's name for it.
        what: What is wrong.
        allowed: What a value may be.
    """

    field: str
    what: Text
    allowed: Text


class DocumentError(ServerError):
    """Root of everything that rendering raises."""


class TemplateError(DocumentError):
    """A template's file does not hold to its form; the text names file and place."""


class ValuesError(DocumentError):
    """Values that the template does not take.

    Attributes:
        faults: One for each field, in the order of their names.
    """

    def __init__(self, kind: str, faults: Sequence[Fault]) -> None:
        told = (f"{one.field}: {one.what.en}; allowed: {one.allowed.en}" for one in faults)
        super().__init__(f"{kind}: {'; '.join(told)}")
        self.faults = tuple(faults)


class GlyphError(DocumentError):
    """A character that the font does not carry; it is never printed as an empty box.

    Attributes:
        characters: The characters.
        named: The same with their code points.
    """

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self.named = ", ".join(f"{one} (U+{ord(one):04X})" for one in characters)
        super().__init__(
            f"the font has no glyph for {self.named}: write the standard form of the character, "
            "or its parts in brackets"
        )

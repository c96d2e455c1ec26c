"""From content to PDF: A4, PDF/A-2a, the font embedded; the same content gives the same bytes."""

import json
import re
import threading
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst

from server.documents.composing import compose, stored
from server.documents.errors import DocumentError, GlyphError
from server.documents.template import Template

FONT: Final = "Noto Sans SC"
_FONT_FOLDER: Final = files("justmytype_intl_cjk").joinpath("fonts/ofl/notosanssc")
_LAYOUT: Final = files("server.documents").joinpath("layout.typ").read_bytes()

# PDF/A asks that every character has a glyph; the compiler refuses the others by name.
_STANDARD: Final = "a-2a"
_NO_GLYPH: Final = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
# The compiler holds one content at a time.
_ONE_AT_A_TIME: Final = threading.Lock()


def render(template: Template, values: Mapping[str, Any]) -> bytes:
    """Return the document as PDF.

    A pure function of template and values: no clock, no chance.

    Args:
        template: The document.
        values: By the names of the template's fields and the standing fields.

    Raises:
        ValuesError: Some are wrong, missing or unknown.
        GlyphError: The font does not carry a character.
    """
    page = compose(template, stored(template, values))
    with _ONE_AT_A_TIME:
        try:
            made = _compiler().compile(
                _LAYOUT,
                format="pdf",
                sys_inputs={"page": json.dumps(page, ensure_ascii=False), "font": FONT},
                pdf_standards=_STANDARD,
            )
        except typst.TypstError as error:
            raise _told(error) from error
    if not isinstance(made, bytes):
        raise DocumentError(f"{template.kind}: the compiler gave no document")
    return made


@cache
def _compiler() -> typst.Compiler:
    # Only the font that ships: another machine's fonts would give other bytes.
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_FONT_FOLDER)],
    )
    return typst.Compiler(font_paths=fonts)


def _told(error: typst.TypstError) -> DocumentError:
    missing = _NO_GLYPH.search(str(error))
    if missing is None:
        return DocumentError(f"the layout does not compile: {error}")
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), missing[1])
    return GlyphError("".join(dict.fromkeys(text)))

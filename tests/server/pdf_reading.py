"""Reads a document back as a viewer does."""

import re

import pypdfium2


def text_of(content: bytes) -> str:
    """All pages; line breaks and the spaces beside digits taken out, as a search finds it."""
    with pypdfium2.PdfDocument(content) as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    return re.sub(r"\s", "", "".join(pages))


def pages_of(content: bytes) -> int:
    with pypdfium2.PdfDocument(content) as pdf:
        return len(pdf)


def metadata_of(content: bytes) -> dict[str, str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return pdf.get_metadata_dict()


def fonts_of(content: bytes) -> set[tuple[str, bool]]:
    """Name of every font that text is set in, and whether it is embedded."""
    found = set()
    with pypdfium2.PdfDocument(content) as pdf:
        for page in pdf:
            for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
                font = one.get_font()
                found.add((font.get_base_name(), font.is_embedded))
    return found

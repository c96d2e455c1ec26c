"""XML by hand: elements in order, and text that no document breaks on. Pure."""

import re
from datetime import datetime
from html import escape
from typing import Final

from server.law.days import ZONE

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, text: str) -> str:
    """Return an element that holds a text; what XML 1.0 (2.2) has no character for is a space."""
    return f"<{name}>{escape(_NOT_XML.sub(' ', text), quote=False)}</{name}>"


def instant(at: datetime) -> str:
    """Return an aware instant in whole seconds with its offset in figures (CAP 1.2, 3.3.2)."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")

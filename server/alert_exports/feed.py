"""CAP messages in an Atom feed (RFC 4287), which goes on by its `next` link (RFC 5005). Pure."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from server.alert_exports.cap import cap_alert
from server.alert_exports.chain import messages_of, source_of
from server.alert_exports.markup import element, instant

MEDIA_TYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"


class Feed:
    """A feed, part by part."""

    def __init__(self, title: str, *, number: str, at: datetime, next_path: str | None) -> None:
        """Take what it says of itself.

        Args:
            title: Who took it, when and why.
            number: Of the export.
            at: When, aware.
            next_path: Where it goes on; None: nowhere.
        """
        self._title = title
        self._number = number
        self._at = at
        self._next_path = next_path

    def head(self) -> bytes:
        """Return its beginning."""
        author = f"<author>{element('name', '归途 Guitu')}</author>"
        parts = [
            f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{_ATOM}">',
            element("id", _urn(self._number)),
            element("title", self._title),
            element("updated", instant(self._at)) + author,
        ]
        if self._next_path is not None:
            parts.append(f'<link rel="next" href="{escape(self._next_path)}"/>')
        return "".join([*parts, "\n"]).encode()

    def part(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return an entry for each alert."""
        return "".join(_entry(row) for row in rows).encode()

    def end(self) -> bytes:
        """Return its end."""
        return b"</feed>\n"


def _entry(alert: Mapping[str, Any]) -> str:
    message = messages_of(alert)[-1]
    parts = (
        element("id", _urn(f"{source_of(alert)}/{message.identifier}")),
        element("title", (alert["title"] or {}).get("zh") or alert["rule"]),
        element("updated", instant(message.sent)),
        f'<content type="application/cap+xml">{cap_alert(alert)}</content>',
    )
    return f"<entry>{''.join(parts)}</entry>\n"


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"guitu:{name}").urn

"""One request to one message."""

import re
from typing import Final

from firmware_protocols.errors import DecodeError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Message
from firmware_protocols.osmand.body import read_body
from firmware_protocols.osmand.query import read_query

MAX_PAYLOAD_BYTES: Final = 65_536
"""A request of the clients is below 1,000 bytes; the user's extras may make it longer."""

# RFC 9112 section 3; the target in origin-form or absolute-form.
_REQUEST_LINE: Final = re.compile(r"(?:(?:GET|POST|PUT) )?(\S*?)(?: HTTP/\d\.\d)?\s*\Z")


def decode(payload: bytes, device: str) -> list[Message]:
    """Return what a request says.

    Args:
        payload: A request line, a request target, a query string, a form body or a JSON body.
        device: Device id; empty takes the request's own.

    Raises:
        DecodeError: The payload is oversized, of none of these forms, or a field does not hold.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}", frame=payload)
    try:
        text = payload.decode().strip()
        if text.startswith("{"):
            return [read_body(text, device)]
        return [read_query(_query(text), device)]
    except UnicodeDecodeError as error:
        raise SyntaxDecodeError("not UTF-8", frame=payload, offset=error.start) from error
    except DecodeError as error:
        error.frame = error.frame or payload
        raise


def _query(text: str) -> str:
    target = _REQUEST_LINE.match(text)
    if target is None:
        # Blanks within: a query string that nobody escaped.
        return text.partition("?")[2] or text
    found = target[1]
    _, mark, query = found.partition("?")
    if mark:
        return query
    if found.startswith(("/", "http://", "https://")):
        raise SyntaxDecodeError("a request target without a query string")
    return found

"""One line per event: time, level, part, where, event, key=value.

    2026-11-22T01:02:03.456Z INFO gateway intake broker_connected session_present=true

Modules log through `logging.getLogger(__name__)`: the message is the event's name, its facts
come as `key=value` in the message or in `extra`. Personal data never goes to a log.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

# `color_message` is uvicorn's second wording of the same event.
_STANDARD: Final = frozenset(
    {*vars(logging.LogRecord("", 0, "", 0, "", None, None)), "message", "asctime", "color_message"}
)

# These speak once per request or about themselves; the programs say and count what matters.
_CHATTY: Final = ("httpx", "httpcore", "uvicorn", "uvicorn.access", "uvicorn.error", "asyncio")


class LineFormatter(logging.Formatter):
    """Formats a record as one line, whatever it holds."""

    def __init__(self, part: str) -> None:
        """Take the part's name, which stands on every line."""
        super().__init__()
        self._part = part
        self._heads = (f"guitu.{part}", part)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, without a line end."""
        at = datetime.fromtimestamp(record.created, UTC)
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
        head = [stamp, record.levelname, self._part, self._where(record.name)]
        words = [*head, _flat(record.getMessage())]
        words += [
            f"{key}={field_text(value)}"
            for key, value in record.__dict__.items()
            if key not in _STANDARD
        ]
        if record.exc_info:
            words.append(f"trace={field_text(self.formatException(record.exc_info))}")
        return " ".join(words)

    def _where(self, name: str) -> str:
        for head in self._heads:
            if name == head:
                return "main"
            if name.startswith(f"{head}."):
                return name[len(head) + 1 :]
        return name


def field_text(value: object) -> str:
    """Return a value as the right side of key=value; JSON-quoted where it would split the line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text and text.isprintable() and not any(mark in text for mark in ' "='):
        return text
    return json.dumps(text, ensure_ascii=False)


def configure(part: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record of this process to one stream (stderr) in the line format."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(part))
    take_over(handler, level=level)
    sys.excepthook = _log_crash


def take_over(handler: logging.Handler, *, level: str = "INFO") -> None:
    """Send every record of this process to one handler; libraries speak up only to warn."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    logging.getLogger("process").critical("crashed", exc_info=(kind, error, trace))


def _flat(text: str) -> str:
    return text if text.isprintable() else json.dumps(text, ensure_ascii=False)

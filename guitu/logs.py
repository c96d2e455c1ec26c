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
from typing import Final, Literal, TextIO

from guitu.traces import trace_of

Form = Literal["line", "json"]

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
        head = [_stamp(record), record.levelname, self._part, _where(self._heads, record.name)]
        words = [*head, _flat(record.getMessage())]
        words += [
            f"{key}={field_text(value)}"
            for key, value in record.__dict__.items()
            if key not in _STANDARD
        ]
        if (trace := _trace(record)) is not None:
            words.append(f"trace={field_text(trace)}")
        return " ".join(words)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, part, where, event and its facts.

    The facts that stand in the message as key=value stay in `event`; those of `extra` are members.
    """

    def __init__(self, part: str) -> None:
        """Take the part's name, which stands on every line."""
        super().__init__()
        self._part = part
        self._heads = (f"guitu.{part}", part)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, without a line end."""
        line = {
            "time": _stamp(record),
            "level": record.levelname,
            "part": self._part,
            "where": _where(self._heads, record.name),
            "event": record.getMessage(),
        }
        for key, value in record.__dict__.items():
            if key not in _STANDARD:
                is_plain = isinstance(value, bool | int | float | None)
                line.setdefault(key, value if is_plain else str(value))
        if (trace := _trace(record)) is not None:
            line["trace"] = trace
        return json.dumps(line, ensure_ascii=False)


def _stamp(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _where(heads: tuple[str, ...], name: str) -> str:
    for head in heads:
        if name == head:
            return "main"
        if name.startswith(f"{head}."):
            return name[len(head) + 1 :]
    return name


def _trace(record: logging.LogRecord) -> str | None:
    error = record.exc_info[1] if record.exc_info else None
    return None if error is None else trace_of(error)


def field_text(value: object) -> str:
    """Return a value as the right side of key=value; JSON-quoted where it would split the line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text and text.isprintable() and not any(mark in text for mark in ' "='):
        return text
    return json.dumps(text, ensure_ascii=False)


def configure(
    part: str, *, level: str = "INFO", stream: TextIO | None = None, form: Form = "line"
) -> None:
    """Send every record of this process to one stream (stderr) in the line format, or as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(part) if form == "json" else LineFormatter(part))
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

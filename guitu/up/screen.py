"""Lines to the screen and to bounded log files, never in the way of the supervisor."""

import queue
import sys
import threading
from pathlib import Path
from typing import Final, TextIO

_MAX_WAITING_LINES: Final = 10_000
_MAX_FILE_BYTES: Final = 10 * 1024**2
_KEPT_FILES: Final = 3


class Screen:
    """Writes lines to a stream from a thread of its own.

    A terminal that is held (Ctrl-S) or a pipe that nobody reads would else stop the supervisor,
    then its children at their full pipes. What does not fit the bounded queue is left out and
    counted; the log files have it.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Take the stream; stderr by default."""
        self._stream = stream or sys.stderr
        self._lines: queue.Queue[str | None] = queue.Queue(_MAX_WAITING_LINES)
        self._left_out = 0
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()

    def show(self, line: str) -> None:
        """Queue a line, without its end; never blocks."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._left_out += 1

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, as far as the stream takes it within the time."""
        try:
            self._lines.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            left_out, self._left_out = self._left_out, 0
            note = f"({left_out} lines left out; see the log files)\n" if left_out else ""
            try:
                self._stream.write(f"{note}{line}\n")
                if self._lines.empty():
                    self._stream.flush()
            except (OSError, ValueError):
                return  # the terminal is gone; the log files go on


class LogFile:
    """A log file of at most 10 MB, with three older ones behind it."""

    def __init__(self, path: Path) -> None:
        """Open the file to append."""
        self._path = path
        self._file = path.open("a")

    def write(self, line: str) -> None:
        """Append a line. A full disk loses lines, never the supervisor."""
        try:
            self._file.write(line + "\n")
            self._file.flush()
            if self._file.tell() > _MAX_FILE_BYTES:
                self._rotate()
        except (OSError, ValueError):  # the latter once a turn-over has failed half-way
            return

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            return

    def _rotate(self) -> None:
        self._file.close()
        for number in range(_KEPT_FILES, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            newer = self._path.with_name(f"{self._path.name}.{number - 1}")
            source = self._path if number == 1 else newer
            if source.exists():
                source.replace(older)
        self._file = self._path.open("a")

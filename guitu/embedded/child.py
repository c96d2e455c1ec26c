"""A child process: how it is started, asked to stop, and what ends it when its parent dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from guitu.embedded import leash
from guitu.errors import ChildFailedError

_LEASH: Final = str(Path(leash.__file__))


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """How to run one program.

    Attributes:
        name: The part's name, for logs and messages.
        argv: Program (absolute path) and arguments.
        env: Environment added to ours.
        user_id: User and group to run as; None keeps ours.
        stop_signal: What asks it to stop in an orderly way.
        grace_s: Seconds it gets for that before SIGKILL.
        death_signal: What the kernel sends it when its parent dies.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    user_id: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 5.0
    death_signal: signal.Signals = signal.SIGKILL

    def command(self) -> tuple[str, ...]:
        """Return what to execute: the program on its leash, held by this process."""
        user = -1 if self.user_id is None else self.user_id
        return (
            *(sys.executable, "-I", "-S", _LEASH),
            *(str(os.getpid()), str(int(self.death_signal)), str(user)),
            *self.argv,
        )

    def environment(self) -> dict[str, str]:
        """Return the child's whole environment."""
        return {**os.environ, **self.env}


class Child:
    """One running program; its output goes to a file."""

    def __init__(self, spec: ChildSpec, log_file: Path) -> None:
        """Take what to run; nothing is started yet."""
        self.spec = spec
        self.log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            ChildFailedError: It was never started.
        """
        if self._process is None:
            raise ChildFailedError(f"{self.spec.name} has not been started")
        return self._process.pid

    def start(self) -> None:
        """Start the program; a running one is left alone."""
        if self.is_running:
            return
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.spec.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.spec.environment(),
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the running program."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Ask the program to end, wait for its grace, then kill it."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(self.spec.stop_signal)
        try:
            self._process.wait(self.spec.grace_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the program as a power cut would, and wait until it is gone."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()

    @property
    def log_size(self) -> int:
        """Bytes of the log so far."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def has_logged(self, words: bytes, since: int) -> bool:
        """Return whether the log has the words after its first `since` bytes."""
        if self.log_size <= since:
            return False
        with self.log_file.open("rb") as log:
            log.seek(since)
            return words in log.read()

    def log_tail(self, most_bytes: int = 2000) -> str:
        """Return the end of the log."""
        if not self.log_file.exists():
            return ""
        with self.log_file.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - most_bytes))
            return log.read().decode(errors="replace").strip()

"""A whole site: `guitu up` as a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from guitu.embedded.ports import free_port_row
from guitu.up.settings import PORTS
from tests.services.folder import passable_folder

READY = "停止 / stop:"
START_LIMIT_S = 90


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def await_that(claim, what: str, limit_s: float = 30) -> None:
    """Wait until the claim holds."""
    deadline = time.monotonic() + limit_s
    while not claim():
        assert time.monotonic() < deadline, f"waited {limit_s} s for: {what}"
        time.sleep(0.05)


class Site:
    """One `guitu up`; what it prints goes to files beside its data folder."""

    def __init__(self, data: Path, *flags: str, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port_row(PORTS)
        self._out = data.with_name(f"{data.name}.out")
        self._err = data.with_name(f"{data.name}.err")
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "guitu", "up"),
                    *("--data", str(data), "--port", str(self.port), *flags),
                ],
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def shown(self) -> str:
        return self._out.read_text()

    @property
    def logged(self) -> str:
        return self._err.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def await_ready(self) -> "Site":
        def is_ready() -> bool:
            assert self.process.poll() is None, self.logged[-3000:]
            return READY in self.shown

        await_that(is_ready, "ready", START_LIMIT_S)
        return self

    def await_that(self, claim, what: str, limit_s: float = 30) -> None:
        """Wait until the claim holds; a failure shows the end of what the site has logged."""
        try:
            await_that(claim, what, limit_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; logged last: {self.logged[-3000:]}") from None

    def await_end(self, limit_s: float = 40) -> int:
        return self.process.wait(limit_s)

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.await_end()

    def end(self) -> None:
        """Whatever state it is in, leave nothing behind."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.await_end()
            except subprocess.TimeoutExpired:
                os.kill(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def pids(self, part: str = r"\w+") -> list[int]:
        """Return the processes that were started for a part, oldest first."""
        return [int(pid) for pid in re.findall(rf" started part={part} pid=(\d+)", self.logged)]

    def login(self, role: str) -> tuple[str, str]:
        """Return login and password of a role, as printed."""
        found = re.search(rf"^ +{role} +(\S+) +(\S+)$", self.shown, re.MULTILINE)
        assert found is not None, self.shown
        return found[1], found[2]

    @contextmanager
    def signed_in(self, role: str) -> Iterator[httpx.Client]:
        """Yield a client that is signed in with the printed login of a role."""
        login, password = self.login(role)
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            answer = client.post("/api/v1/session", json={"login": login, "password": password})
            assert answer.status_code == httpx.codes.OK, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            yield client


@contextmanager
def site_of(*flags: str) -> Iterator[Site]:
    """A site in a folder of its own, once it is ready; nothing of it is left."""
    with passable_folder() as folder:
        running = Site(folder / "var", *flags)
        try:
            yield running.await_ready()
        finally:
            running.end()

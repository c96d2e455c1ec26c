"""Gateways that run: on the test's own loop, or as a process that can be killed."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import Gateway
from gateway.config import GatewaySettings
from tests.gateway.place import journal_of

WAIT_S = 30.0


def reports_kept(settings: GatewaySettings) -> int:
    """Reports in the journal, as another process sees it."""
    with journal_of(settings) as journal:
        return journal.tally().reports


def samples(text: str) -> dict[str, float]:
    """Return every sample by `name{label,label}`, labels' values sorted by name."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(value for _, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


class Face:
    """What a gateway says of itself over HTTP."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.url = f"http://{settings.http_host}:{settings.http_port}"

    async def get(self, path: str) -> httpx.Response | None:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=10) as client:
            try:
                return await client.get(path)
            except httpx.TransportError:
                return None

    async def metrics(self) -> dict[str, float]:
        answer = await self.get("/metrics")
        assert answer is not None
        return samples(answer.text)

    async def state(self) -> dict[str, Any]:
        """/readyz with its status as `status`; empty while nobody answers."""
        answer = await self.get("/readyz")
        return {} if answer is None else answer.json() | {"status": answer.status_code}

    async def until(self, condition: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        """Return the state once the condition holds of it."""
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(WAIT_S):
                while not (state := await self.state()) or not condition(state):  # noqa: ASYNC110
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"waited {WAIT_S} s for: {what}; now: {state}") from None
        return state

    async def until_ready(self) -> dict[str, Any]:
        return await self.until(lambda state: state["ready"], "ready")

    async def until_kept(self, reports: int) -> None:
        """Return when the journal has so many reports, or more."""
        await until(lambda: reports_kept(self.settings) >= reports, f"{reports} reports kept")


class Running(Face):
    """A gateway on the test's loop."""

    def __init__(self, settings: GatewaySettings, gateway: Gateway) -> None:
        super().__init__(settings)
        self.gateway = gateway


@asynccontextmanager
async def running(settings: GatewaySettings, *, ready: bool = True) -> AsyncIterator[Running]:
    gateway, stop = Gateway(settings), asyncio.Event()
    task = asyncio.create_task(gateway.run(stop))
    try:
        here = Running(settings, gateway)
        if ready:
            await here.until_ready()
        yield here
    finally:
        stop.set()
        await task


class Process(Face):
    """`guitu gateway` as a process."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(settings)
        self.log_file = settings.data_dir.parent / "gateway.log"
        names = type(settings).model_fields
        values = {name: getattr(settings, name) for name in names}
        given = {
            f"GUITU_GATEWAY_{name.upper()}": str(value)
            for name, value in values.items()
            if value is not None
        }
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guitu", "gateway"],
                env=os.environ | given,
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Let no file of the process grow: the journal's WAL has no room for another entry."""
        wal = self.settings.data_dir / "journal.db-wal"
        unlimited = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        limit_bytes = max(wal.stat().st_size, self.log_file.stat().st_size + 4_096)
        assert limit_bytes < wal.stat().st_size + 4_096, "the log is the larger file"
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit_bytes, unlimited[1]))
        yield
        if self.process.poll() is None:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, unlimited)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_S)


@contextmanager
def process(settings: GatewaySettings) -> Iterator[Process]:
    started = Process(settings)
    try:
        yield started
    finally:
        started.kill()


async def until(condition: Callable[[], Any], what: str, wait_s: float = WAIT_S) -> None:
    """Return when the condition holds."""
    try:
        async with asyncio.timeout(wait_s):
            while not condition():  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"waited {wait_s} s for: {what}") from None

"""One supervised child: started, watched, started again, stopped."""

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from guitu.embedded.child import ChildSpec
from guitu.errors import ChildFailedError, GuituError
from guitu.up.lines import ScreenBudget, log_line, read_lines
from guitu.up.screen import LogFile, Screen

_FIRST_PAUSE_S: Final = 0.2
_LAST_PAUSE_S: Final = 30.0
_STEADY_S: Final = 60.0  # alive this long, a part has its patience back
_MOST_EARLY_DEATHS: Final = 5  # within _STEADY_S, before it was ever ready
_POLL_S: Final = 0.1
_NOT_STARTED: Final = 127

_log = logging.getLogger("guitu.supervisor")


class Part:
    """A child with its log, its readiness and its restarts."""

    def __init__(
        self,
        spec: ChildSpec,
        *,
        screen: Screen,
        logs: Path,
        is_ready: Callable[[], Awaitable[bool]],
        prepare: Callable[[], object] | None = None,
        may_finish: bool = False,
    ) -> None:
        """Take what to run; nothing is started yet.

        Args:
            spec: How to run it.
            screen: Where its lines are shown.
            logs: Folder of its log file.
            is_ready: Asks it whether it works.
            prepare: Runs in a thread before each start.
            may_finish: Exit code 0 is its end, not its death.
        """
        self.spec = spec
        self.name = spec.name
        self.restarts = 0
        self._screen = screen
        self._log_path = logs / f"{spec.name}.log"
        self._is_ready = is_ready
        self._prepare = prepare
        self._may_finish = may_finish
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._was_ready = False

    async def start(self, timeout_s: float) -> None:
        """Start the part and wait until it is ready.

        Raises:
            ChildFailedError: It keeps dying, or is not ready in time; the text names its log.
        """
        began_s = time.monotonic()
        self._task = asyncio.create_task(self._run(), name=f"part {self.name}")
        while not await self._is_ready():
            if self._task.done():
                self._task.result()
            if time.monotonic() - began_s > timeout_s:
                raise ChildFailedError(
                    f"{self.name} is not ready after {timeout_s:.0f} s; see {self._log_path}"
                )
            await asyncio.sleep(_POLL_S)
        self._was_ready = True
        _log.info(
            "ready", extra={"part": self.name, "after_s": f"{time.monotonic() - began_s:.2f}"}
        )

    def require_supervised(self) -> None:
        """Raise what ended the part's supervision, if anything did."""
        if self._task is not None and self._task.done():
            self._task.result()

    def signal(self, number: int) -> None:
        """Send a signal to the running process, if there is one."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def stop(self) -> None:
        """Ask the part to end, wait for its grace, then kill it. Safe at any time."""
        task, process = self._task, self._process
        if task is None:
            return
        self._task = None
        if process is not None and process.returncode is None:
            self.signal(self.spec.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.spec.grace_s)
            except TimeoutError:
                _log.warning("killed", extra={"part": self.name, "grace_s": self.spec.grace_s})
                self.kill()
                await process.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        _log.info("stopped", extra={"part": self.name})

    def kill(self) -> None:
        """Kill the running process at once."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _run(self) -> None:
        deaths: deque[float] = deque(maxlen=_MOST_EARLY_DEATHS)
        pause_s = _FIRST_PAUSE_S
        while True:
            began_s = time.monotonic()
            code = await self._code_of_run()
            if self._task is None:
                return  # it was asked to
            if code == 0 and self._may_finish:
                _log.info("finished", extra={"part": self.name})
                return
            deaths.append(time.monotonic())
            self._require_patience(deaths, code)
            if time.monotonic() - began_s > _STEADY_S:
                pause_s = _FIRST_PAUSE_S
            # Jitter: parts that died of one cause do not come back in one moment.
            wait_s = pause_s * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
            self.restarts += 1
            _log.warning(
                "restarting", extra={"part": self.name, "code": code, "in_s": f"{wait_s:.1f}"}
            )
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, _LAST_PAUSE_S)

    async def _code_of_run(self) -> int:
        try:
            return await self._run_once()
        except (OSError, GuituError) as error:
            # A first start says what is wrong and ends; later, a full disk or a process limit
            # may pass, and the part comes back when it has.
            if not self._was_ready:
                raise ChildFailedError(f"{self.name} cannot be started: {error}") from error
            _log.error("start_failed", extra={"part": self.name, "reason": str(error)})
            return _NOT_STARTED

    def _require_patience(self, deaths: deque[float], code: int) -> None:
        if self._was_ready or len(deaths) < _MOST_EARLY_DEATHS:
            return
        if deaths[-1] - deaths[0] < _STEADY_S:
            raise ChildFailedError(
                f"{self.name} died {len(deaths)} times at its first start, last with code {code}; "
                f"see {self._log_path}"
            )

    async def _run_once(self) -> int:
        if self._prepare is not None:
            await asyncio.to_thread(self._prepare)
        # Opened before the child: a failure after its start would leave it running unwatched.
        file = LogFile(self._log_path)
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self.spec.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=self.spec.environment(),
                start_new_session=True,
            )
            _log.info("started", extra={"part": self.name, "pid": process.pid})
            await self._pump(process, file)
            return await process.wait()
        finally:
            file.close()

    async def _pump(self, process: asyncio.subprocess.Process, file: LogFile) -> None:
        if process.stdout is None:
            return
        budget, loop = ScreenBudget(), asyncio.get_running_loop()
        async for text in read_lines(process.stdout):
            line = log_line(self.name, text)
            file.write(line.text)
            if not line.for_screen:
                continue
            is_admitted, held_back = budget.admit(loop.time()) if line.is_foreign else (True, 0)
            if held_back:
                _log.warning("held_back part=%s lines=%d: its log has them", self.name, held_back)
            if is_admitted:
                self._screen.show(line.text)

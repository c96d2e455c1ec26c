"""Fetches commands, hands them to the courier, tells the server what became of them.

Nothing here is in the way of the intake: every step is a short one on the loop, the server is
asked and told by tasks of their own, and the file is written by a thread.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import httpx
import msgspec

from firmware_protocols.errors import CommandError
from firmware_protocols.message import Reply
from firmware_protocols.topics import Topic
from gateway.commands.book import CommandBook
from gateway.commands.courier import Courier
from gateway.commands.keeping import read_kept, write_kept
from gateway.commands.wire import EVENTS_MAX, read_list, write_events
from gateway.metrics import Metrics

log = logging.getLogger("guitu.gateway.commands")

PATH: Final = "/api/v1/gateway/commands"
FILE: Final = "commands.json"
WAIT_S: Final = 25
_FETCH_TIMEOUT_S: Final = WAIT_S + 10.0
_REPORT_TIMEOUT_S: Final = 15.0
_PACE_S: Final = 1.0
"""Between two lists while something waits for its device: the server answers those at once."""

_LISTED_PER_S: Final = 500
"""A long list is asked for less often, so that it does not fill a slow link."""

_LOOK_EVERY_S: Final = 1.0
_RETRY_FIRST_S: Final = 0.5
_RETRY_MAX_S: Final = 30.0
_SLOW_S: Final = 60.0
_NO_SUCH_PLACE: Final = frozenset((401, 403, 404, 405))
"""A server that has no commands yet, or does not know us: no reason to ask often."""

_WRONG: Final = frozenset((400, 409, 413, 422))
_US_PER_MS: Final = 1_000


class CommandDesk:
    """The gateway's part in commands."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        courier: Courier,
        data_dir: Path,
        answer_s: float,
        metrics: Metrics,
        clock_us: Callable[[], int],
    ) -> None:
        """Take up what an earlier life left; `run` works.

        Args:
            client: HTTP client with base address and credentials.
            courier: Reaches the devices.
            data_dir: Folder for the file of what is open.
            answer_s: An answer is expected within this time.
            metrics: Counts.
            clock_us: Our clock.

        Raises:
            GatewayError: The file of what is open is not one of ours.
        """
        self._client = client
        self._courier = courier
        self._file = data_dir / FILE
        self._metrics = metrics
        self._clock_us = clock_us
        self.book = CommandBook(read_kept(self._file), answer_ms=round(answer_s * 1_000))
        self._look = asyncio.Event()
        self._tell = asyncio.Event()
        self._unsaved = asyncio.Event()
        self._saving = asyncio.Lock()
        self._troubles: dict[str, str] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        self._note()
        parts = (self._fetch(), self._dispatch(), self._report(), self._save())
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._save_once()

    def heard(self, topics: Iterable[Topic]) -> None:
        """Note that devices have just spoken over MQTT."""
        self._courier.heard(topics)
        if self.book.waiting:
            self._look.set()

    def replied(self, device: str, reply: Reply) -> None:
        """Take a device's answer."""
        if self.book.replied(device, reply, self._now_ms()):
            self._unsaved.set()
            self._note()
        else:
            log.info("reply_unmatched device=%s to=%s", device, reply.to)

    async def saved(self) -> None:
        """Return when everything that was taken is on the disk; until it is, it is tried again."""
        delay_s = _RETRY_FIRST_S
        while not await self._save_once():
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _RETRY_MAX_S)

    async def _fetch(self) -> None:
        delay_s = _RETRY_FIRST_S
        while True:
            wait_s = await self._fetch_once()
            if wait_s is None:
                wait_s, delay_s = delay_s * random.uniform(0.5, 1.5), delay_s * 2  # noqa: S311  # jitter
                delay_s = min(delay_s, _RETRY_MAX_S)
            else:
                delay_s = _RETRY_FIRST_S
            await asyncio.sleep(wait_s)

    async def _fetch_once(self) -> float | None:
        """Return how long to wait before asking again; None to back off."""
        # With something in hand the list is looked at again and again: it may be withdrawn.
        wait_s = 0 if self.book.waiting else WAIT_S
        try:
            answer = await self._client.get(
                PATH, params={"wait_s": wait_s}, timeout=_FETCH_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            self._trouble("fetch", f"server unreachable: {type(error).__name__}")
            return None
        if answer.status_code in _NO_SUCH_PLACE:
            self._trouble("fetch", f"server answered {answer.status_code} to GET {PATH}")
            return _SLOW_S
        if not answer.is_success:
            self._trouble("fetch", f"server answered {answer.status_code} to GET {PATH}")
            return None
        try:
            listed, faults = read_list(answer.content)
        except msgspec.DecodeError as error:
            self._trouble("fetch", f"server's list is not to be understood: {error}")
            return None
        for fault in faults:
            self._trouble("list", f"a command is left out: {fault}")
        self._trouble("fetch", None)
        if self.book.take_list(listed):
            self._look.set()
        if not listed and wait_s:
            return 0.0
        return _PACE_S * max(1.0, len(listed) / _LISTED_PER_S)

    async def _dispatch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            self.book.expire(self._now_ms())
            for listed, command in list(self.book.waiting.values()):
                try:
                    sent = self._courier.send(listed.device, command)
                except CommandError as error:
                    self.book.refused(command.id, str(error), self._now_ms())
                else:
                    if sent is not None:
                        self.book.sent(command.id, sent.key, self._now_ms())
                        log.info("command_sent command=%s device=%s", command.id, listed.device)
            self._note()

    async def _report(self) -> None:
        delay_s, most = _RETRY_FIRST_S, EVENTS_MAX
        while True:
            await self._tell.wait()
            batch = [event for event, _ in zip(self.book.events, range(most), strict=False)]
            if not batch:
                self._tell.clear()
                continue
            verdict = await self._report_once(write_events(batch))
            if verdict == "taken":
                self.book.told(batch)
                delay_s, most = _RETRY_FIRST_S, EVENTS_MAX
            elif verdict == "wrong" and len(batch) > 1:
                most = 1  # one of them: found by sending each alone
            elif verdict == "wrong":
                log.error("event_dropped command=%s state=%s", batch[0].command, batch[0].state)
                self.book.told(batch)
            else:
                wait_s = _SLOW_S if verdict == "nowhere" else delay_s
                await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  # jitter
                delay_s = min(delay_s * 2, _RETRY_MAX_S)

    async def _report_once(self, body: bytes) -> str:
        try:
            answer = await self._client.post(
                PATH,
                content=body,
                headers={"Content-Type": "application/json"},
                timeout=_REPORT_TIMEOUT_S,
            )
        except httpx.HTTPError as error:
            self._trouble("report", f"server unreachable: {type(error).__name__}")
            return "away"
        if answer.is_success:
            self._trouble("report", None)
            return "taken"
        self._trouble("report", f"server answered {answer.status_code}: {answer.text[:200]}")
        if answer.status_code in _WRONG:
            return "wrong"
        return "nowhere" if answer.status_code in _NO_SUCH_PLACE else "away"

    async def _save(self) -> None:
        while True:
            try:
                # What comes by TCP is not acknowledged to anybody: it is saved at once, all else
                # within this time.
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._unsaved.wait()
            except TimeoutError:
                pass
            self._unsaved.clear()
            if not await self._save_once():
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _save_once(self) -> bool:
        """Write what has changed; False when the disk would not take it."""
        async with self._saving:
            if not self.book.is_changed:
                return True
            self.book.is_changed = False
            body = msgspec.json.encode(self.book.kept())
            try:
                await asyncio.to_thread(write_kept, self._file, body)
            except OSError as error:
                self.book.is_changed = True
                log.warning("commands_not_saved error=%s", error)
                return False
            return True

    def _note(self) -> None:
        self._metrics.commands_open.set(self.book.open_count)
        for state, count in self.book.reached.items():
            self._metrics.commands.labels(state).inc(count)
        self.book.reached.clear()
        if self.book.events:
            self._tell.set()

    def _now_ms(self) -> int:
        return self._clock_us() // _US_PER_MS

    def _trouble(self, what: str, trouble: str | None) -> None:
        if trouble is None:
            if self._troubles.pop(what, None) is not None:
                log.info("commands_resumed what=%s", what)
        elif self._troubles.get(what) != trouble:
            self._troubles[what] = trouble
            log.warning("commands_waiting what=%s reason=%s", what, trouble)

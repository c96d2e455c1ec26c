"""A device's life whatever its link is: reports on time, keeps, sends, sends again, comes back.

A subclass is the link: it visits the other side once per connection and writes what it is given.
"""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from typing import Final, Literal

from device_sims.dice import Dice
from device_sims.feed import Emission, Feed
from device_sims.memory import Memory, Outgoing
from device_sims.obedience import Obedience
from device_sims.surroundings import Surroundings
from firmware_protocols.command import Command
from firmware_protocols.message import Reply

log = logging.getLogger(__name__)

BACKOFF_S: Final = (0.5, 30.0)
"""First and longest wait before the next attempt to connect; half of it is random."""

_MS_PER_S: Final = 1_000

Ending = Literal["left", "lost", "refused"]
"""How a visit ended: by the device itself, by the link, or by the other side's refusal."""


class Life(ABC):
    """One device; `run` ends when it has been told to leave, or has nothing left to do."""

    def __init__(self, feed: Feed, around: Surroundings, *, message_reports: int) -> None:
        """Take what it says, where it is, and how many reports its messages hold."""
        self._feed = feed
        self._around = around
        self.memory = Memory(
            resend_after_s=around.resend_after_s,
            message_reports=min(around.message_reports, message_reports),
        )
        self._dice = Dice(0, feed.identity.device, "backoff")
        takes_tasks = feed.identity.kind == "terminal"
        self._obedience = Obedience(feed.identity.device, feed.schedule, takes_tasks=takes_tasks)
        self._reporting: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._dark_until_ms: float | None = None
        self._is_newest_first = False
        self._is_linked = True
        self._attempt = 0
        self._is_leaving = False
        self.has_reported_all = False

    def leave(self) -> None:
        """Say good-bye and end, whatever is still in memory."""
        self._is_leaving = True
        self._wake.set()

    async def run(self) -> None:
        """Live."""
        async with asyncio.TaskGroup() as group:
            making = group.create_task(self._make())
            try:
                await self._stay_linked()
            finally:
                making.cancel()
                if self._timer is not None:
                    self._timer.cancel()

    @abstractmethod
    async def _visit(self) -> Ending:
        """Connect once and converse until there is a reason to leave."""

    @abstractmethod
    async def _publish(self, outgoing: Outgoing) -> None:
        """Write a message; the memory is told what went out."""

    @abstractmethod
    async def _answer(self) -> None:
        """Write the answers to commands that wait for the link."""

    async def _make(self) -> None:
        """Report as the feed says; ask it again whenever a command has changed its times."""
        while not self.has_reported_all:
            self._reporting = asyncio.create_task(self._report())
            try:
                await asyncio.wait({self._reporting})
            finally:
                self._reporting.cancel()
            if not self._reporting.cancelled():
                self._reporting.result()

    async def _report(self) -> None:
        around = self._around
        for emission in self._feed.emissions():
            time_ms = emission.moment_ms
            if around.stop_ms is not None and time_ms >= around.stop_ms:
                break
            await around.clock.sleep_until(time_ms)
            if not around.may_report():
                break
            self._keep(emission)
        self.has_reported_all = True
        self._wake.set()

    def _keep(self, emission: Emission) -> None:
        spell = self._feed.spell(emission.moment_ms / _MS_PER_S)
        if spell is not None:
            self._dark_until_ms = spell.end_s * _MS_PER_S
            self._is_newest_first = spell.is_newest_first
        forgotten = self.memory.forgotten
        self.memory.add(emission, is_backlog=spell is not None or not self._is_linked)
        self._around.counts.reports += 1
        self._around.counts.forgotten += self.memory.forgotten - forgotten
        self._wake.set()

    async def _stay_linked(self) -> None:
        while not self._is_leaving:
            if self._dark_until_ms is not None:
                await self._around.clock.sleep_until(self._dark_until_ms)
                self._dark_until_ms = None
            ending = await self._visit()
            if ending != "left":
                await self._pause(ending)

    def _note_link(self) -> None:
        """Take note that the other side lets the device in."""
        self._attempt = 0
        self._is_linked = True
        self._around.counts.connected += 1

    async def _pause(self, ending: Ending) -> None:
        self._is_linked = False
        self._attempt += 1
        counts = self._around.counts
        if ending == "refused":
            counts.refused += 1
        else:
            counts.lost_links += 1
        first_s, longest_s = BACKOFF_S
        wait_s = min(first_s * 2 ** min(self._attempt - 1, 10), longest_s)
        wait_s *= self._dice.uniform(counts.lost_links + self._attempt, 0.5, 1.0)
        log.debug("link_down device=%s wait_s=%.1f", self._feed.identity.device, wait_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while not self._is_leaving:
                    self._wake.clear()
                    await self._wake.wait()

    def _obey(self, command: Command) -> Reply:
        """Do what a command asks, and return what there is to answer."""
        reply, is_replanned = self._obedience.obey(command, round(self._around.clock.now_ms()))
        if is_replanned and self._reporting is not None:
            self._reporting.cancel()
        self._around.counts.commands += 1
        return reply

    async def _send(self) -> None:
        """Send what there is until there is a reason to leave."""
        clock = self._around.clock
        while not self._is_leaving and self._dark_until_ms is None:
            self._wake.clear()
            await self._answer()
            if self.has_reported_all and not self.memory:
                self._is_leaving = True
                return
            outgoing = self.memory.take(is_newest_first=self._is_newest_first)
            if outgoing is not None:
                await self._publish(outgoing)
                continue
            self._is_newest_first = False
            for again in self.memory.due(clock.real_s()):
                await self._publish(again)
            self._set_timer()
            await self._wake.wait()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        at_s = self.memory.next_resend_s()
        loop = asyncio.get_running_loop()
        self._timer = None if at_s is None else loop.call_at(at_s, self._wake.set)

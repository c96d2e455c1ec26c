"""What is known of every command that is on its way: a state machine without I/O or clock."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from firmware_protocols.command import Command
from firmware_protocols.message import Reply, TaskFinding
from gateway.commands.wire import Event, Listed, State
from gateway.directory.snapshot import to_text

OPEN_MAX: Final = 5_000
"""Commands on their way at most; what is listed beyond it is listed again later."""

LATE_ANSWER_MS: Final = 86_400_000
"""So long after it was sent, an answer still finds its command."""

_RECENT_MAX: Final = 20_000
_DETAIL_MAX: Final = 200


class Sending(msgspec.Struct):
    """A command on its way.

    Attributes:
        id: The command's id at the server.
        device: Whose it is.
        sent_ms: When it was written, milliseconds since 1970 UTC.
        key: What its Reply carries in `to`; empty when it is never answered.
        is_overdue: The server was told that it timed out.
    """

    id: str
    device: str
    sent_ms: int
    key: str
    is_overdue: bool = False


class Kept(msgspec.Struct):
    """What outlives the program.

    Attributes:
        sendings: Commands without an answer.
        events: What the server has not.
        tasks: Commands that send somebody, who may say more.
    """

    sendings: list[Sending] = []
    events: list[Event] = []
    tasks: list[Sending] = []


class CommandBook:
    """Commands that wait for their device, and those that wait for its answer.

    Attributes:
        waiting: Listed and not sent, by id, oldest first.
        events: What the server has not been told yet, in order.
        is_changed: Set by every change of what `kept` returns; whoever saves clears it.
        reached: How often each state was reached; whoever counts clears it.
    """

    def __init__(self, kept: Kept, *, answer_ms: int) -> None:
        """Start with what an earlier life left.

        Args:
            kept: What `kept` returned then.
            answer_ms: An answer is expected within this time.
        """
        self.waiting: dict[str, tuple[Listed, Command]] = {}
        self.events: deque[Event] = deque(kept.events)
        self.is_changed = False
        self.reached: Counter[str] = Counter()
        self._answer_ms = answer_ms
        self._sendings = {sending.id: sending for sending in kept.sendings}
        self._by_key = {(s.device, s.key): s.id for s in kept.sendings if s.key}
        self._tasks = {(task.device, task.key): task for task in kept.tasks}
        self._recent = dict.fromkeys([*self._sendings, *(event.command for event in kept.events)])

    @property
    def open_count(self) -> int:
        """Commands that wait for their device or its answer."""
        overdue = sum(1 for sending in self._sendings.values() if sending.is_overdue)
        return len(self.waiting) + len(self._sendings) - overdue

    def kept(self) -> Kept:
        """Return what must outlive the program."""
        return Kept(list(self._sendings.values()), list(self.events), list(self._tasks.values()))

    def take_list(self, listed: Sequence[tuple[Listed, Command]]) -> int:
        """Take what the server lists now; what it lists no more was withdrawn.

        Returns:
            How many are new.
        """
        now_listed = {entry.command for entry, _ in listed}
        for gone in [key for key in self.waiting if key not in now_listed]:
            del self.waiting[gone]
        new = 0
        for entry, command in listed:
            if entry.command in self.waiting or entry.command in self._recent:
                continue
            if len(self.waiting) + len(self._sendings) >= OPEN_MAX:
                break
            self.waiting[entry.command] = (entry, command)
            new += 1
        return new

    def sent(self, command: str, key: str, now_ms: int) -> None:
        """Note that a waiting command was written, with the key of its answer."""
        entry, _ = self.waiting.pop(command)
        detail = "" if key else "this protocol never answers it"
        self._tell(command, "sent", now_ms, detail)
        if key:
            self._sendings[command] = Sending(command, entry.device, now_ms, key)
            self._by_key[entry.device, key] = command
            if entry.name == "task":
                self._tasks[entry.device, key] = Sending(command, entry.device, now_ms, key)

    def refused(self, command: str, detail: str, now_ms: int) -> None:
        """Note that a waiting command cannot be sent."""
        del self.waiting[command]
        self._tell(command, "refused", now_ms, detail)

    def replied(self, device: str, reply: Reply, now_ms: int) -> bool:
        """Note an answer; False when it answers nothing that is known here."""
        if reply.step is not None:
            return self._stepped(device, reply, now_ms)
        command = self._by_key.pop((device, reply.to), None)
        if command is None or self._sendings.pop(command, None) is None:
            return False
        # What a device says when it obeys may be where it is: a place has no business in a
        # command's record.
        if reply.ok is False:
            self._tell(command, "refused", now_ms, reply.text or _result(reply))
        else:
            self._tell(command, "answered", now_ms, "")
        return True

    def _stepped(self, device: str, reply: Reply, now_ms: int) -> bool:
        task = self._tasks.get((device, reply.to))
        if task is None or reply.step is None or reply.step == "seen":
            return False
        own = tuple(one if "/" in one else f"{device}/{one}" for one in reply.media)
        self._tell(task.id, reply.step, now_ms, reply.text, finding=reply.finding, media=own)
        return True

    def expire(self, now_ms: int) -> None:
        """Let time pass: what was not sent or not answered in time has timed out."""
        for command, (entry, _) in list(self.waiting.items()):
            if entry.expires_ms <= now_ms:
                del self.waiting[command]
                self._tell(command, "timed_out", now_ms, "not sent: the device was not reachable")
        for sending in list(self._sendings.values()):
            age_ms = now_ms - sending.sent_ms
            if age_ms >= self._answer_ms and not sending.is_overdue:
                sending.is_overdue = True
                self._tell(sending.id, "timed_out", now_ms, "sent, and not answered")
            if age_ms >= LATE_ANSWER_MS:
                del self._sendings[sending.id]
                if self._by_key.get((sending.device, sending.key)) == sending.id:
                    del self._by_key[sending.device, sending.key]
                self.is_changed = True

        for key, task in list(self._tasks.items()):
            if now_ms - task.sent_ms >= LATE_ANSWER_MS:
                del self._tasks[key]
                self.is_changed = True

    def told(self, events: Iterable[Event]) -> None:
        """Note that the server has, or will never take, the oldest events."""
        for _ in events:
            self.events.popleft()
            self.is_changed = True

    def _tell(
        self,
        command: str,
        state: State,
        now_ms: int,
        detail: str | None,
        *,
        finding: TaskFinding | None = None,
        media: tuple[str, ...] = (),
    ) -> None:
        words = (detail or "")[:_DETAIL_MAX]
        told = Event(command, state, to_text(now_ms), words, finding or UNSET, media or UNSET)
        self.events.append(told)
        self.is_changed = True
        self.reached[state] += 1
        # The server lists a command until it has been told; an older list may still be on its way.
        self._recent[command] = None
        while len(self._recent) > _RECENT_MAX:
            del self._recent[next(iter(self._recent))]


def _result(reply: Reply) -> str:
    """Return the protocol's own word for a refusal."""
    result = reply.extra.get("result")
    return "" if result is None else f"result: {result}"

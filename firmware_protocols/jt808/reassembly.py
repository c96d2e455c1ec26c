"""Parts of long messages, held until a message is whole (JT/T 808-2019 clause 4.4.3, table 3).

The standard numbers parts one after the other, and some firmware lets other messages take numbers
between them; what holds everywhere is that a later part has a later serial. A part joins the
message that its serial fits, so that parts of two messages of one kind are not mixed.
"""

from dataclasses import dataclass, field
from typing import Final

from firmware_protocols.errors import OversizedError
from firmware_protocols.jt808.header import Frame

TIMEOUT_MS: Final = 300_000
"""Five minutes from the first part, by when a terminal has given up and sends all of it again."""

QUIET_MS: Final = 10_000
"""Without a part for so long, the missing ones are asked for, and again after as long."""

MAX_REQUESTS: Final = 5
MAX_REQUESTED_PARTS: Final = 255
"""The count of 0x8003 is a BYTE before 2019."""

MAX_MESSAGE_PARTS: Final = 500
"""Half a megabyte of body: a large photograph."""

MAX_HELD_BYTES: Final = 1_048_576
"""Of one connection; 500 frames with every byte escaped take less."""

MAX_MESSAGES: Final = 8
_SERIALS: Final = 1 << 16
_MAX_GAP: Final = 64
"""Farthest that a serial lies beyond where the standard puts it (17 in a captured message)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A frame that is a part, and its bytes as they came."""

    frame: Frame
    raw: bytes


@dataclass(slots=True)
class Assembly:
    """A message of which parts are still missing."""

    message_id: int
    count: int
    began_ms: int
    heard_ms: int
    parts: dict[int, Part] = field(default_factory=dict)
    requests: int = 0
    held_bytes: int = 0

    @property
    def first_serial(self) -> int:
        """Serial of the first part, or where the standard puts it."""
        number = min(self.parts)
        return (self.parts[number].frame.serial - (number - 1)) % _SERIALS

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that are not here."""
        return tuple(number for number in range(1, self.count + 1) if number not in self.parts)

    def has(self, frame: Frame) -> bool:
        """Tell whether this very part is here already."""
        held = self.parts.get(frame.part)
        return held is not None and held.frame == frame

    def misfit(self, frame: Frame) -> int | None:
        """Return how far a part's serial is from where the standard puts it; None if elsewhere."""
        if frame.message_id != self.message_id or frame.parts != self.count:
            return None
        if frame.part in self.parts:
            return 0 if self.has(frame) else None
        if all(held.frame.serial == frame.serial for held in self.parts.values()):
            return 0  # some firmware gives all parts one serial
        gaps = [_gap(held.frame, frame) for held in self.parts.values()]
        if all(0 <= gap <= _MAX_GAP for gap in gaps):
            return max(gaps)
        # What was asked for may come under a new serial.
        return _MAX_GAP + 1 if self.requests else None


class Assembler:
    """Holds the parts of one connection, bounded."""

    def __init__(self) -> None:
        """Start without parts."""
        self._assemblies: list[Assembly] = []

    @property
    def held_bytes(self) -> int:
        """Bytes of all parts that wait for others."""
        return sum(assembly.held_bytes for assembly in self._assemblies)

    def add(self, frame: Frame, raw: bytes, now_ms: int) -> tuple[Part, ...]:
        """Return all parts of the message that this one completes, in order; else nothing.

        Args:
            frame: A frame with `parts`.
            raw: Its bytes as they came.
            now_ms: Our clock.

        Raises:
            OversizedError: The message has more than MAX_MESSAGE_PARTS parts.
        """
        if frame.parts > MAX_MESSAGE_PARTS:
            raise OversizedError(
                f"a message of {frame.parts} parts; {MAX_MESSAGE_PARTS} are taken", frame=raw
            )
        self.expire(now_ms)
        assembly = self._assembly_for(frame, now_ms)
        if not assembly.has(frame):
            assembly.parts[frame.part] = Part(frame, raw)
            assembly.held_bytes += len(raw)
        assembly.heard_ms = now_ms
        if len(assembly.parts) == assembly.count:
            self._assemblies.remove(assembly)
            return tuple(assembly.parts[number] for number in range(1, assembly.count + 1))
        while self.held_bytes > MAX_HELD_BYTES or len(self._assemblies) > MAX_MESSAGES:
            # The oldest goes: it was not acknowledged, so its terminal sends it again.
            self._assemblies.remove(next(old for old in self._assemblies if old is not assembly))
        return ()

    def expire(self, now_ms: int) -> None:
        """Drop what has waited for TIMEOUT_MS; the clock may have been set back."""
        self._assemblies = [
            assembly
            for assembly in self._assemblies
            if abs(now_ms - assembly.began_ms) < TIMEOUT_MS
        ]

    def overdue(self, now_ms: int) -> list[Assembly]:
        """Return the messages whose missing parts are to be asked for now; noted as asked."""
        self.expire(now_ms)
        overdue = [
            assembly
            for assembly in self._assemblies
            if abs(now_ms - assembly.heard_ms) >= QUIET_MS and assembly.requests < MAX_REQUESTS
        ]
        for assembly in overdue:
            assembly.heard_ms = now_ms
            assembly.requests += 1
        return overdue

    def _assembly_for(self, frame: Frame, now_ms: int) -> Assembly:
        fits = [
            (misfit, assembly)
            for assembly in self._assemblies
            if (misfit := assembly.misfit(frame)) is not None
        ]
        if fits:
            return min(fits, key=lambda fit: fit[0])[1]
        assembly = Assembly(frame.message_id, frame.parts, began_ms=now_ms, heard_ms=now_ms)
        self._assemblies.append(assembly)
        return assembly


def _gap(one: Frame, other: Frame) -> int:
    """Return how much farther apart two parts' serials are than the parts; negative if nearer."""
    early, late = (one, other) if one.part < other.part else (other, one)
    return (late.serial - early.serial) % _SERIALS - (late.part - early.part)

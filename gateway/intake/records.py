"""Messages record by record: the way of what is odd, and the oracle of the columns."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS, URGENT_ALARMS
from firmware_protocols.codec import AckRange, Context
from firmware_protocols.columns import reports_of
from firmware_protocols.errors import DecodeError
from firmware_protocols.kiosk.challenge import REQUEST
from firmware_protocols.message import (
    CheckIn,
    Heartbeat,
    Login,
    Media,
    Message,
    Reply,
    Report,
    Request,
    Unknown,
)
from firmware_protocols.topics import Topic
from gateway.directory.snapshot import Directory
from gateway.faces.challenging import Asked
from gateway.faces.shown import Shown
from gateway.intake.addressed import Addressed
from gateway.intake.gathered import Gathered
from gateway.intake.lawfulness import Lawfulness, alarms_only
from gateway.intake.media_index import announced_by
from gateway.intake.plain import RowBatch, party_of
from gateway.intake.received import Received
from gateway.intake.recorder_state import with_recorder_state
from gateway.intake.refusal import Refusal
from gateway.intake.soundness import report_of_heartbeat, says_state, sound
from gateway.journal.announced import Announced
from gateway.journal.entry import Refused

MS_PER_S: Final = 1_000
CHECKIN_KINDS: Final = ("kiosk", "phone")
_MAX_TEXT: Final = 300
_US_PER_MS: Final = 1_000


@dataclass(slots=True)
class Gathering:
    """What the messages of a batch have come to so far; the fields are those of Decoded."""

    gathered: Gathered = field(default_factory=Gathered)
    refused: list[Refused] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    acknowledge: dict[Topic, list[AckRange]] = field(default_factory=dict)
    replies: list[tuple[str, Reply]] = field(default_factory=list)
    signals: Counter[str] = field(default_factory=Counter)
    announced: list[Announced] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


class Records:
    """Takes messages under one directory."""

    def __init__(
        self,
        directory: Directory,
        lawfulness: Lawfulness,
        *,
        tolerance_ms: int,
        payload_bytes_max: int,
        room_for_faces: Callable[[], bool] | None,
    ) -> None:
        """Judge under `directory`.

        Args:
            directory: Who wears what, and under which order.
            lawfulness: What of it may be kept.
            tolerance_ms: A fix time further ahead of our clock is refused.
            payload_bytes_max: Bytes of a refused message that are kept.
            room_for_faces: Whether another attempt to check in may wait; None: none is taken.
        """
        self._room_for_faces = room_for_faces
        self._directory = directory
        self._lawfulness = lawfulness
        self._tolerance_ms = tolerance_ms
        self._payload_bytes_max = payload_bytes_max

    def take_records(self, index: int, one: Addressed, out: Gathering) -> None:
        """Take a message record by record."""
        try:
            found = self._messages(one)
        except Refusal as refusal:
            self.refuse(one.message, refusal, out)
            return
        seen = out.acknowledge.setdefault(one.topic, [])
        if one.codec.encode_ack is not None:
            seen += [(said.boot, said.seq, said.seq) for said in found if isinstance(said, Report)]
            kept = [said.extra for said in found if isinstance(said, Media) and said.extra]
            seen += [(name["boot"], name["seq"], name["seq"]) for name in kept]
        fix_times_ms = [said.fix_time_ms for said in found if isinstance(said, Report)]
        self._take_each(index, one, list(enumerate(found)), fix_times_ms, out)

    def take_odd(
        self, index: int, one: Addressed, batch: RowBatch, odd: NDArray[np.int64], out: Gathering
    ) -> None:
        """Take those reports of a message that columns do not."""
        records = reports_of(batch.rows[odd], one.topic.device)
        found = list(zip(batch.nth[odd].tolist(), records, strict=True))
        self._take_each(index, one, found, batch.rows_of(index)["fix_time_ms"].tolist(), out)

    def _take_each(
        self,
        index: int,
        one: Addressed,
        found: Sequence[tuple[int, Message]],
        fix_times_ms: Sequence[int],
        out: Gathering,
    ) -> None:
        refused_for: set[str] = set()
        for nth, said in found:
            try:
                self._take(said, (index, nth), one, out)
            except Refusal as refusal:
                out.counts[refusal.reason] += 1
                # Outside an order is ordinary life: only counted.
                if refusal.reason != "no_order" and refusal.reason not in refused_for:
                    refused_for.add(refusal.reason)
                    refusal.keep_bytes &= self.may_keep(one.topic, one.message, fix_times_ms)
                    out.refused.append(self._refused(one.message, refusal))

    def refuse(self, message: Received, refusal: Refusal, out: Gathering) -> None:
        """Note that a message is refused whole."""
        out.counts[refusal.reason] += 1
        if message.fault is None or message.fault.has_row:
            out.refused.append(self._refused(message, refusal))

    def may_keep(self, topic: Topic, message: Received, fix_times_ms: Sequence[int]) -> bool:
        """Return whether bytes of a message may be kept although it is refused."""
        at_ms = message.received_at_us // _US_PER_MS
        return self._lawfulness.may_keep_bytes(topic.device, at_ms, fix_times_ms)

    def _messages(self, one: Addressed) -> list[Message]:
        message, topic = one.message, one.topic
        if message.fault is not None:
            raise self._undecodable(message, topic, message.fault.reason, message.fault.detail)
        try:
            return one.codec.open(message.context or Context(device=topic.device))(message.payload)
        except DecodeError as error:
            raise self._undecodable(message, topic, error.reason, str(error)) from error

    def _undecodable(self, message: Received, topic: Topic, reason: str, detail: str) -> Refusal:
        if self.may_keep(topic, message, ()):
            return Refusal(reason, detail, keep_bytes=True)
        # What was wrong may quote the bytes, and with them a place.
        return Refusal(
            reason, "not to be decoded; without an order nothing is quoted", keep_bytes=False
        )

    def _take(
        self, said: Message, place: tuple[int, int], sender: Addressed, out: Gathering
    ) -> None:
        message = sender.message
        if isinstance(said, Report):
            kept = sound(said)
            if sender.device.kind == "recorder":
                least_pct = self._directory.parameters.whole("recorder_storage_pct")
                kept = with_recorder_state(kept, least_pct)
            if not said.valid and said.kind == "fix":
                out.counts["invalid_fix"] += 1
            self._accept(kept, place, sender, out)
        elif isinstance(said, Heartbeat) and says_state(said):
            report = report_of_heartbeat(said, message.received_at_us, place[1])
            self._accept(report, place, sender, out)
        elif message.context is not None and isinstance(said, Reply | Login):
            pass  # the session has told already; frames may carry their login along
        elif isinstance(said, Reply):
            out.replies.append((sender.topic.device, said))
        elif isinstance(said, Unknown):
            detail = f"message {said.message} is sound, but not one that is known here"
            raise Refusal("unknown_message", detail, keep_bytes=True)
        elif isinstance(said, Media):
            out.announced.append(announced_by(said, sender, self._tolerance_ms))
        elif isinstance(said, CheckIn | Request):
            self._take_of_kiosk(said, sender, out)
        else:
            out.signals[type(said).__name__.lower()] += 1

    def _accept(
        self, report: Report, place: tuple[int, int], sender: Addressed, out: Gathering
    ) -> None:
        topic, received_at_us = sender.topic, sender.message.received_at_us
        received_ms = received_at_us // _US_PER_MS
        ahead_ms = report.fix_time_ms - received_ms
        is_ahead = ahead_ms > self._tolerance_ms
        binding = self._directory.binding_at(topic.device, report.fix_time_ms)
        if report.alarms and (is_ahead or binding is None):
            urgent = tuple(alarm for alarm in report.alarms if ALARM_BITS[alarm] & URGENT_ALARMS)
            if urgent:
                # A wrong clock must not silence an SOS or a cut strap: they count as of now.
                report, is_ahead = alarms_only(report, urgent, received_ms), False
                binding = self._directory.binding_at(topic.device, received_ms)
        if is_ahead:
            detail = f"fix time {ahead_ms / MS_PER_S:.0f} s ahead of our clock"
            raise Refusal("future", detail, keep_bytes=True)
        if binding is None:
            detail = f"nobody held {topic.device!r} at the fix time"
            raise Refusal("unbound", detail, keep_bytes=False)
        report = self._lawfulness.kept_of(report, binding, topic.kind)
        party = party_of(sender.device.org, topic.device, binding.holder_kind, binding.holder)
        out.gathered.add(report, place, party, received_at_us)

    def _take_of_kiosk(self, said: CheckIn | Request, sender: Addressed, out: Gathering) -> None:
        if isinstance(said, CheckIn):
            out.shown.append(self._shown(said, sender))
        elif said.request == REQUEST and self._room_for_faces is not None:
            out.asked.append(Asked(sender.topic, said.extra["ask"]))
        else:
            out.signals["request"] += 1

    def _shown(self, said: CheckIn, sender: Addressed) -> Shown:
        """Return an attempt to check in; a refused one leaves no picture in quarantine."""
        received_at_us = sender.message.received_at_us
        if self._room_for_faces is None:
            detail = "no face is checked here; see GUITU_GATEWAY_FACES_KEY_FILE"
            raise Refusal("no_consumer", detail, keep_bytes=False)
        if not self._room_for_faces():
            detail = "too many attempts wait for a verdict; see GUITU_GATEWAY_FACES_WORKERS"
            raise Refusal("busy", detail, keep_bytes=False)
        if sender.topic.kind not in CHECKIN_KINDS:
            detail = f"a {sender.topic.kind} checks nobody in; a {' or '.join(CHECKIN_KINDS)} does"
            raise Refusal("wrong_device", detail, keep_bytes=False)
        ahead_ms = said.response_time_ms - received_at_us // _US_PER_MS
        if ahead_ms > self._tolerance_ms:
            detail = f"answered {ahead_ms / MS_PER_S:.0f} s ahead of our clock"
            raise Refusal("future", detail, keep_bytes=False)
        return Shown(sender.device.org, said, received_at_us)

    def _refused(self, message: Received, refusal: Refusal) -> Refused:
        payload = message.payload[: self._payload_bytes_max] if refusal.keep_bytes else None
        return Refused(
            at_us=message.received_at_us,
            reason=refusal.reason,
            topic=message.topic[:_MAX_TEXT],
            detail=str(refusal)[:_MAX_TEXT],
            size=len(message.payload),
            payload=payload,
        )

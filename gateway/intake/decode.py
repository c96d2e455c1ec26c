"""Messages to columns: decode, bind to a person, keep what the law allows, refuse the rest.

Whatever is wrong with a message ends here as a refusal with its reason; nothing is raised.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from firmware_protocols.alarm import ALARM_BITS, URGENT_ALARMS
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Codec, Context
from firmware_protocols.errors import DecodeError, TopicError
from firmware_protocols.message import (
    CheckIn,
    Heartbeat,
    Login,
    Media,
    Message,
    Reply,
    Report,
    Unknown,
)
from firmware_protocols.topics import Topic, parse_topic
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.directory.snapshot import Device, Directory
from gateway.intake.lawfulness import Lawfulness, alarms_only
from gateway.intake.received import Received
from gateway.intake.refusal import Refusal
from gateway.intake.soundness import report_of_heartbeat, says_state, sound
from gateway.journal.entry import Refused

_MAX_TEXT: Final = 300
_US_PER_MS: Final = 1_000
_MS_PER_S: Final = 1_000

_parse = lru_cache(maxsize=65_536)(parse_topic)


@dataclass(slots=True)
class Decoded:
    """What a batch of messages came to.

    Attributes:
        parties: Party table of the columns.
        columns: The accepted reports.
        refused: What was refused, for quarantine.
        counts: Reports and messages by refusal reason; also those without a quarantine row.
        acknowledge: (boot, seq) of every report that its device need not send again, by topic; a
            topic of every device that was understood, be there none.
        replies: Answers to commands over MQTT, with the device that gave them.
        signals: Messages that leave no row (logins, bare heartbeats), by kind.
    """

    parties: list[Party]
    columns: ReportColumns
    refused: list[Refused]
    counts: Counter[str]
    acknowledge: dict[Topic, list[tuple[int, int]]]
    replies: list[tuple[str, Reply]]
    signals: Counter[str]


@dataclass(slots=True)
class _Gathering:
    reports: list[Report] = field(default_factory=list)
    party: list[int] = field(default_factory=list)
    received_at_us: list[int] = field(default_factory=list)
    parties: dict[Party, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    acknowledge: dict[Topic, list[tuple[int, int]]] = field(default_factory=dict)
    replies: list[tuple[str, Reply]] = field(default_factory=list)
    signals: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)  # frozen would cost half a microsecond a message
class _Sender:
    topic: Topic
    org: str
    received_at_us: int
    has_session: bool


class Decoder:
    """Decodes batches under one directory."""

    def __init__(
        self, directory: Directory, *, future_tolerance_s: int, payload_bytes_max: int
    ) -> None:
        """Decode under `directory`.

        Args:
            directory: Who wears what, and under which order.
            future_tolerance_s: A fix time further ahead of our clock is refused.
            payload_bytes_max: Bytes of a refused message that are kept.
        """
        self._directory = directory
        self._lawfulness = Lawfulness(directory)
        self._tolerance_ms = future_tolerance_s * _MS_PER_S
        self._payload_bytes_max = payload_bytes_max

    def decode(self, messages: Sequence[Received]) -> Decoded:
        """Return what `messages` come to, in their order."""
        out = _Gathering()
        for message in messages:
            try:
                self._decode_one(message, out)
            except Refusal as refusal:
                out.refused.append(self._refused(message, refusal))
                out.counts[refusal.reason] += 1
        return Decoded(
            list(out.parties),
            columns_from_reports(out.reports, out.party, out.received_at_us),
            out.refused,
            out.counts,
            out.acknowledge,
            out.replies,
            out.signals,
        )

    def _decode_one(self, message: Received, out: _Gathering) -> None:
        if message.fault is not None and not message.fault.keep_bytes:
            raise Refusal(message.fault.reason, message.fault.detail, keep_bytes=False)
        topic, device, codec = self._addressed(message)
        found = self._messages(message, topic, codec)
        reports = [said for said in found if isinstance(said, Report)]
        seen = out.acknowledge.setdefault(topic, [])
        refused_for: set[str] = set()
        has_session = message.context is not None
        sender = _Sender(topic, device.org, message.received_at_us, has_session)
        for nth, said in enumerate(found):
            if isinstance(said, Report) and codec.encode_ack is not None:
                seen.append((said.boot, said.seq))
            try:
                self._take(said, nth, sender, out)
            except Refusal as refusal:
                out.counts[refusal.reason] += 1
                # Outside an order is ordinary life: only counted.
                if refusal.reason != "no_order" and refusal.reason not in refused_for:
                    refused_for.add(refusal.reason)
                    refusal.keep_bytes &= self._may_keep(topic, message, reports)
                    out.refused.append(self._refused(message, refusal))

    def _addressed(self, message: Received) -> tuple[Topic, Device, Codec]:
        try:
            topic = _parse(message.topic)
        except TopicError as error:
            # Nobody knows whose position the bytes may hold, so there is no ground to keep them.
            raise Refusal("topic", str(error), keep_bytes=False) from error
        device = self._directory.devices.get(topic.device)
        if device is None:
            detail = f"device {topic.device!r} is not in the directory"
            raise Refusal("unknown_device", detail, keep_bytes=False)
        if device.kind != topic.kind:
            detail = f"device {topic.device!r} is a {device.kind}, not a {topic.kind}"
            raise Refusal("wrong_device", detail, keep_bytes=False)
        codec = CODECS.get(topic.codec)
        if codec is None:
            detail = f"codec {topic.codec!r} is not one of {', '.join(CODECS)}"
            raise Refusal("codec", detail, keep_bytes=self._may_keep(topic, message, ()))
        return topic, device, codec

    def _messages(self, message: Received, topic: Topic, codec: Codec) -> list[Message]:
        if message.fault is not None:
            raise self._undecodable(message, topic, message.fault.reason, message.fault.detail)
        try:
            return codec.open(message.context or Context(device=topic.device))(message.payload)
        except DecodeError as error:
            raise self._undecodable(message, topic, error.reason, str(error)) from error

    def _undecodable(self, message: Received, topic: Topic, reason: str, detail: str) -> Refusal:
        if self._may_keep(topic, message, ()):
            return Refusal(reason, detail, keep_bytes=True)
        # What was wrong may quote the bytes, and with them a place.
        return Refusal(
            reason, "not to be decoded; without an order nothing is quoted", keep_bytes=False
        )

    def _take(self, said: Message, nth: int, sender: _Sender, out: _Gathering) -> None:
        if isinstance(said, Report):
            kept = sound(said)
            if not said.valid and said.kind == "fix":
                out.counts["invalid_fix"] += 1
            self._accept(kept, sender, out)
        elif isinstance(said, Heartbeat) and says_state(said):
            self._accept(report_of_heartbeat(said, sender.received_at_us, nth), sender, out)
        elif sender.has_session and isinstance(said, Reply | Login):
            pass  # the session has told already; frames may carry their login along
        elif isinstance(said, Reply):
            out.replies.append((sender.topic.device, said))
        elif isinstance(said, Unknown):
            detail = f"message {said.message} is sound, but not one that is known here"
            raise Refusal("unknown_message", detail, keep_bytes=True)
        elif isinstance(said, CheckIn | Media):
            detail = f"nothing here takes a {type(said).__name__} yet"
            raise Refusal("no_consumer", detail, keep_bytes=True)
        else:
            out.signals[type(said).__name__.lower()] += 1

    def _accept(self, report: Report, sender: _Sender, out: _Gathering) -> None:
        topic, received_ms = sender.topic, sender.received_at_us // _US_PER_MS
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
            detail = f"fix time {ahead_ms / _MS_PER_S:.0f} s ahead of our clock"
            raise Refusal("future", detail, keep_bytes=True)
        if binding is None:
            detail = f"nobody held {topic.device!r} at the fix time"
            raise Refusal("unbound", detail, keep_bytes=False)
        report = self._lawfulness.kept_of(report, binding, topic.kind)
        party = Party(sender.org, topic.device, binding.holder_kind, binding.holder)
        out.party.append(out.parties.setdefault(party, len(out.parties)))
        out.reports.append(report)
        out.received_at_us.append(sender.received_at_us)

    def _may_keep(self, topic: Topic, message: Received, reports: Sequence[Report]) -> bool:
        at_ms = message.received_at_us // _US_PER_MS
        return self._lawfulness.may_keep_bytes(topic.device, at_ms, reports)

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

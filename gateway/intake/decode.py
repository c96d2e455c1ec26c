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
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError, TopicError
from firmware_protocols.message import Report
from firmware_protocols.topics import Topic, parse_topic
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.directory.snapshot import Binding, Directory
from gateway.intake.received import Received
from gateway.journal.entry import Refused

_MAX_TEXT: Final = 300
_US_PER_MS: Final = 1_000
_MS_PER_S: Final = 1_000

_parse = lru_cache(maxsize=65_536)(parse_topic)


class _Refusal(Exception):  # noqa: N818  # not an error of ours: the answer to a message
    """Why a message, or one report of it, is refused."""

    def __init__(self, reason: str, detail: str, *, keep_bytes: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.keep_bytes = keep_bytes


@dataclass(slots=True)
class Decoded:
    """What a batch of messages came to.

    Attributes:
        parties: Party table of the columns.
        columns: The accepted reports.
        refused: What was refused, for quarantine.
        counts: Reports and messages by refusal reason; also those without a quarantine row.
        acknowledge: (boot, seq) of every report that its device need not send again, by topic.
    """

    parties: list[Party]
    columns: ReportColumns
    refused: list[Refused]
    counts: Counter[str]
    acknowledge: dict[Topic, list[tuple[int, int]]]


@dataclass(slots=True)
class _Gathering:
    reports: list[Report] = field(default_factory=list)
    party: list[int] = field(default_factory=list)
    received_at_us: list[int] = field(default_factory=list)
    parties: dict[Party, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    acknowledge: dict[Topic, list[tuple[int, int]]] = field(default_factory=dict)


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
        self._tolerance_ms = future_tolerance_s * _MS_PER_S
        self._payload_bytes_max = payload_bytes_max

    def decode(self, messages: Sequence[Received]) -> Decoded:
        """Return what `messages` come to, in their order."""
        out = _Gathering()
        for message in messages:
            try:
                self._decode_one(message, out)
            except _Refusal as refusal:
                out.refused.append(self._refused(message, refusal))
                out.counts[refusal.reason] += 1
        columns = columns_from_reports(out.reports, out.party, out.received_at_us)
        return Decoded(list(out.parties), columns, out.refused, out.counts, out.acknowledge)

    def _decode_one(self, message: Received, out: _Gathering) -> None:
        try:
            topic = _parse(message.topic)
        except TopicError as error:
            # Nobody knows whose position the bytes may hold, so there is no ground to keep them.
            raise _Refusal("topic", str(error), keep_bytes=False) from error
        device = self._directory.devices.get(topic.device)
        if device is None:
            detail = f"device {topic.device!r} is not in the directory"
            raise _Refusal("unknown_device", detail, keep_bytes=False)
        if device.kind != topic.kind:
            detail = f"device {topic.device!r} is a {device.kind}, not a {topic.kind}"
            raise _Refusal("wrong_device", detail, keep_bytes=False)
        codec = CODECS.get(topic.codec)
        if codec is None:
            detail = f"codec {topic.codec!r} is not one of {', '.join(CODECS)}"
            raise _Refusal("codec", detail, keep_bytes=self._may_keep(topic, message, ()))
        try:
            messages = codec.open(Context(device=topic.device))(message.payload)
        except DecodeError as error:
            keep = self._may_keep(topic, message, ())
            raise _Refusal(error.reason, str(error), keep_bytes=keep) from error
        reports = [found for found in messages if isinstance(found, Report)]
        seen = out.acknowledge.setdefault(topic, [])
        for report in reports:
            seen.append((report.boot, report.seq))
            try:
                self._accept(report, topic, device.org, message.received_at_us, out)
            except _Refusal as refusal:
                out.counts[refusal.reason] += 1
                if refusal.reason != "no_order":  # ordinary life outside an order: only counted
                    refusal.keep_bytes &= self._may_keep(topic, message, reports)
                    out.refused.append(self._refused(message, refusal))

    def _accept(
        self, report: Report, topic: Topic, org: str, received_at_us: int, out: _Gathering
    ) -> None:
        ahead_ms = report.fix_time_ms - received_at_us // _US_PER_MS
        received_ms = received_at_us // _US_PER_MS
        is_ahead = ahead_ms > self._tolerance_ms
        urgent = tuple(alarm for alarm in report.alarms if ALARM_BITS[alarm] & URGENT_ALARMS)
        if urgent and (
            is_ahead or self._directory.binding_at(report.device, report.fix_time_ms) is None
        ):
            # A clock that is wrong must not silence an SOS or a cut strap: they count as of now.
            report = _alarms_only(report, urgent, received_ms)
        elif is_ahead:
            detail = f"fix time {ahead_ms / _MS_PER_S:.0f} s ahead of our clock"
            raise _Refusal("future", detail, keep_bytes=True)
        binding = self._directory.binding_at(report.device, report.fix_time_ms)
        if binding is None:
            detail = f"nobody held {report.device!r} at the fix time"
            raise _Refusal("unbound", detail, keep_bytes=False)
        report = self._lawful(report, binding, topic)
        party = Party(org, report.device, binding.holder_kind, binding.holder)
        out.party.append(out.parties.setdefault(party, len(out.parties)))
        out.reports.append(report)
        out.received_at_us.append(received_at_us)

    def _lawful(self, report: Report, binding: Binding, topic: Topic) -> Report:
        if binding.holder_kind != "subject":
            return report
        if topic.kind == "phone":
            detail = "a supervised person's phone is not a positioning device (Art. 29)"
            raise _Refusal("phone_of_subject", detail, keep_bytes=False)
        if self._directory.is_ordered(binding.holder, report.fix_time_ms):
            return report
        if not report.alarms:
            raise _Refusal("no_order", "no positioning order in force", keep_bytes=False)
        return _alarms_only(report, report.alarms, report.fix_time_ms)

    def _may_keep(self, topic: Topic, message: Received, reports: Sequence[Report]) -> bool:
        # Refused bytes may hold positions; those without an order must be kept nowhere, nor any
        # that travel with them. What lies in the future is judged as of now.
        at_ms = message.received_at_us // _US_PER_MS
        times_ms = [at_ms, *(min(report.fix_time_ms, at_ms) for report in reports)]
        return all(self._is_lawful_at(topic.device, time_ms) for time_ms in times_ms)

    def _is_lawful_at(self, device: str, time_ms: int) -> bool:
        binding = self._directory.binding_at(device, time_ms)
        if binding is None:
            return False
        return binding.holder_kind == "officer" or self._directory.is_ordered(
            binding.holder, time_ms
        )

    def _refused(self, message: Received, refusal: _Refusal) -> Refused:
        payload = message.payload[: self._payload_bytes_max] if refusal.keep_bytes else None
        return Refused(
            at_us=message.received_at_us,
            reason=refusal.reason,
            topic=message.topic[:_MAX_TEXT],
            detail=str(refusal)[:_MAX_TEXT],
            size=len(message.payload),
            payload=payload,
        )


def _alarms_only(report: Report, alarms: tuple[str, ...], time_ms: int) -> Report:
    return Report(
        device=report.device,
        kind="status",
        fix_time_ms=time_ms,
        boot=report.boot,
        seq=report.seq,
        alarms=alarms,
        backlog=report.backlog,
    )


def group_ranges(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return (boot, first, last) of runs of consecutive sequence numbers, sorted."""
    out: list[tuple[int, int, int]] = []
    for boot, seq in sorted(set(pairs)):
        if out and out[-1][0] == boot and out[-1][2] == seq - 1:
            out[-1] = (boot, out[-1][1], seq)
        else:
            out.append((boot, seq, seq))
    return out

"""Messages to columns: decode, bind to a person, keep what the law allows, refuse the rest.

Whatever is wrong with a message ends here as a refusal with its reason; nothing is raised.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import AckRange, Codec
from firmware_protocols.errors import TopicError
from firmware_protocols.message import Reply
from firmware_protocols.topics import Topic, parse_topic
from gateway.columns import Party, ReportColumns
from gateway.directory.snapshot import Directory
from gateway.faces.challenging import Asked
from gateway.faces.shown import Shown
from gateway.intake.addressed import Addressed
from gateway.intake.lawfulness import Lawfulness
from gateway.intake.plain import Plain, RowBatch, ranges_of, read_rows, take_plain
from gateway.intake.received import Received
from gateway.intake.records import MS_PER_S, Gathering, Records
from gateway.intake.refusal import Refusal
from gateway.journal.announced import Announced
from gateway.journal.entry import Refused

_US_PER_MS: Final = 1_000
_parse = lru_cache(maxsize=65_536)(parse_topic)


@dataclass(slots=True)
class Decoded:
    """What a batch of messages came to.

    Attributes:
        parties: Party table of the columns.
        columns: The accepted reports, in the order of the messages.
        refused: What was refused, for quarantine.
        counts: Reports and messages by refusal reason, in the order of the reasons' names; also
            those without a quarantine row.
        acknowledge: The reports that their device need not send again, by topic; a topic of every
            device that was understood, be there none.
        replies: Answers to commands over MQTT, with the device that gave them.
        signals: Messages that leave no row (logins, bare heartbeats), by kind.
        announced: Recordings that devices say they hold.
        shown: Attempts to check in, unjudged.
        asked: Requests of kiosks for a challenge.
    """

    parties: list[Party]
    columns: ReportColumns
    refused: list[Refused]
    counts: Counter[str]
    acknowledge: dict[Topic, list[AckRange]]
    replies: list[tuple[str, Reply]]
    signals: Counter[str]
    announced: list[Announced]
    shown: list[Shown]
    asked: list[Asked]


class Decoder:
    """Decodes batches under one directory."""

    def __init__(
        self,
        directory: Directory,
        *,
        future_tolerance_s: int,
        payload_bytes_max: int,
        codecs: Mapping[str, Codec] = CODECS,
        room_for_faces: Callable[[], bool] | None = None,
    ) -> None:
        """Decode under `directory`.

        Args:
            directory: Who wears what, and under which order.
            future_tolerance_s: A fix time further ahead of our clock is refused.
            payload_bytes_max: Bytes of a refused message that are kept.
            codecs: By the name that topics have for them.
            room_for_faces: Whether another attempt to check in may wait; None: none is taken.
        """
        self.directory = directory
        self._lawfulness = Lawfulness(directory)
        self._tolerance_ms = future_tolerance_s * MS_PER_S
        self._codecs = codecs
        self._records = Records(
            directory,
            self._lawfulness,
            tolerance_ms=self._tolerance_ms,
            payload_bytes_max=payload_bytes_max,
            room_for_faces=room_for_faces,
        )

    def decode(self, messages: Sequence[Received]) -> Decoded:
        """Return what `messages` come to, in their order."""
        out = Gathering()
        known: list[Addressed | None] = []
        unknown: dict[int, Refusal] = {}
        for index, message in enumerate(messages):
            try:
                known.append(self._addressed(message))
            except Refusal as refusal:
                known.append(None)
                unknown[index] = refusal
        batch = read_rows(known)
        plain = take_plain(
            batch,
            known,
            self._lawfulness,
            out.gathered.parties,
            tolerance_ms=self._tolerance_ms,
        )
        out.counts.update(plain.counts)
        self._acknowledge(batch, known, out)
        odd = _by_message(batch, plain)
        for index, one in enumerate(known):
            if one is None:
                self._records.refuse(messages[index], unknown[index], out)
            elif index not in batch.taken:
                self._records.take_records(index, one, out)
            elif index in odd:
                self._records.take_odd(index, one, batch, odd[index], out)
        parties, columns = out.gathered.joined_with(plain)
        return Decoded(
            parties,
            columns,
            out.refused,
            Counter(dict(sorted(out.counts.items()))),
            out.acknowledge,
            out.replies,
            out.signals,
            out.announced,
            out.shown,
            out.asked,
        )

    def _acknowledge(
        self, batch: RowBatch, known: Sequence[Addressed | None], out: Gathering
    ) -> None:
        for index, run in ranges_of(batch):
            one = known[index]
            if one is not None:
                seen = out.acknowledge.setdefault(one.topic, [])
                if one.codec.encode_ack is not None:
                    seen.append(run)

    def _addressed(self, message: Received) -> Addressed:
        if message.fault is not None and not message.fault.keep_bytes:
            raise Refusal(message.fault.reason, message.fault.detail, keep_bytes=False)
        try:
            topic = _parse(message.topic)
        except TopicError as error:
            # Nobody knows whose position the bytes may hold, so there is no ground to keep them.
            raise Refusal("topic", str(error), keep_bytes=False) from error
        device = self.directory.devices.get(topic.device)
        if device is None:
            detail = f"device {topic.device!r} is not in the directory"
            raise Refusal("unknown_device", detail, keep_bytes=False)
        if message.received_at_us >= device.credential_until_ms * _US_PER_MS:
            # Whoever has a stolen device's secret is not the device: nothing says whose bytes.
            detail = f"no credential of device {topic.device!r} holds any more"
            raise Refusal("credential_ended", detail, keep_bytes=False)
        if device.kind != topic.kind:
            detail = f"device {topic.device!r} is a {device.kind}, not a {topic.kind}"
            raise Refusal("wrong_device", detail, keep_bytes=False)
        codec = self._codecs.get(topic.codec)
        if codec is None:
            detail = f"codec {topic.codec!r} is not one of {', '.join(self._codecs)}"
            raise Refusal("codec", detail, keep_bytes=self._records.may_keep(topic, message, ()))
        return Addressed(message, topic, device, codec)


def _by_message(batch: RowBatch, plain: Plain) -> dict[int, NDArray[np.int64]]:
    """Return the odd rows of each message that has any."""
    message = batch.message[plain.odd]
    edges = np.flatnonzero(np.diff(message)) + 1
    groups = np.split(plain.odd, edges) if len(message) else []
    return {int(batch.message[group[0]]): group for group in groups}

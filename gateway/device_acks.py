"""Tells devices which reports are safely kept, so that they may forget them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import AckRange
from firmware_protocols.topics import Topic, device_topic

EVERY_S: Final = 1.0
"""Acknowledgements of one device are gathered this long (docs/protocols)."""

RANGES_MAX: Final = 500
"""Ranges in one message."""


class DeviceAcks:
    """The acknowledgements that wait, by the topic that the reports came by."""

    def __init__(self, publish: Callable[[str, bytes], object]) -> None:
        """Start empty; `publish` is called with topic and payload."""
        self._publish = publish
        self._waiting: dict[Topic, list[AckRange]] = {}

    def add(self, kept: Mapping[Topic, Sequence[AckRange]]) -> None:
        """Take the ranges of reports that are in the journal, by topic."""
        for topic, ranges in kept.items():
            if ranges:
                self._waiting.setdefault(topic, []).extend(ranges)

    async def run(self) -> None:
        """Publish what has gathered, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            ready, self._waiting = self._waiting, {}
            for topic, ranges in ready.items():
                self._tell(topic, group_ranges(ranges))

    def _tell(self, topic: Topic, ranges: Sequence[AckRange]) -> None:
        encode_ack = CODECS[topic.codec].encode_ack
        if encode_ack is None:
            return
        down = device_topic(topic.org, topic.kind, topic.device, "down", topic.codec)
        for start in range(0, len(ranges), RANGES_MAX):
            self._publish(down, encode_ack(ranges[start : start + RANGES_MAX]))


def group_ranges(ranges: Sequence[AckRange]) -> list[AckRange]:
    """Return the ranges that cover the same numbers, none of them touching another, sorted."""
    out: list[AckRange] = []
    for boot, first, last in sorted(set(ranges)):
        if out and out[-1][0] == boot and first <= out[-1][2] + 1:
            out[-1] = (boot, out[-1][1], max(out[-1][2], last))
        else:
            out.append((boot, first, last))
    return out

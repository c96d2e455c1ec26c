"""The way to a device: its open TCP session, or the topic that it listens to."""

from collections.abc import Callable, Iterable
from typing import Final

from firmware_protocols.catalog import CODECS
from firmware_protocols.command import Command, require_approval
from firmware_protocols.dialogue import Sent
from firmware_protocols.errors import UnsupportedCommandError
from firmware_protocols.topics import Topic, device_topic
from gateway.directory.snapshot import Directory

DEFAULT_CODEC: Final = "wristband-json"
"""What a device over MQTT is addressed in when its own codec has no commands."""

_HEARD_INTERVALS: Final = 3
_HEARD_MIN_S: Final = 30.0
"""A device over MQTT is taken to listen for three of its reporting intervals, and at least for so
long: what is published to one that is away is lost."""


class Courier:
    """Writes commands to devices that are there."""

    def __init__(
        self,
        *,
        directory: Callable[[], Directory | None],
        by_session: Callable[[str, Command], Sent | None],
        publish: Callable[[str, bytes], bool],
        now_s: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            directory: Gives the directory in force.
            by_session: Writes to a device's TCP session; None when it has none open.
            publish: Publishes to a topic; False when the broker is away.
            now_s: A monotonic clock.
        """
        self._directory = directory
        self._by_session = by_session
        self._publish = publish
        self._now_s = now_s
        self._heard: dict[str, tuple[Topic, float]] = {}

    def heard(self, topics: Iterable[Topic]) -> None:
        """Note that devices have just spoken."""
        now_s = self._now_s()
        for topic in topics:
            self._heard[topic.device] = topic, now_s

    def send(self, device: str, command: Command) -> Sent | None:
        """Write a command; None when the device is not there now.

        Raises:
            CommandError: It can never be sent.
        """
        require_approval(command.name, command.approved_by)
        directory = self._directory()
        if directory is None:
            return None
        entry = directory.devices.get(device)
        if entry is None:
            raise UnsupportedCommandError(f"{device!r} is not a device of this gateway")
        if entry.terminal is not None:
            return self._by_session(device, command)
        topic, heard_s = self._heard.get(device, (None, 0.0))
        listens_s = max(_HEARD_MIN_S, _HEARD_INTERVALS * entry.expected_interval_s)
        if topic is None or self._now_s() - heard_s > listens_s:
            return None
        codec = CODECS[topic.codec if CODECS[topic.codec].encode_command else DEFAULT_CODEC]
        if codec.encode_command is None or entry.kind == "phone":
            raise UnsupportedCommandError(f"a {entry.kind} that speaks {topic.codec} takes none")
        payload = codec.encode_command(command)
        down = device_topic(topic.org, topic.kind, device, "down", codec.name)
        return Sent(data=payload, key=command.id) if self._publish(down, payload) else None

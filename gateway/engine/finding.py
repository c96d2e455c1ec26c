"""A change of an episode that no wearer's reports decided, with what its record must say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.directory.compiled import Directory
from gateway.engine.episode import EpisodeChange
from gateway.parameters.parameter import Number


@dataclass(frozen=True, slots=True)
class Finding:
    """One such change.

    Attributes:
        change: What happened to which episode.
        org: Whose it is.
        limits: The parameters that it went by.
        facts: Numbers and names that it rests on.
        record: Further members of its evidence.
    """

    change: EpisodeChange
    org: str
    limits: Mapping[str, Number]
    facts: dict[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)


class Orgs:
    """Whose each person is, under one directory."""

    def __init__(self, directory: Directory) -> None:
        """Read who wears which device."""
        self._directory = directory
        self._by_device = {
            binding.holder: directory.devices[device].org
            for device, bindings in directory.bindings.items()
            for binding in bindings
            if binding.holder_kind == "subject"
        }

    def of(self, subject: str, time_ms: int) -> str:
        """Return a person's organisation: of the person, else of the device, else ours."""
        version = self._directory.subject_at(subject, time_ms)
        if version is not None:
            return version.org
        return self._by_device.get(subject, self._directory.org)

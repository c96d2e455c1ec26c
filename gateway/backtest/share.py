"""How the people are split among processes: by organisation, the largest ones first."""

import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from gateway.directory.compiled import Directory

_GATHERING = "gathering_enabled"


class _DeviceRow(msgspec.Struct):
    org: str


class _Devices(msgspec.Struct):
    devices: list[_DeviceRow]


@dataclass(frozen=True, slots=True)
class Share:
    """One of `of` shares; `orgs` says in which one an organisation is, others go by their name."""

    number: int = 0
    of: int = 1
    orgs: Mapping[str, int] = field(default_factory=dict)

    def has_org(self, org: str) -> bool:
        """Return whether the people of an organisation belong to it."""
        found = self.orgs.get(org)
        return self.of == 1 or (self._by_name(org) if found is None else found) == self.number

    def has_subject(self, subject: str) -> bool:
        """Return whether what concerns a person and no device belongs to it."""
        return self.of == 1 or self._by_name(subject) == self.number

    def _by_name(self, name: str) -> int:
        return zlib.crc32(name.encode()) % self.of


def shares(directory: bytes, of: int) -> list[Share]:
    """Return `of` shares with about as many devices each, by a directory's body; or fewer."""
    rows = msgspec.json.decode(directory, type=_Devices).devices
    counts = Counter(row.org for row in rows)
    of = max(1, min(of, len(counts)))
    load = [0] * of
    orgs: dict[str, int] = {}
    for org, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        orgs[org] = lightest = load.index(min(load))
        load[lightest] += count
    return [Share(number, of, orgs) for number in range(of)]


def looks_at_many(directory: Directory) -> bool:
    """Return whether a rule looks at people of any organisation together: none can be split off."""
    layers = directory.rule_layers
    tables = (layers.kinds, layers.device_classes, layers.classes, layers.colours)
    found = [directory.parameters, *(layer for table in tables for layer in table.values())]
    found += [period.parameters for period in directory.periods]
    return bool(directory.no_contact) or any(layer.get(_GATHERING) for layer in found)

"""The accepted reports of a batch, of both ways, in the order of their messages."""

from dataclasses import dataclass, field, fields

import numpy as np

from firmware_protocols.message import Report
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.intake.plain import Plain


@dataclass(slots=True)
class Gathered:
    """Reports that came record by record, and the party table of all.

    Attributes:
        parties: Party by its number.
    """

    parties: dict[Party, int] = field(default_factory=dict)
    _reports: list[Report] = field(default_factory=list)
    _places: list[tuple[int, int]] = field(default_factory=list)
    _party: list[int] = field(default_factory=list)
    _received_at_us: list[int] = field(default_factory=list)

    def add(
        self, report: Report, place: tuple[int, int], party: Party, received_at_us: int
    ) -> None:
        """Take a report; `place` is the index of its message and its own in there."""
        self._reports.append(report)
        self._places.append(place)
        self._party.append(self.parties.setdefault(party, len(self.parties)))
        self._received_at_us.append(received_at_us)

    def joined_with(self, plain: Plain) -> tuple[list[Party], ReportColumns]:
        """Return all reports in the order of their messages, parties by first appearance."""
        columns = plain.columns
        if self._reports:
            own = columns_from_reports(self._reports, self._party, self._received_at_us)
            message, nth = np.array(self._places, np.int64).T
            order = np.lexsort((np.r_[plain.nth, nth], np.r_[plain.message, message]))
            both = (
                np.concatenate([getattr(columns, f.name), getattr(own, f.name)])[order]
                for f in fields(ReportColumns)
            )
            columns = ReportColumns(*both)
        return self._numbered(columns)

    def _numbered(self, columns: ReportColumns) -> tuple[list[Party], ReportColumns]:
        used, first = np.unique(columns.party, return_index=True)
        order = np.argsort(first)
        number = np.zeros(len(self.parties), np.int32)
        number[used[order]] = np.arange(len(used), dtype=np.int32)
        table = list(self.parties)
        parties = [table[index] for index in used[order].tolist()]
        return parties, columns.with_party(number[columns.party])

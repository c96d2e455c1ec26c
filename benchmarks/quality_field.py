"""A week of the simulated field as columns, with its labels and the directory it is judged by."""

import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device_sims.acts import Label
from device_sims.cast import org_of
from device_sims.field.checkins import Attempt
from device_sims.field.common_marks import common_labels
from device_sims.field.delivery import Delivery, deliveries
from device_sims.field.duties import takes_trips
from device_sims.field.marks import Trace
from device_sims.field.other_bands import ProtectedBand
from device_sims.field.population import Population, Resident
from device_sims.field.rulebook import directory_body
from device_sims.field.society import Protected, Society
from device_sims.field.week import absences_within, play_resident
from device_sims.field.week_band import WeekBand
from device_sims.registry_file import stamp
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.directory.compiled import Directory
from gateway.directory.snapshot import compile_directory

START_S: Final = 1_795_363_200
"""2026-11-23 00:00 in the county, a Monday."""

DAY_S: Final = 86_400
BASELINE_DAYS: Final = 16
"""So long before the start some begin to report: what is unusual for somebody needs a usual."""

_WEEK_S: Final = 7 * DAY_S
_BOOT: Final = 1
_PROCESSES: Final = 2
_PERSON_DAYS_ALONE: Final = 120
"""Fewer are played in this process: starting others takes longer."""


@dataclass(frozen=True)
class Field:
    """What arrived, in order of arrival, and what was true.

    Attributes:
        columns: The reports; `received_at_us` is the arrival.
        is_urgent: Which came on the urgent topic.
        parties: The columns' party table; one per resident, in their order, then the protected.
        labels: Of everybody, also those that began the day before the start.
        attempts: At kiosks, by arrival.
        society: Who lives there, and what they have in common.
        days: How many days were played.

    The devices of those with a baseline report from `BASELINE_DAYS` before the start on.
    """

    columns: ReportColumns
    is_urgent: NDArray[np.bool_]
    parties: list[Party]
    labels: list[Label]
    attempts: list[Attempt]
    society: Society
    days: int

    @property
    def population(self) -> Population:
        """Where everybody lives."""
        return self.society.population

    @property
    def residents(self) -> tuple[Resident, ...]:
        """Everybody under supervision."""
        return self.society.population.residents

    @property
    def until_s(self) -> int:
        """When recording ended, seconds since 1970 UTC."""
        return START_S + self.days * DAY_S

    def since_start(self) -> "Field":
        """Return the same without what arrived before the start."""
        rows = self.columns.received_at_us >= START_S * 1_000_000
        return replace(self, columns=self.columns.take(rows), is_urgent=self.is_urgent[rows])

    @cached_property
    def bands(self) -> list[WeekBand]:
        """The devices of the residents, as they were before the start."""
        return [_band(self.society, resident) for resident in self.residents]


@dataclass(frozen=True)
class _Played:
    columns: ReportColumns
    is_urgent: NDArray[np.bool_]
    labels: list[Label]
    trace: Trace
    attempts: list[Attempt]


def play(seed: int, *, residents: int, days: int) -> Field:
    """Play the field offline: no broker, no waiting."""
    society = _society(seed, residents)
    until_s = START_S + days * DAY_S
    numbers = range(residents)
    if residents * days <= _PERSON_DAYS_ALONE:
        played = [_resident((seed, residents, until_s, number)) for number in numbers]
    else:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(_PROCESSES, mp_context=spawn) as pool:
            jobs = ((seed, residents, until_s, number) for number in numbers)
            played = list(pool.map(_resident, jobs, chunksize=4))
    parties = [_party(resident) for resident in society.population.residents]
    for pair in society.pairs:
        if isinstance(pair.other, Protected):
            played.append(_protected(society, pair.other, until_s, len(parties)))
            parties.append(Party(pair.other.org, pair.other.device, "protected", pair.other.name))
    bands = [_band(society, resident) for resident in society.population.residents]
    labels = [label for each in played for label in each.labels]
    labels += common_labels(society, bands, [each.trace for each in played[:residents]])
    columns = _joined([each.columns for each in played])
    order = np.argsort(columns.received_at_us, kind="stable")
    attempts = [attempt for each in played for attempt in each.attempts]
    return Field(
        columns.take(order),
        np.concatenate([each.is_urgent for each in played])[order],
        parties,
        labels,
        sorted(attempts, key=lambda attempt: attempt.arrival_ms),
        society,
        days,
    )


def directory_of(field: Field, parameters: dict[str, Any] | None = None) -> Directory:
    """Return the directory under which the residents are judged.

    Args:
        field: Who and where.
        parameters: Rule parameters by name; the rest are the defaults.
    """
    begins = datetime.fromtimestamp(START_S, UTC)
    since = begins - timedelta(days=BASELINE_DAYS + 7)
    first_s = START_S - BASELINE_DAYS * DAY_S
    absences = absences_within(field.bands, start_s=first_s, until_s=field.until_s)
    body = directory_body(field.society, absences, since, parameters or {})
    early = {r.wearer.device for r in field.residents if has_baseline(r)}
    for row in body["bindings"]:
        if row["device"] not in early:  # nobody expects reports of the others before
            row["valid_from"] = stamp(begins)
    return compile_directory(json.dumps(body).encode())


def has_baseline(resident: Resident) -> bool:
    """Return whether somebody's device reports before the start of a week: one in ten.

    They are under no curfew and take no leave: what they do at night is theirs.
    """
    return takes_trips(resident)


@lru_cache(2)
def _society(seed: int, residents: int) -> Society:
    return Society(Population(seed, residents))


def _band(society: Society, resident: Resident) -> WeekBand:
    return WeekBand(society, resident, start_ms=START_S * 1_000, boot=_BOOT)


def _resident(job: tuple[int, int, int, int]) -> _Played:
    seed, residents, until_s, number = job
    society = _society(seed, residents)
    is_early = has_baseline(society.population.residents[number])
    part = play_resident(
        society,
        number,
        start_s=START_S,
        until_s=until_s,
        boot=_BOOT,
        before_s=BASELINE_DAYS * DAY_S if is_early and until_s - START_S >= _WEEK_S else 0.0,
    )
    columns, is_urgent = _columns(part.deliveries, number)
    return _Played(columns, is_urgent, part.labels, part.trace, part.attempts)


def _protected(society: Society, protected: Protected, until_s: int, number: int) -> _Played:
    band = ProtectedBand(society, protected, start_ms=START_S * 1_000, boot=_BOOT)
    came = deliveries(band, society.population.seed, until_ms=until_s * 1_000)
    columns, is_urgent = _columns(came, number)
    return _Played(columns, is_urgent, [], Trace(np.empty(0), np.empty((0, 2))), [])


def _columns(came: Sequence[Delivery], number: int) -> tuple[ReportColumns, NDArray[np.bool_]]:
    at_us = [each.arrival_ms * 1_000 for each in came]
    columns = columns_from_reports([d.report for d in came], [number] * len(came), at_us)
    return columns, np.array([each.is_urgent for each in came], np.bool_)


def _joined(parts: Sequence[ReportColumns]) -> ReportColumns:
    return ReportColumns(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(ReportColumns))
    )


def _party(resident: Resident) -> Party:
    wearer = resident.wearer
    return Party(org_of(wearer.subject), wearer.device, "subject", wearer.subject.subject)

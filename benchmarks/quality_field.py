"""A week of the simulated field as columns, with its labels and the directory it is judged by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device_sims.acts import Label
from device_sims.cast import org_of
from device_sims.dice import Dice
from device_sims.field.band import INTERVAL_MS, FieldBand
from device_sims.field.delivery import deliveries
from device_sims.field.population import Population, Resident
from device_sims.field.truth import field_labels
from device_sims.registry_file import binding_row, device_row, fence_row, order_row
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.directory.snapshot import Directory, compile_directory

START_S: Final = 1_795_363_200
"""2026-11-23 00:00 in the county, a Monday."""

DAY_S: Final = 86_400
_ORG: Final = "qingxi"
_BOOT: Final = 1


@dataclass(frozen=True)
class Field:
    """What arrived, in order of arrival, and what was true.

    Attributes:
        columns: The reports; `received_at_us` is the arrival.
        is_urgent: Which came on the urgent topic.
        parties: The columns' party table; one per resident, in their order.
        labels: Of everybody, also those that began the day before the start.
        residents: Everybody.
        population: Where they live.
        days: How many days were played.
    """

    columns: ReportColumns
    is_urgent: NDArray[np.bool_]
    parties: list[Party]
    labels: list[Label]
    residents: tuple[Resident, ...]
    population: Population
    days: int

    @property
    def until_s(self) -> int:
        """When recording ended, seconds since 1970 UTC."""
        return START_S + self.days * DAY_S


def play(seed: int, *, residents: int, days: int) -> Field:
    """Play the field offline: no broker, no waiting."""
    population = Population(seed, residents)
    until_s = START_S + days * DAY_S
    parts: list[ReportColumns] = []
    urgent: list[NDArray[np.bool_]] = []
    labels: list[Label] = []
    for number, resident in enumerate(population.residents):
        band = FieldBand(population, resident, start_ms=START_S * 1_000, boot=_BOOT)
        came = deliveries(band, seed, until_ms=until_s * 1_000)
        at_us = [each.arrival_ms * 1_000 for each in came]
        parts.append(columns_from_reports([d.report for d in came], [number] * len(came), at_us))
        urgent.append(np.array([each.is_urgent for each in came], np.bool_))
        labels += field_labels(resident, band, from_s=START_S - DAY_S, until_s=until_s)
    columns, is_urgent = _joined(parts), np.concatenate(urgent)
    order = np.argsort(columns.received_at_us, kind="stable")
    parties = [_party(resident) for resident in population.residents]
    return Field(
        columns.take(order),
        is_urgent[order],
        parties,
        labels,
        population.residents,
        population,
        days,
    )


def directory_of(field: Field, parameters: dict[str, Any] | None = None) -> Directory:
    """Return the directory under which the residents are judged.

    Args:
        field: Who and where.
        parameters: Rule parameters by name; the rest are the defaults.
    """
    since = datetime.fromtimestamp(START_S, UTC) - timedelta(days=7)
    worn = [(resident.wearer, org_of(resident.wearer.subject)) for resident in field.residents]
    everybody = [wearer.subject.subject for wearer, _ in worn]
    territory = field.population.territory
    fences = [fence_row(territory, field.population.county_fence, _ORG, everybody, since)]
    for wearer, org in worn:
        fences += [
            fence_row(territory, fence, org, [wearer.subject.subject], since)
            for fence in wearer.fences
            if fence is not field.population.county_fence
        ]
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": _ORG,
        "orgs": sorted({_ORG, *(org for _, org in worn)}),
        "devices": [
            device_row(wearer.device, org, "wristband", INTERVAL_MS // 1_000)
            for wearer, org in worn
        ],
        "bindings": [
            binding_row(wearer.device, "subject", wearer.subject.subject, since)
            for wearer, _ in worn
        ],
        "orders": [
            order_row(number, wearer.subject.subject, Dice(0, number), since)
            for number, (wearer, _) in enumerate(worn)
        ],
        "fences": [row | {"version": 1, "valid_to": None} for row in fences],
        "rules": {"version": "benchmark", "parameters": parameters or {}},
    }
    return compile_directory(json.dumps(body).encode())


def _joined(parts: Sequence[ReportColumns]) -> ReportColumns:
    return ReportColumns(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(ReportColumns))
    )


def _party(resident: Resident) -> Party:
    wearer = resident.wearer
    return Party(org_of(wearer.subject), wearer.device, "subject", wearer.subject.subject)

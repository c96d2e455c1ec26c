"""A directory snapshot, checked and compiled: taken whole or refused whole, with the place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from gateway.directory.compiled import Binding, Device, Directory, PlacedFence
from gateway.directory.layers import compile_rules
from gateway.directory.moment import FOREVER_MS, interval, refuse_overlap, to_ms, to_text
from gateway.directory.people import (
    compile_checkins,
    compile_lapses,
    compile_leaves,
    compile_no_contact,
    compile_on_duty,
    compile_subjects,
)
from gateway.directory.places import compile_fences, compile_sites
from gateway.directory.schedules import compile_schedules
from gateway.directory.terminal import Terminals
from gateway.directory.wire import BindingRow, RecorderTaskRow, SilenceRow, Snapshot
from gateway.errors import DirectoryError

__all__ = [
    "FOREVER_MS",
    "MAX_BODY_BYTES",
    "Binding",
    "Device",
    "Directory",
    "PlacedFence",
    "compile_directory",
    "to_ms",
    "to_text",
]

MAX_BODY_BYTES: Final = 64 << 20
"""A province's 40,000 subjects need about 20 MB."""


def compile_directory(body: bytes, *, bytes_max: int = MAX_BODY_BYTES) -> Directory:
    """Return the compiled form of a snapshot.

    Args:
        body: As it came.
        bytes_max: Longest body that is read.

    Raises:
        DirectoryError: Any part of it is wrong; says which.
    """
    if len(body) > bytes_max:
        raise DirectoryError("body", f"{len(body)} bytes, at most {bytes_max}")
    try:
        snapshot = msgspec.json.decode(body, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DirectoryError("body", str(error)) from error
    parameters, layers, periods = compile_rules(snapshot.rules, snapshot.periods)
    devices = {
        d.device: Device(
            *(d.org, d.kind, d.expected_interval_s, d.terminal, d.device_class),
            credential_until_ms=to_ms(d.credential_until) if d.credential_until else FOREVER_MS,
        )
        for d in snapshot.devices
    }
    schedules = compile_schedules(snapshot.schedules)
    fences, fences_of = compile_fences(snapshot.fences, schedules)
    orders = ((o.subject, o.valid_from, o.valid_to) for o in snapshot.orders)
    return Directory(
        version=snapshot.version,
        org=snapshot.org,
        rules_version=snapshot.rules.version,
        parameters=parameters,
        body=body,
        devices=devices,
        terminals=Terminals((d.device, d.terminal) for d in snapshot.devices),
        bindings=_compile_bindings(snapshot.bindings, devices),
        orders=_stretches("orders", orders),
        fences=fences,
        fences_of=fences_of,
        subjects=compile_subjects(snapshot.subjects),
        schedules=schedules,
        leaves=compile_leaves(snapshot.leaves, fences),
        no_contact=compile_no_contact(snapshot.no_contact),
        sites=compile_sites(snapshot.sites),
        checkins=compile_checkins(snapshot),
        periods=periods,
        rule_layers=layers,
        planned_silences=_compile_silences(snapshot.planned_silences, devices),
        lapses=compile_lapses(snapshot.lapses),
        recorder_tasks=_compile_tasks(snapshot.recorder_tasks, devices),
        on_duty=compile_on_duty(snapshot),
        above={row.org: row.above for row in snapshot.above},
    )


def _compile_bindings(
    rows: Sequence[BindingRow], devices: dict[str, Device]
) -> dict[str, list[Binding]]:
    bindings: dict[str, list[Binding]] = {}
    for index, row in enumerate(rows):
        place = f"bindings[{index}]"
        if row.device not in devices:
            raise DirectoryError(f"{place}.device", f"{row.device!r} is not in devices")
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        binding = Binding(row.holder_kind, row.holder, start_ms, end_ms)
        bindings.setdefault(row.device, []).append(binding)
    for device, held in bindings.items():
        held.sort(key=lambda b: b.valid_from_ms)
        refuse_overlap("bindings", held, f"{device!r} has two holders at one time")
        if len({(b.holder_kind, b.holder) for b in held}) != len({b.holder for b in held}):
            reason = f"{device!r} has a holder of two kinds: a protected person is never judged"
            raise DirectoryError("bindings", reason)
    return bindings


def _compile_silences(
    rows: Sequence[SilenceRow], devices: dict[str, Device]
) -> dict[str, list[tuple[int, int]]]:
    for index, row in enumerate(rows):
        if row.device not in devices:
            place = f"planned_silences[{index}].device"
            raise DirectoryError(place, f"{row.device!r} is not in devices")
    return _stretches("planned_silences", ((r.device, r.valid_from, r.valid_to) for r in rows))


def _compile_tasks(
    rows: Sequence[RecorderTaskRow], devices: dict[str, Device]
) -> dict[str, list[tuple[int, int]]]:
    for index, row in enumerate(rows):
        device, place = devices.get(row.device), f"recorder_tasks[{index}].device"
        if device is None:
            raise DirectoryError(place, f"{row.device!r} is not in devices")
        if device.kind != "recorder":
            raise DirectoryError(place, f"{row.device!r} is a {device.kind}, not a recorder")
    return _stretches("recorder_tasks", ((r.device, r.valid_from, r.valid_to) for r in rows))


def _stretches(
    section: str, rows: Iterable[tuple[str, datetime, datetime]]
) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for index, (name, start, end) in enumerate(rows):
        found.setdefault(name, []).append(interval(f"{section}[{index}]", start, end))
    return {name: _joined(intervals) for name, intervals in found.items()}


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    # An extension is an order of its own that begins where the last one ends: one stretch.
    out: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out

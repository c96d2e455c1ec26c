"""What concerns people: classes, leaves, no-contact pairs, check-ins, and what is about to end."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.directory.compiled import (
    CheckInDuty,
    Lapse,
    Leave,
    NoContact,
    OnDuty,
    PlacedFence,
    SubjectVersion,
)
from gateway.directory.moment import Once, interval, refuse_overlap, to_ms
from gateway.directory.wire import (
    CheckInRow,
    DeviceRow,
    LapseRow,
    LeaveKind,
    LeaveRow,
    NoContactRow,
    Snapshot,
    SubjectRow,
)
from gateway.errors import DirectoryError

_FENCE_USE: Final[Mapping[LeaveKind, str]] = {"leave": "leave", "trip": "route"}


def compile_subjects(rows: Sequence[SubjectRow]) -> dict[str, list[SubjectVersion]]:
    """Return the versions of each subject in order of time.

    Raises:
        DirectoryError: Two versions of one subject hold at one time.
    """
    subjects: dict[str, list[SubjectVersion]] = {}
    for index, row in enumerate(rows):
        start_ms, end_ms = interval(f"subjects[{index}]", row.valid_from, row.valid_to)
        version = SubjectVersion(row.org, row.supervision_class, row.colour, start_ms, end_ms)
        subjects.setdefault(row.subject, []).append(version)
    for subject, versions in subjects.items():
        versions.sort(key=lambda v: v.valid_from_ms)
        refuse_overlap("subjects", versions, f"{subject!r} has two versions at one time")
    return subjects


def compile_leaves(
    rows: Sequence[LeaveRow], fences: Sequence[PlacedFence]
) -> dict[str, list[Leave]]:
    """Return the leaves of each subject in order of time.

    Raises:
        DirectoryError: A fence is not there or for something else, or two leaves of one kind
            overlap.
    """
    uses: dict[str, set[str]] = {}
    for fence in fences:
        uses.setdefault(fence.fence, set()).add(fence.use)
    once = Once("leaves")
    leaves: dict[str, list[Leave]] = {}
    for index, row in enumerate(rows):
        place = once.place(index, row.leave)
        if row.fence is not None:
            _check_fence(f"{place}.fence", row.fence, row.kind, uses)
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        leave = Leave(row.leave, row.kind, row.fence, start_ms, end_ms)
        leaves.setdefault(row.subject, []).append(leave)
    for subject, given in leaves.items():
        given.sort(key=lambda v: (v.valid_from_ms, v.leave))
        for kind in _FENCE_USE:
            same = [leave for leave in given if leave.kind == kind]
            refuse_overlap("leaves", same, f"{subject!r} has two of kind {kind!r} at one time")
    return leaves


def _check_fence(place: str, fence: str, kind: LeaveKind, uses: Mapping[str, set[str]]) -> None:
    if fence not in uses:
        raise DirectoryError(place, f"{fence!r} is not in fences")
    wanted = _FENCE_USE[kind]
    if wanted not in uses[fence]:
        found = ", ".join(sorted(uses[fence]))
        raise DirectoryError(place, f"{fence!r} has use {found}; a {kind} needs use {wanted}")


def compile_no_contact(rows: Sequence[NoContactRow]) -> list[NoContact]:
    """Return the pairs in order of their ids.

    Raises:
        DirectoryError: A pair is one person, or comes twice.
    """
    once = Once("no_contact")
    pairs = []
    for index, row in enumerate(rows):
        place = once.place(index, row.pair)
        if row.subject == row.other:
            raise DirectoryError(f"{place}.other", f"{row.other!r} is the subject itself")
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        pair = NoContact(row.pair, row.subject, row.other, row.distance_m, start_ms, end_ms)
        pairs.append(pair)
    return sorted(pairs, key=lambda p: p.pair)


def compile_checkins(snapshot: Snapshot) -> dict[str, list[CheckInDuty]]:
    """Return the duties to check in of each subject in order of their ids.

    Raises:
        DirectoryError: A schedule or a kiosk is not there, or a duty comes twice.
    """
    schedules = {row.schedule for row in snapshot.schedules}
    devices = {row.device: row for row in snapshot.devices}
    once = Once("checkins")
    duties: dict[str, list[CheckInDuty]] = {}
    for index, row in enumerate(snapshot.checkins):
        place = once.place(index, row.checkin)
        if row.schedule not in schedules:
            raise DirectoryError(f"{place}.schedule", f"{row.schedule!r} is not in schedules")
        _check_kiosk(f"{place}.kiosk", row, devices)
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        duty = CheckInDuty(row.checkin, row.schedule, row.kiosk, row.grace_s, start_ms, end_ms)
        duties.setdefault(row.subject, []).append(duty)
    for given in duties.values():
        given.sort(key=lambda d: d.checkin)
    return duties


def _check_kiosk(place: str, row: CheckInRow, devices: Mapping[str, DeviceRow]) -> None:
    if row.kiosk is None:
        return
    kiosk = devices.get(row.kiosk)
    if kiosk is None:
        raise DirectoryError(place, f"{row.kiosk!r} is not in devices")
    if kiosk.kind != "kiosk":
        raise DirectoryError(place, f"{row.kiosk!r} is a {kiosk.kind}, not a kiosk")


def compile_lapses(rows: Sequence[LapseRow]) -> list[Lapse]:
    """Return what is about to end, in order of the ends.

    Raises:
        DirectoryError: One comes twice.
    """
    once = Once("lapses")
    lapses = []
    for index, row in enumerate(rows):
        end_ms = to_ms(row.valid_to)
        once.place(index, (row.kind, row.lapse, end_ms))
        lapses.append(Lapse(row.lapse, row.kind, row.subject, end_ms))
    return sorted(lapses, key=lambda v: (v.valid_to_ms, v.kind, v.lapse))


def compile_on_duty(snapshot: Snapshot) -> dict[str, list[OnDuty]]:
    """Return whose terminals are told, by organisation, in order of time.

    Raises:
        DirectoryError: A device is not there, or is no terminal.
    """
    devices = {row.device: row for row in snapshot.devices}
    found: dict[str, list[OnDuty]] = {}
    for index, row in enumerate(snapshot.on_duty):
        place, device = f"on_duty[{index}]", devices.get(row.device)
        if device is None:
            raise DirectoryError(f"{place}.device", f"{row.device!r} is not in devices")
        if device.kind != "terminal":
            raise DirectoryError(
                f"{place}.device", f"{row.device!r} is a {device.kind}, not a terminal"
            )
        start_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        found.setdefault(row.org, []).append(OnDuty(row.device, start_ms, end_ms))
    for standing in found.values():
        standing.sort(key=lambda one: (one.valid_from_ms, one.device))
    return found

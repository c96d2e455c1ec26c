"""What can be said without a database of the entries that the gateways' rules need: pure."""

from collections.abc import Iterator
from typing import Final

from server.registry.rule_catalogue import layer_faults
from server.registry.schedules import schedule_fault
from server.registry.schemas import FenceEntry, RegistryFile

_KEYS: Final = {
    "protected": ("protected",),
    "schedules": ("schedule",),
    "subject_versions": ("subject", "valid_from"),
    "leaves": ("leave",),
    "no_contact": ("pair",),
    "sites": ("site",),
    "checkins": ("checkin",),
    "periods": ("period",),
    "planned_silences": ("device", "valid_from"),
    "permits": ("permit",),
    "rule_sets": ("org", "version"),
    "rules_in_force": ("org",),
}
_TIMED: Final = (
    *("subject_versions", "leaves", "no_contact", "sites", "checkins", "periods"),
    "planned_silences",
)
_LAYERS: Final = ("kinds", "device_classes", "classes", "colours")

Found = Iterator[tuple[str, str]]


def rule_faults(file: RegistryFile) -> Found:
    """Yield every fault with its JSON pointer."""
    for section, keys in _KEYS.items():
        yield from _repeated(file, section, keys)
    for section in _TIMED:
        for index, entry in enumerate(getattr(file, section)):
            if entry.valid_to is not None and entry.valid_to <= entry.valid_from:
                text = f"valid_to {entry.valid_to} is not after valid_from {entry.valid_from}"
                yield f"/{section}/{index}", text
    yield from _single_faults(file)
    yield from _parameter_faults(file)


def _repeated(file: RegistryFile, section: str, keys: tuple[str, ...]) -> Found:
    first_at: dict[tuple[object, ...], int] = {}
    for index, entry in enumerate(getattr(file, section)):
        name = tuple(getattr(entry, key) for key in keys)
        first = first_at.setdefault(name, index)
        if first != index:
            shown = " ".join(map(str, name))
            yield f"/{section}/{index}", f"{shown} is already at /{section}/{first}: each one once"


def _single_faults(file: RegistryFile) -> Found:
    for index, fence in enumerate(file.fences):
        fault = _use_fault(fence)
        if fault is not None:
            yield f"/fences/{index}/schedule", fault
    for index, schedule in enumerate(file.schedules):
        fault = schedule_fault(schedule)
        if fault is not None:
            yield f"/schedules/{index}", fault
    for index, leave in enumerate(file.leaves):
        if leave.valid_from < leave.approved_at:
            text = f"starts {leave.valid_from}, before its approval of {leave.approved_at}"
            yield f"/leaves/{index}", text
    for index, pair in enumerate(file.no_contact):
        if pair.subject == pair.other:
            yield f"/no_contact/{index}/other", "is the subject itself"


def _use_fault(fence: FenceEntry) -> str | None:
    return "a curfew needs a schedule" if fence.use == "curfew" and not fence.schedule else None


def _parameter_faults(file: RegistryFile) -> Found:
    for index, period in enumerate(file.periods):
        yield from layer_faults(f"/periods/{index}/parameters", period.parameters)
    for index, rules in enumerate(file.rule_sets):
        yield from layer_faults(f"/rule_sets/{index}/parameters", rules.parameters)
        for section in _LAYERS:
            for name, layer in getattr(rules, section).items():
                yield from layer_faults(f"/rule_sets/{index}/{section}/{name}", layer)

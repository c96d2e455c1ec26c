"""What a recorder says of itself, as names of alarms: whether it records, and how much is free.

Columns of reports have no place for bytes and states of one kind of device; their alarms are what
holds now, whatever it is.
"""

from typing import Final

import msgspec

from firmware_protocols.message import Report

_PERCENT: Final = 100


def with_recorder_state(report: Report, storage_low_pct: int) -> Report:
    """Return the report of a recorder with what it says of recording and storage as alarms.

    Args:
        report: What came; the words are those of `extra` (docs/protocols/recorder-v1.md).
        storage_low_pct: At or below this share of free storage it is low.
    """
    found = []
    if report.extra.get("recording") == "idle":
        found.append("not_recording")
    free, size = (report.extra.get(f"storage_{name}_bytes") for name in ("free", "size"))
    if free is not None and size and free * _PERCENT <= size * storage_low_pct:
        found.append("storage_low")
    new = tuple(name for name in found if name not in report.alarms)
    return msgspec.structs.replace(report, alarms=(*report.alarms, *new)) if new else report

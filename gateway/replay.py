"""The engine offline: a track against fences, without broker, journal or server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firmware_protocols.message import Report
from firmware_protocols.track_file import TrackPoint, report_of
from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import Directory, compile_directory, to_text
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.engine.rules.catalogue import RULES
from gateway.errors import DirectoryError
from geofence.datum import Datum
from geofence.errors import DatumError, FenceError
from geofence.feature_file import FenceFeature, features_of, file_datum
from geofence.fence import Fence

ORG: Final = "replay"
_BATCH: Final = 2_000
_US_PER_MS: Final = 1_000
_MS_PER_S: Final = 1_000
_QUIET: Final = "revision_quiet_s"
_ALWAYS: Final = {"valid_from": "1970-01-01T00:00:00Z", "valid_to": "2200-01-01T00:00:00Z"}


def directory_from_fences(
    collection: Mapping[str, Any],
    *,
    device: str,
    subject: str,
    datum: str | None = None,
    rules: Mapping[str, Any] | None = None,
    skip_invalid: list[str] | None = None,
) -> Directory:
    """Return a directory in which `subject` wears `device`, always, under every fence.

    Args:
        collection: GeoJSON FeatureCollection; `properties.use` is "inclusion" (default) or
            "exclusion", `properties.radius_m` makes a circle of a Point.
        device: Device id.
        subject: Subject's pseudonym.
        datum: Datum of the file, where its `datum` member does not say.
        rules: `{"version": ..., "parameters": {...}}`; default: the defaults.
        skip_invalid: Collects what is wrong with fences that are left out; None: refuse.

    Raises:
        DirectoryError: The file or a fence in it is wrong; says where.
    """
    in_datum = _datum_of(collection, datum)
    if collection.get("type") != "FeatureCollection":
        raise DirectoryError("fences", "not a GeoJSON FeatureCollection")
    try:
        features = features_of(collection, in_datum)
    except FenceError as error:
        raise DirectoryError("fences", str(error)) from error
    fences = []
    for index, feature in enumerate(features):
        if isinstance(feature.fence, Fence):
            fences.append(_fence_row(feature, in_datum, subject))
            continue
        fault = DirectoryError(f"features[{index}]", str(feature.fence))
        if skip_invalid is None:
            raise fault from feature.fence
        skip_invalid.append(f"skipped {fault.place}: {fault.reason}")
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": ORG,
        "orgs": [ORG],
        "devices": [{"device": device, "org": ORG, "kind": "wristband", "expected_interval_s": 60}],
        "bindings": [{"device": device, "holder_kind": "subject", "holder": subject} | _ALWAYS],
        "orders": [{"order": "replay", "subject": subject} | _ALWAYS],
        "fences": fences,
        "rules": rules or {"version": "defaults", "parameters": {}},
    }
    return compile_directory(json.dumps(body).encode())


def replay(
    directory: Directory, points: Sequence[TrackPoint], *, device: str, start_ms: int | None = None
) -> Iterator[Outcome]:
    """Yield what the engine finds in a track, in order.

    Args:
        directory: Must bind `device` at the track's times; points outside an order are left out,
            as at the gateway's intake.
        points: The track, in order of arrival.
        device: Device id.
        start_ms: Shift the first point to this time.
    """
    engine = Engine(directory)
    shift_ms = 0 if start_ms is None or not points else start_ms - points[0].fix_time_ms
    reports = [
        report_of(point, device=device, boot=0, seq=seq, shift_ms=shift_ms)
        for seq, point in enumerate(points)
    ]
    for start in range(0, len(reports), _BATCH):
        yield from _step(engine, directory, reports[start : start + _BATCH], device)
    # What the engine still waits for will not come: the time is up.
    waits = directory.parameters.whole("silence_return_s"), directory.parameters.whole(_QUIET)
    end_ms = max((report.fix_time_ms for report in reports), default=0) + max(waits) * _MS_PER_S
    if reports and engine.tick_due(end_ms):
        yield from engine.tick(end_ms)


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain values with readable times."""
    return {
        "id": outcome.id,
        "episode": outcome.episode,
        "change": outcome.change,
        "rule": outcome.rule,
        "severity": RULES[outcome.rule].severity,
        "subject": outcome.subject,
        "device": outcome.device,
        "fence": outcome.fence,
        "begin_time": to_text(outcome.begin_ms),
        "end_time": None if outcome.end_ms is None else to_text(outcome.end_ms),
        "late": outcome.late,
        "evidence": outcome.evidence,
        "explanation": outcome.explanation._asdict(),
    }


def _step(
    engine: Engine, directory: Directory, reports: Sequence[Report], device: str
) -> list[Outcome]:
    parties: dict[Party, int] = {}
    kept: list[Report] = []
    whose: list[int] = []
    for report in reports:
        binding = directory.binding_at(device, report.fix_time_ms)
        if binding is None or not directory.is_ordered(binding.holder, report.fix_time_ms):
            continue
        org = directory.devices[device].org
        party = Party(org, device, binding.holder_kind, binding.holder)
        kept.append(report)
        whose.append(parties.setdefault(party, len(parties)))
    if not kept:
        return []
    # Offline, what arrives arrives at once: the newest fix time is the clock.
    at_ms = max(report.fix_time_ms for report in kept)
    received = [report.fix_time_ms * _US_PER_MS for report in kept]
    columns = columns_from_reports(kept, whose, received)
    table = list(parties)
    found = engine.step(columns.take(engine.fresh(columns, table)), table, at_ms)
    return found + (engine.tick(at_ms) if engine.tick_due(at_ms) else [])


def _datum_of(collection: Mapping[str, Any], given: str | None) -> Datum:
    try:
        datum = file_datum(collection, given)
    except DatumError as error:
        raise DirectoryError("fences.datum", str(error)) from error
    if datum is None:
        detail = "the file has no `datum` member and the call gives none: WGS84, GCJ02 or BD09"
        raise DirectoryError("fences.datum", detail)
    return datum


def _fence_row(feature: FenceFeature, datum: Datum, subject: str) -> dict[str, Any]:
    row = {
        "fence": feature.fence_id,
        "version": 1,
        "use": feature.properties.get("use", "inclusion"),
        "datum": datum,
        "geometry": feature.geometry,
        "radius_m": feature.properties.get("radius_m"),
        "subjects": [subject],
    }
    return row | _ALWAYS

"""Takes what a lifting has made unlawful out of a journal, and says so in an entry of its own.

Of a report its place goes, as at the server; that the device was heard, and what alarms it gave,
stays. Of an outcome that rests on such places the evidence goes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, DTYPES, Party, decode_columns
from gateway.directory.lifted import Span
from gateway.directory.moment import to_ms
from gateway.engine.outcome import Outcome
from gateway.engine.rules.catalogue import ALARM_RULES
from gateway.engine.words import Words
from gateway.journal.entry import SALT, SALT_BYTES, BatchBody
from gateway.journal.reader import JournalReader
from gateway.journal.report_table import ABSENT_PLACE
from gateway.journal.rewriting import Rewriting

_KEPT_OF_EVIDENCE: Final = ("rules_version", "directory_version", "parameters", "target", "other")
_KEPT_OF_REPORT: Final = ("fix_time", "boot", "seq", "battery_pct", "skin_contact", "backlog")
_DESTROYED: Final = Words(
    "定位决定已解除，解除之后的位置证据已依法销毁。",
    "The positioning order was lifted; the evidence of places after that was destroyed by law.",
)


class Destruction(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a destruction.

    Attributes:
        directory_version: The directory that told of the liftings; its entry is the one before.
        spans: Whose, and which fix times.
        first: Oldest entry of which reports or outcomes lost something; 0: none did. What followed
            from it cannot be computed again up to this entry.
        reports: Reports that lost their places.
        outcomes: Outcomes that lost evidence.
        refused: Refused messages that lost their bytes.
        left: Of each batch, by entry: its digest, and SHA-256 of the body that is left.
    """

    directory_version: int
    spans: list[Span]
    first: int
    reports: int
    outcomes: int
    refused: int
    left: dict[int, tuple[bytes, bytes]]


def encode_destruction(body: Destruction) -> bytes:
    """Return the body of a destruction entry."""
    return msgspec.msgpack.encode(body)


def decode_destruction(body: bytes) -> Destruction:
    """Return what `encode_destruction` stored."""
    return msgspec.msgpack.decode(body, type=Destruction)


def find(
    journal: JournalReader,
    spans: Sequence[Span],
    *,
    devices: Iterable[tuple[Span, str]],
    tolerance_us: int,
    directory_version: int,
) -> tuple[Rewriting, Destruction]:
    """Return what a journal must lose, and the body of the entry that says so.

    Args:
        journal: The journal.
        spans: What is unlawful.
        devices: Who held which devices meanwhile.
        tolerance_us: How far a device's clock may have run ahead.
        directory_version: Which directory says so.
    """
    bodies: dict[int, bytes] = {}
    digests: dict[int, bytes] = {}
    outcomes: dict[tuple[int, int], Outcome] = {}
    reports = 0
    for span in spans:
        from_us = _from_us(span, tolerance_us)
        for entry in journal.naming(span.holder, from_us):
            left, count = without_places(bodies.get(entry.seq, entry.body), span)
            if count:
                bodies[entry.seq], digests[entry.seq] = left, entry.digest
                reports += count
        for seq, nth, outcome in journal.outcomes_naming(span.holder, from_us):
            kept = without_evidence(outcomes.get((seq, nth), outcome), span)
            if kept is not None:
                outcomes[seq, nth] = kept
    refused = {
        number
        for span, device in devices
        for number in journal.refused_bytes(device, _from_us(span, tolerance_us))
    }
    return Rewriting(bodies, outcomes, sorted(refused)), Destruction(
        directory_version=directory_version,
        spans=list(spans),
        first=min([*bodies, *(seq for seq, _ in outcomes)], default=0),
        reports=reports,
        outcomes=len(outcomes),
        refused=len(refused),
        left={seq: (digests[seq], hashlib.sha256(body).digest()) for seq, body in bodies.items()},
    )


def without_places(body: bytes, span: Span) -> tuple[bytes, int]:
    """Return what is left of a batch, and how many of its reports lost a place."""
    batch = msgspec.msgpack.decode(body, type=BatchBody)
    columns = decode_columns(batch.columns)
    gone = _of_holder(batch.parties, span)[columns.party] & (columns.lon_e7 != ABSENT)
    gone &= (columns.fix_time_ms >= span.begin_ms) & (columns.fix_time_ms < span.end_ms)
    if not gone.any():
        return body, 0
    for name, absent in ABSENT_PLACE.items():
        column = getattr(columns, name).copy()
        column[gone] = absent
        batch.columns[name] = column.astype(DTYPES[name].newbyteorder("<")).tobytes()
    if SALT in batch.columns:
        salt = np.frombuffer(batch.columns[SALT], np.uint8).reshape(-1, SALT_BYTES).copy()
        salt[gone] = 0
        batch.columns[SALT] = salt.tobytes()
    return msgspec.msgpack.encode(batch), int(np.count_nonzero(gone))


def without_evidence(outcome: Outcome, span: Span) -> Outcome | None:
    """Return what is left of an outcome; None: it rests on nothing of the span."""
    evidence = outcome.evidence
    if span.holder not in (outcome.subject, evidence.get("other")):
        return None
    if span.begin_ms <= outcome.begin_ms < span.end_ms and outcome.rule not in ALARM_RULES:
        kept = {name: evidence[name] for name in _KEPT_OF_EVIDENCE if name in evidence}
        if kept == evidence and outcome.explanation == _DESTROYED:
            return None
        return msgspec.structs.replace(outcome, evidence=kept, explanation=_DESTROYED)
    reports = [_without_place(report, span) for report in evidence.get("reports", ())]
    if reports == evidence.get("reports", []):
        return None
    return msgspec.structs.replace(outcome, evidence=evidence | {"reports": reports})


def _without_place(report: dict[str, Any], span: Span) -> dict[str, Any]:
    fix_time_ms = to_ms(datetime.fromisoformat(report["fix_time"]))
    if not span.begin_ms <= fix_time_ms < span.end_ms:
        return report
    return {name: report[name] for name in _KEPT_OF_REPORT if name in report}


def _of_holder(parties: Sequence[Party], span: Span) -> NDArray[np.bool_]:
    wanted = span.holder_kind, span.holder
    return np.array([(one.holder_kind, one.holder) == wanted for one in parties], np.bool_)


def _from_us(span: Span, tolerance_us: int) -> int:
    return span.begin_ms * 1_000 - tolerance_us

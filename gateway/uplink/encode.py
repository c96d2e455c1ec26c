"""Journal entries to the uplink's bodies (docs/wire/uplink-v1.md)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa

from gateway.attempt import Attempt
from gateway.directory.snapshot import to_text
from gateway.engine.outcome import Outcome
from gateway.engine.rules.catalogue import RULES
from gateway.engine.words import Words
from gateway.journal.announced import Announced
from gateway.journal.entry import BATCH, Entry
from gateway.journal.report_table import REPORTS, report_batch
from gateway.journal.telling import Telling

OUTCOMES_TYPE: Final = "application/cloudevents-batch+json"
TELEMETRY_TYPE: Final = "application/vnd.apache.arrow.stream"


def encode_outcomes(
    found: Sequence[tuple[int, Outcome]],
    gateway: str,
    tellings: Sequence[tuple[int, Telling]] = (),
    announced: Sequence[tuple[int, Announced]] = (),
    judged: Sequence[tuple[int, Attempt]] = (),
) -> bytes:
    """Return a CloudEvents batch of (entry seq, what there is to tell), in order."""
    events = [(seq, _event(seq, outcome, gateway)) for seq, outcome in found]
    events += [(seq, _told_event(seq, telling, gateway)) for seq, telling in tellings]
    events += [(seq, _media_event(seq, one, gateway)) for seq, one in announced]
    events += [(seq, _checkin_event(seq, one, gateway)) for seq, one in judged]
    return msgspec.json.encode([event for _, event in sorted(events, key=lambda one: one[0])])


def encode_telemetry(entries: Sequence[Entry]) -> bytes:
    """Return an Arrow IPC stream of the reports of `entries`, in order."""
    filled = [entry for entry in entries if entry.kind == BATCH and entry.rows]
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, REPORTS, options=options) as writer:
        if filled:
            # One batch on the wire: the server pays per batch, and compression likes length.
            writer.write_batch(report_batch(filled))
    return bytes(sink.getvalue())


def _event(seq: int, outcome: Outcome, gateway: str) -> dict[str, Any]:
    begin_time = to_text(outcome.begin_ms)
    end_time = None if outcome.end_ms is None else to_text(outcome.end_ms)
    severity, category, title = _said_of(outcome.rule)
    ended = outcome.change == "cleared" and end_time is not None
    # CloudEvents has no empty subject: it is left out.
    subject = {"subject": outcome.subject} if outcome.subject else {}
    return {
        "specversion": "1.0",
        "id": outcome.id,
        "source": f"guitu/gateway/{gateway}",
        "type": f"guitu.outcome.v1.{outcome.change}",
        **subject,
        "time": end_time if ended else begin_time,
        "datacontenttype": "application/json",
        "data": {
            "entry_seq": seq,
            "episode": outcome.episode,
            "change": outcome.change,
            "org": outcome.org,
            "rule": outcome.rule,
            "severity": severity,
            "category": category,
            "title": title._asdict(),
            "subject": outcome.subject,
            "device": outcome.device,
            "fence": outcome.fence,
            "fence_version": outcome.fence_version,
            "begin_time": begin_time,
            "end_time": end_time,
            "late": outcome.late,
            "evidence": outcome.evidence,
            "explanation": outcome.explanation._asdict(),
        },
    }


def _told_event(seq: int, telling: Telling, gateway: str) -> dict[str, Any]:
    at = to_text(telling.at_ms)
    return {
        "specversion": "1.0",
        "id": f"{telling.episode}/{telling.change}/{telling.device}",
        "source": f"guitu/gateway/{gateway}",
        "type": f"guitu.local.v1.{telling.change}",
        "time": at,
        "datacontenttype": "application/json",
        "data": {
            "entry_seq": seq,
            "episode": telling.episode,
            "change": telling.change,
            "org": telling.org,
            "device": telling.device,
            "at": at,
        },
    }


def _media_event(seq: int, one: Announced, gateway: str) -> dict[str, Any]:
    at = to_text(one.at_ms)
    return {
        "specversion": "1.0",
        "id": f"{one.device}/{one.media}",
        "source": f"guitu/gateway/{gateway}",
        "type": "guitu.media.v1.announced",
        "time": at,
        "datacontenttype": "application/json",
        "data": {
            "entry_seq": seq,
            "org": one.org,
            "device": one.device,
            "media": one.media,
            "media_type": one.media_type,
            "begin_time": to_text(one.begin_time_ms),
            "end_time": to_text(one.end_time_ms),
            "sha256": one.sha256,
            "size_bytes": one.size_bytes,
            "officer": one.officer,
            "case": one.case,
            "at": at,
        },
    }


def _checkin_event(seq: int, one: Attempt, gateway: str) -> dict[str, Any]:
    at = to_text(one.received_ms)
    return {
        "specversion": "1.0",
        "id": f"{one.kiosk}/{one.attempt}",
        "source": f"guitu/gateway/{gateway}",
        "type": "guitu.checkin.v1.judged",
        "time": at,
        "datacontenttype": "application/json",
        "data": {
            "entry_seq": seq,
            "org": one.org,
            "device": one.kiosk,
            "subject": one.subject,
            "attempt": one.attempt,
            "challenge_time": to_text(one.challenge_time_ms),
            "response_time": to_text(one.response_time_ms),
            "received_at": at,
            "verdict": one.verdict,
            "causes": list(one.causes),
            "capture": one.capture.hex(),
        },
    }


def _said_of(name: str) -> tuple[str, str, Words]:
    """Return severity, category and title of a rule.

    What a rule found that this build has no more is a notice by the rule's name: it must not hold
    up what was found after it.
    """
    rule = RULES.get(name)
    if rule is None:
        return "minor", "notice", Words(name, name)
    return rule.severity, rule.category, rule.title

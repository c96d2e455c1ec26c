"""Wristband binary v1, reports and replies to bytes: the device's side."""

from collections.abc import Sequence

from firmware_protocols.errors import FieldError
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_bin.frame import Signer, seal
from firmware_protocols.wristband_bin.layout import MAX_RECORDS, MAX_TIME_MS, REPLY, REPORTS
from firmware_protocols.wristband_bin.record import records_from_reports
from firmware_protocols.wristband_bin.words import ANSWERS, REPLY_HEAD, words

_CODES = {answer: code for code, answer in ANSWERS.items()}
_MAX_BOOT = (1 << 32) - 1


def encode(reports: Sequence[Report], signer: Signer | None = None) -> bytes:
    """Return one frame of reports, rounded to the resolution of the record.

    Raises:
        FieldError: No reports, more than 1,000, of several boots or times of sending, or one that
            the record has no room for.
    """
    if not 1 <= len(reports) <= MAX_RECORDS:
        raise FieldError(f"{len(reports)} reports, 1 to {MAX_RECORDS} go into one frame")
    boot, sent_time_ms = reports[0].boot, reports[0].sent_time_ms
    if any((r.boot, r.sent_time_ms) != (boot, sent_time_ms) for r in reports):
        raise FieldError("one frame has one `boot` and one `sent_time_ms`")
    if not 0 <= boot <= _MAX_BOOT:
        raise FieldError(f"`boot` {boot}, 0 to {_MAX_BOOT} fit into the header")
    if sent_time_ms is not None and not 0 <= sent_time_ms <= MAX_TIME_MS:
        raise FieldError(f"`sent_time_ms` {sent_time_ms}, 0 to {MAX_TIME_MS} fit into the header")
    return seal(
        REPORTS,
        records_from_reports(reports).tobytes(),
        count=len(reports),
        boot=boot,
        sent_time_ms=sent_time_ms,
        signer=signer,
    )


def encode_reply(reply: Reply, signer: Signer | None = None) -> bytes:
    """Return the frame of an answer to a command.

    Raises:
        FieldError: `to` or `text` does not hold to the codec, or the reply has `extra`.
    """
    if reply.extra:
        raise FieldError("a reply's `extra` has no place in the codec")
    body = words(REPLY_HEAD, _CODES[reply.ok], name=reply.to, text=reply.text or "")
    return seal(REPLY, body, signer=signer)

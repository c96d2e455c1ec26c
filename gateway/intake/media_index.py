"""An entry of a recorder's media index, as the journal keeps it."""

from typing import Final

from firmware_protocols.message import Media
from gateway.intake.addressed import Addressed
from gateway.intake.refusal import Refusal
from gateway.journal.announced import Announced

_US_PER_MS: Final = 1_000
_MS_PER_S: Final = 1_000


def announced_by(said: Media, sender: Addressed, tolerance_ms: int) -> Announced:
    """Return what a recorder announces.

    Args:
        said: As it was decoded.
        sender: Who said it, and when it came.
        tolerance_ms: A recording that ends further ahead of our clock is refused.

    Raises:
        Refusal: No recorder said it, it lacks what proves a file, or it is of the future.
    """
    begin_ms, end_ms = said.begin_time_ms, said.end_time_ms
    sha256, size_bytes = said.sha256, said.size_bytes
    is_recorder = sender.device.kind == "recorder"
    # Pictures of JT/T 808 terminals have neither digest nor span: nothing could be held to it.
    if not is_recorder or begin_ms is None or end_ms is None or not (sha256 and size_bytes):
        detail = f"no digest, size and span of recording {said.media!r} of a recorder"
        raise Refusal("no_consumer", detail, keep_bytes=True)
    at_ms = sender.message.received_at_us // _US_PER_MS
    if end_ms - at_ms > tolerance_ms:
        detail = f"recording ends {(end_ms - at_ms) / _MS_PER_S:.0f} s ahead of our clock"
        raise Refusal("future", detail, keep_bytes=True)
    return Announced(
        org=sender.device.org,
        device=sender.topic.device,
        media=said.media,
        media_type=said.media_type,
        begin_time_ms=begin_ms,
        end_time_ms=end_ms,
        sha256=sha256,
        size_bytes=size_bytes,
        officer=said.officer,
        case=said.case,
        at_ms=at_ms,
    )

"""Signs that a face was not there, or not then. Pure; each raises suspicion, a person decides.

None of them is a presentation attack detection in the sense of ISO/IEC 30107-3: that takes a
sensor.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import imagehash
import msgspec
import numpy as np
from PIL import Image

from firmware_protocols.message import CheckIn
from gateway.faces.picture import Pixels

LIKENESS_BYTES: Final = 8
_MS_PER_S: Final = 1_000


class LivenessGates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an attempt must show. Proposals, none of them a standard's.

    Attributes:
        wants_evidence: The kiosk must tell of a blink or a turn.
        least_turn_deg: A turn of the head that counts.
        least_frames: Pictures of the burst that the evidence rests on.
        quickest_ms: Nobody reads a challenge and answers it sooner.
        slowest_s: An answer after that has had help.
        most_pattern_db: A grid that stands out of the face by more is a screen's or a print's.
        likeness_bits: Pictures whose perceptual hashes differ in so few of 64 bits are one.
    """

    wants_evidence: bool = True
    least_turn_deg: float = 8.0
    least_frames: int = 3
    quickest_ms: int = 400
    slowest_s: int = 30
    most_pattern_db: float = 15.0
    likeness_bits: int = 2


SHIPPED: Final = LivenessGates()


def likeness(pixels: Pixels) -> bytes:
    """Return the perceptual hash (pHash) of a picture, 8 bytes."""
    found = imagehash.phash(Image.fromarray(pixels))
    return np.packbits(found.hash.ravel()).tobytes()


def is_alike(one: bytes, others: Iterable[bytes], most_bits: int) -> bool:
    """Return whether a picture was there before, though compressed or scaled anew."""
    mine = int.from_bytes(one, "big")
    return any(
        len(other) == LIKENESS_BYTES
        and (mine ^ int.from_bytes(other, "big")).bit_count() <= most_bits
        for other in others
    )


def signs(said: CheckIn, gates: LivenessGates = SHIPPED) -> list[str]:
    """Return what is odd about an attempt before anybody looks at the face."""
    found = []
    took_ms = said.response_time_ms - said.challenge_time_ms
    if took_ms < gates.quickest_ms:
        found.append("too_quick")
    elif took_ms > gates.slowest_s * _MS_PER_S:
        found.append("too_slow")
    if gates.wants_evidence and not _is_shown(said.liveness, gates):
        found.append("no_liveness")
    return found


def _is_shown(evidence: Mapping[str, Any], gates: LivenessGates) -> bool:
    if _number(evidence, "frames") < gates.least_frames:
        return False
    turned = abs(_number(evidence, "turn_deg")) >= gates.least_turn_deg
    asked = str(evidence.get("challenge", ""))
    if asked.startswith("turn"):
        return turned
    if asked == "blink":
        return evidence.get("blink") is True
    return turned or evidence.get("blink") is True


def _number(evidence: Mapping[str, Any], name: str) -> float:
    value = evidence.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0

"""Codec name to decoder: the only registry."""

from collections.abc import Callable
from typing import Final

from firmware_protocols.message import Report
from firmware_protocols.owntracks import decode as owntracks
from firmware_protocols.wristband_json import decode as wristband_json

Decoder = Callable[[bytes, str], list[Report]]
"""(payload, device id) to reports; raises only DecodeError."""

CODECS: Final[dict[str, Decoder]] = {
    "wristband-json": wristband_json.decode,
    "owntracks": owntracks.decode,
}

"""Codec name to codec: the only registry."""

from typing import Final

from firmware_protocols.codec import Codec
from firmware_protocols.gt06.codec import GT06
from firmware_protocols.jt808.codec import JT808
from firmware_protocols.kiosk.codec import KIOSK
from firmware_protocols.osmand.codec import OSMAND
from firmware_protocols.owntracks.codec import OWNTRACKS
from firmware_protocols.recorder.codec import RECORDER
from firmware_protocols.watch.codec import WATCH
from firmware_protocols.wristband_bin.codec import WRISTBAND_BIN
from firmware_protocols.wristband_json.codec import WRISTBAND_JSON

CODECS: Final[dict[str, Codec]] = {
    codec.name: codec
    for codec in (
        WRISTBAND_JSON,
        WRISTBAND_BIN,
        OWNTRACKS,
        OSMAND,
        KIOSK,
        RECORDER,
        WATCH,
        JT808,
        GT06,
    )
}

"""Wristband JSON v1 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.wristband_json.decode import decode


def _open(context: Context) -> Decoder:
    return lambda payload: list(decode(payload, context.device))


WRISTBAND_JSON: Final = Codec(name="wristband-json", form="text", open=_open)

"""Wristband binary v1 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.wristband_bin.decode import decode
from firmware_protocols.wristband_bin.down_link import encode_ack, encode_command


def _open(context: Context) -> Decoder:
    return lambda payload: decode(payload, context.device, context.keys)


WRISTBAND_BIN: Final = Codec(
    name="wristband-bin",
    form="hex",
    open=_open,
    encode_ack=encode_ack,
    encode_command=encode_command,
)

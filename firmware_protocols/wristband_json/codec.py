"""Wristband JSON v1 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.wristband_json.command import encode_command
from firmware_protocols.wristband_json.decode import decode
from firmware_protocols.wristband_json.encode import encode_ack


def _open(context: Context) -> Decoder:
    return lambda payload: decode(payload, context.device)


WRISTBAND_JSON: Final = Codec(
    name="wristband-json",
    form="text",
    open=_open,
    encode_ack=encode_ack,
    encode_command=encode_command,
)

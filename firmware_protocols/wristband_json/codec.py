"""Wristband JSON v1 as the catalog lists it."""

from collections.abc import Sequence
from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.columns import ColumnBatch
from firmware_protocols.wristband_json.command import encode_command
from firmware_protocols.wristband_json.decode import decode, decode_batch
from firmware_protocols.wristband_json.encode import encode_ack


def _open(context: Context) -> Decoder:
    return lambda payload: decode(payload, context.device)


def _columns(payloads: Sequence[bytes], _contexts: Sequence[Context]) -> ColumnBatch:
    return decode_batch(payloads)


WRISTBAND_JSON: Final = Codec(
    name="wristband-json",
    form="text",
    open=_open,
    columns=_columns,
    encode_ack=encode_ack,
    encode_command=encode_command,
)

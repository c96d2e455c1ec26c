"""Wristband binary v1 as the catalog lists it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.columns import ColumnBatch
from firmware_protocols.wristband_bin.decode import decode, decode_batch
from firmware_protocols.wristband_bin.down_link import encode_ack, encode_command


def _open(context: Context) -> Decoder:
    return lambda payload: decode(payload, context.device, context.keys)


def _columns(payloads: Sequence[bytes], contexts: Sequence[Context]) -> ColumnBatch:
    signed = [index for index, context in enumerate(contexts) if context.keys]
    if signed:  # each device has keys of its own
        payloads = [b"" if contexts[n].keys else payload for n, payload in enumerate(payloads)]
    batch = decode_batch(payloads)
    rows, payload, rest = batch.rows, batch.payload, sorted({*batch.refused, *batch.replied})
    if batch.replied:
        whole = ~np.isin(payload, batch.replied)
        rows, payload = rows[whole], payload[whole]
    return ColumnBatch(rows, payload, rest)


WRISTBAND_BIN: Final = Codec(
    name="wristband-bin",
    form="hex",
    open=_open,
    columns=_columns,
    encode_ack=encode_ack,
    encode_command=encode_command,
)

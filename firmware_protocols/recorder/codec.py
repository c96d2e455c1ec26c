"""Recorder v1 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.recorder.decode import decode
from firmware_protocols.recorder.encode import encode_ack


def _open(context: Context) -> Decoder:
    return lambda payload: list(decode(payload, context.device))


RECORDER: Final = Codec(name="recorder", form="hex", open=_open, encode_ack=encode_ack)

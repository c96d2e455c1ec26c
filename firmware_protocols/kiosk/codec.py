"""Kiosk v1 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.kiosk.decode import decode


def _open(context: Context) -> Decoder:
    return lambda payload: list(decode(payload, context.device))


KIOSK: Final = Codec(name="kiosk", form="hex", open=_open)

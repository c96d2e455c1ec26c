"""OwnTracks JSON as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.owntracks.decode import decode


def _open(context: Context) -> Decoder:
    return lambda payload: list(decode(payload, context.device))


OWNTRACKS: Final = Codec(name="owntracks", form="text", open=_open)

"""OwnTracks JSON as the catalog lists it."""

from functools import partial
from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.owntracks.decode import decode


def _open(context: Context) -> Decoder:
    return partial(decode, device=context.device)


OWNTRACKS: Final = Codec(name="owntracks", form="text", open=_open)

"""OsmAnd's and the Traccar client's HTTP form as the catalog lists it."""

from functools import partial
from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.osmand.decode import decode


def _open(context: Context) -> Decoder:
    return partial(decode, device=context.device)


OSMAND: Final = Codec(name="osmand", form="text", open=_open)
"""One request per payload; see docs/protocols/osmand.md."""

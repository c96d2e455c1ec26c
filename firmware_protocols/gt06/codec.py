"""GT06 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec, Context, Decoder
from firmware_protocols.gt06.decode import StreamDecoder
from firmware_protocols.gt06.dialogue import Gt06Dialogue
from firmware_protocols.gt06.profiles import PROFILES, find_profile


def _open(context: Context) -> Decoder:
    profile = find_profile(context.profile)
    return StreamDecoder(
        profile, device=context.device, utc_offset_min=context.utc_offset_min
    ).decode


GT06: Final = Codec(
    name="gt06",
    form="hex",
    open=_open,
    profiles=tuple(name for name in PROFILES if name),
    dialogue=Gt06Dialogue,
)

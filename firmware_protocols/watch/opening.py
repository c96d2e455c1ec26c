"""Makes decoders of the watch protocol."""

from functools import partial

from firmware_protocols.codec import Context, Decoder
from firmware_protocols.watch.decode import decode
from firmware_protocols.watch.profiles import profile_named


def open_decoder(context: Context) -> Decoder:
    """Return a decoder for one stream; no frame of this protocol leans on an earlier one.

    Raises:
        ProfileError: There is no such profile.
    """
    profile = profile_named(context.profile)
    offset_min = context.utc_offset_min
    if offset_min is None:
        offset_min = profile.utc_offset_min
    return partial(decode, device=context.device, profile=profile, utc_offset_min=offset_min)

"""The watch text protocol as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec
from firmware_protocols.watch.dialogue import WatchDialogue
from firmware_protocols.watch.opening import open_decoder
from firmware_protocols.watch.profiles import PROFILES

WATCH: Final = Codec(
    name="watch",
    form="either",
    open=open_decoder,
    profiles=tuple(PROFILES),
    dialogue=WatchDialogue,
)
"""3G, SG, CS, ZJ over TCP; see docs/protocols/watch.md."""

"""JT/T 808 as the catalog lists it."""

from typing import Final

from firmware_protocols.codec import Codec
from firmware_protocols.jt808.batch import columns_of_contexts
from firmware_protocols.jt808.dialogue import Jt808Dialogue
from firmware_protocols.jt808.opening import open_decoder
from firmware_protocols.jt808.profiles import PROFILES

JT808: Final = Codec(
    name="jt808",
    form="hex",
    open=open_decoder,
    columns=columns_of_contexts,
    profiles=tuple(PROFILES),
    dialogue=Jt808Dialogue,
)

"""A check-in attempt on its way from the kiosk to a verdict."""

import msgspec

from firmware_protocols.message import CheckIn


class Shown(msgspec.Struct, frozen=True):
    """What a kiosk sent, before anybody looked at it.

    Attributes:
        org: Organisation of the kiosk.
        said: As it was decoded; its device is the kiosk.
        received_at_us: When it came, our clock, microseconds since 1970 UTC.
    """

    org: str
    said: CheckIn
    received_at_us: int

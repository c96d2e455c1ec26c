"""How a body is laid out, and which layout a frame has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from firmware_protocols.gt06.alarms import ALARM_CODES, STATUS_ALARMS
from firmware_protocols.gt06.fields import Field
from firmware_protocols.gt06.frame import Frame
from firmware_protocols.gt06.profiles import Profile

Sort = Literal["report", "login", "reply", "time_request", "media"]
Ack = Literal["", "short", "long", "address", "wifi"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One form of one message.

    Attributes:
        type: Protocol number.
        fields: The body in order; what is left over is kept as unknown bytes.
        variant: Its name among the forms of this type; empty for the usual one.
        is_long: Of the 7979 form; None for both.
        lengths: Length fields that tell the variant, first and last; None for any.
        has_serial: False for Wi-Fi frames without serial and CRC.
        prefix: First bytes of the body that tell the variant.
        by_profile: Only a profile chooses it: its shape does not tell it from others.
        sort: What it is.
        ack: Form of the platform's answer; empty for none.
        codes: Meaning of `alarm_code`.
        status_alarms: Meaning of bits 3 to 5 of the terminal information.
    """

    type: int
    fields: tuple[Field, ...]
    variant: str = ""
    is_long: bool | None = False
    lengths: tuple[int, int] | None = None
    has_serial: bool = True
    prefix: bytes = b""
    by_profile: bool = False
    sort: Sort = "report"
    ack: Ack = "short"
    codes: Mapping[int, str] = field(default_factory=lambda: ALARM_CODES)
    status_alarms: Mapping[int, str] = field(default_factory=lambda: STATUS_ALARMS)

    def fits(self, frame: Frame) -> bool:
        """Return whether a frame has the shape of this layout."""
        if self.has_serial != (frame.serial is not None) and not frame.tolerated:
            return False
        if self.lengths is not None and not self.lengths[0] <= frame.length <= self.lengths[1]:
            return False
        return self.is_long in (None, frame.is_long) and frame.body.startswith(self.prefix)


class Book:
    """All layouts, found by frame or by name."""

    def __init__(self, layouts: tuple[Layout, ...]) -> None:
        """Take the layouts; of those of one type the first that fits is chosen."""
        self.layouts = layouts
        self._of_type: dict[int, list[Layout]] = {}
        for layout in layouts:
            self._of_type.setdefault(layout.type, []).append(layout)

    def of_frame(self, frame: Frame, profile: Profile) -> Layout | None:
        """Return the layout of a frame; None when nobody knows it.

        The variant that the profile names comes first, whatever the length; then shape decides.
        """
        chosen = profile.variants.get(frame.type)
        layouts = self._of_type.get(frame.type, ())
        for layout in layouts:
            if chosen and layout.variant == chosen and layout.is_long in (None, frame.is_long):
                return layout
        for layout in layouts:
            if not layout.by_profile and layout.fits(frame):
                return layout
        return None

    def of_values(
        self, message: int, variant: str, *, is_long: bool, values: Mapping[str, Any]
    ) -> Layout | None:
        """Return the layout of a message type and variant.

        Of several that only differ by their first byte, the subtype in `values` chooses.
        """
        for layout in self._of_type.get(message, ()):
            if layout.variant != variant or layout.is_long not in (None, is_long):
                continue
            if "subtype" not in values or layout.prefix[:1] in (b"", bytes((values["subtype"],))):
                return layout
        return None

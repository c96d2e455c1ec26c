"""Which device a terminal is that speaks TCP (docs/wire/directory-v1.md, `devices[].terminal`)."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.errors import DirectoryError

TerminalProtocol = Literal["jt808", "gt06", "watch"]


class Terminal(msgspec.Struct, frozen=True):
    """What a device is on the wire.

    Attributes:
        protocol: The codec that it speaks.
        number: What it calls itself: phone, IMEI or watch id.
        model: Device-model profile; empty is the codec's default one.
        serial: Terminal id that a JT/T 808 registration must show; None: any.
        utc_offset_min: Its clock's offset from UTC, minutes; None: as its login or the profile say.
    """

    protocol: TerminalProtocol
    number: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,20}$")]
    model: Annotated[str, Meta(max_length=40)] = ""
    serial: Annotated[str, Meta(min_length=1, max_length=30)] | None = None
    utc_offset_min: Annotated[int, Meta(ge=-720, le=840)] | None = None


class Terminals:
    """The terminals of one directory, by protocol and number."""

    def __init__(self, terminals: Iterable[tuple[str, Terminal | None]]) -> None:
        """Take (device, terminal) of every device, in their order.

        Raises:
            DirectoryError: Two devices share protocol and number.
        """
        self._exact: dict[tuple[str, str], str] = {}
        self._bare: dict[tuple[str, str], str | None] = {}
        for index, (device, terminal) in enumerate(terminals):
            if terminal is not None:
                self._add(index, device, terminal)

    def find(self, protocol: str, number: str) -> str | None:
        """Return the device of a terminal, or None.

        Leading zeros do not count where that leaves no doubt: JT/T 808 fills a phone number up to
        12 digits in one edition and to 20 in the next.
        """
        device = self._exact.get((protocol, number))
        return device or self._bare.get((protocol, number.lstrip("0")))

    def _add(self, index: int, device: str, terminal: Terminal) -> None:
        key = terminal.protocol, terminal.number
        other = self._exact.setdefault(key, device)
        if other != device:
            raise DirectoryError(
                f"devices[{index}].terminal",
                f"{terminal.protocol} {terminal.number!r} is {other!r} already",
            )
        bare = terminal.protocol, terminal.number.lstrip("0")
        self._bare[bare] = device if self._bare.get(bare, device) == device else None

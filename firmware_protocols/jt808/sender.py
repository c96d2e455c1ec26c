"""Our side's frames on one connection: serials, the terminal's form, parts to send again."""

from collections.abc import Iterable
from typing import Final

from firmware_protocols.errors import CommandError
from firmware_protocols.jt808.address import Address
from firmware_protocols.jt808.down import Down, down_frames
from firmware_protocols.jt808.replies import ResendRequest

_SERIALS: Final = 1 << 16
_MAX_LONG_KEPT: Final = 4
"""Long down-links whose parts a terminal may ask for again."""


class Sender:
    """Writes down-links in the form that the terminal last spoke.

    Attributes:
        serial: Serial of the next frame.
    """

    def __init__(self) -> None:
        """Start with serial 0 and without a terminal."""
        self.serial = 0
        self._address: Address | None = None
        self._long_sent: dict[int, list[bytes]] = {}

    @property
    def is_2019(self) -> bool:
        """The terminal speaks the edition of 2019."""
        return self._address is not None and self._address.version is not None

    @property
    def terminal(self) -> str:
        """The terminal's number; empty before its first frame."""
        return self._address.terminal if self._address else ""

    def mirror(self, address: Address) -> None:
        """Write to this address, in its edition and with its delimiter, from now on."""
        self._address = address

    def write(self, *messages: Down) -> bytes:
        """Return the frames of down-links.

        Raises:
            CommandError: A value does not fit its field, or no terminal has spoken yet.
        """
        return b"".join(frame for message in messages for frame in self._frames(message))

    def resend(self, asked: ResendRequest) -> Iterable[bytes]:
        """Return those of our parts that a terminal asks for, byte for byte as they went out."""
        parts = self._long_sent.get(asked.first_serial, [])
        wanted = sorted({number for number in asked.parts if 1 <= number <= len(parts)})
        return [parts[number - 1] for number in wanted]

    def _frames(self, message: Down) -> list[bytes]:
        if self._address is None:
            raise CommandError("no terminal has spoken on this connection yet")
        frames = down_frames(self._address, self.serial, message)
        if len(frames) > 1:
            self._long_sent.pop(self.serial, None)
            self._long_sent[self.serial] = frames
            while len(self._long_sent) > _MAX_LONG_KEPT:
                del self._long_sent[next(iter(self._long_sent))]
        self.serial = (self.serial + len(frames)) % _SERIALS
        return frames

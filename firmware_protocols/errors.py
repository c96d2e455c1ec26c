"""The errors of this package.

ProtocolError
├── TopicError          the MQTT topic is not of the layout
├── TrackFileError      a track file (CSV, GPX, PLT) does not hold to its format
├── ProfileError        no such device-model profile
├── CommandError        a down-link that cannot be sent
│   ├── ApprovalError        it is dangerous and two persons have not approved it
│   └── UnsupportedCommandError  the protocol or the device model has no such command
└── DecodeError         the bytes are not a message of their codec
    ├── SyntaxDecodeError    not even the codec's outer form (JSON, frame)
    ├── ChecksumError        the checksum is another than the bytes'
    ├── LengthError          a length field is not the length of what follows
    ├── FieldError           a field is missing, of the wrong type or out of range
    ├── OversizedError       longer than the codec allows
    ├── UnsupportedError     sound, but encrypted or of a version that is not read
    └── AuthenticityError    the signature is wrong, or of a key that is not known
"""

from typing import Final

_FRAME_BYTES_SHOWN: Final = 64


class ProtocolError(Exception):
    """Root of everything this package raises."""


class TopicError(ProtocolError):
    """An MQTT topic that is not of the layout in `firmware_protocols.topics`."""


class TrackFileError(ProtocolError):
    """A track file that does not hold to its format.

    Attributes:
        line: Line of the file from 1; 0 when the fault is not in one line.
    """

    def __init__(self, name: str, line: int, detail: str) -> None:
        """Take the file's name, the line and what is wrong there."""
        super().__init__(f"{name}:{line}: {detail}" if line else f"{name}: {detail}")
        self.line = line


class ProfileError(ProtocolError):
    """A device-model profile that the codec does not have; the text lists those it has."""


class CommandError(ProtocolError):
    """A down-link that cannot be sent."""


class ApprovalError(CommandError):
    """A dangerous down-link without the approval of two persons."""


class UnsupportedCommandError(CommandError):
    """A down-link that the protocol or the device model does not have."""


class DecodeError(ProtocolError):
    """Bytes that are not a message of their codec.

    Attributes:
        reason: A short stable word for counting (`syntax`, `checksum`, ...).
        frame: The bytes that were being decoded.
        offset: Where in `frame` the fault lies; None when it is in no one place.
    """

    reason = "decode"

    def __init__(self, detail: str, *, frame: bytes = b"", offset: int | None = None) -> None:
        """Take what is wrong and what is allowed, and where.

        Args:
            detail: One line for a person; the offset is added to it.
            frame: The bytes that were being decoded.
            offset: Byte of `frame` from 0.
        """
        super().__init__(detail if offset is None else f"{detail} (at byte {offset})")
        self.frame = frame
        self.offset = offset

    @property
    def frame_hex(self) -> str:
        """The frame's beginning in hex, for logs and messages."""
        return self.frame[:_FRAME_BYTES_SHOWN].hex()


class SyntaxDecodeError(DecodeError):
    """The outer form (JSON, frame) does not parse."""

    reason = "syntax"


class ChecksumError(DecodeError):
    """The checksum is another than the bytes'."""

    reason = "checksum"


class LengthError(DecodeError):
    """A length field is not the length of what follows."""

    reason = "length"


class FieldError(DecodeError):
    """A field is missing, of the wrong type or outside its range."""

    reason = "field"


class OversizedError(DecodeError):
    """The message is longer than the codec allows."""

    reason = "oversized"


class UnsupportedError(DecodeError):
    """A sound frame that is encrypted or of a version that is not read."""

    reason = "unsupported"


class AuthenticityError(DecodeError):
    """The signature is wrong, or made with a key that is not known here."""

    reason = "authenticity"

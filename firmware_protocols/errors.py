"""The errors of this package.

ProtocolError
├── TopicError          the MQTT topic is not of the layout
├── TrackFileError      a track file (CSV, GPX, PLT) does not hold to its format
└── DecodeError         the payload is not a message of its codec
    ├── SyntaxDecodeError    not even the codec's outer form (JSON, frame)
    ├── FieldError           a field is missing, of the wrong type or out of range
    └── OversizedError       longer than the codec allows
"""


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


class DecodeError(ProtocolError):
    """A payload that is not a message of its codec.

    Attributes:
        reason: A short stable word for counting (`syntax`, `field`, `oversized`).
    """

    reason = "decode"


class SyntaxDecodeError(DecodeError):
    """The outer form (JSON, frame) does not parse."""

    reason = "syntax"


class FieldError(DecodeError):
    """A field is missing, of the wrong type or outside its range."""

    reason = "field"


class OversizedError(DecodeError):
    """The payload is longer than the codec allows."""

    reason = "oversized"

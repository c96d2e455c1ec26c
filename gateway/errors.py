"""The errors of this package.

GatewayError
├── DirectoryError     a directory snapshot that is refused whole
├── ParameterError     a rule parameter that is unknown or out of bounds
├── JournalError       the journal file cannot be used
│   └── JournalWriteError   this commit did not reach the disk; try it again
├── ListenError        a TCP port cannot be listened on
└── UplinkError        the server did not take a request
    └── UplinkRefusedError  it never will, as it stands
"""


class GatewayError(Exception):
    """Root of everything this package raises."""


class DirectoryError(GatewayError):
    """A directory snapshot is wrong at `place`; the last good one stays in force."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"directory refused: {place}: {reason}")
        self.place = place
        self.reason = reason


class ParameterError(GatewayError):
    """A rule parameter is unknown or out of its bounds."""


class JournalError(GatewayError):
    """The journal file cannot be opened, read or written."""


class JournalWriteError(JournalError):
    """A commit did not reach the disk; nothing of it was written."""


class ListenError(GatewayError):
    """A TCP port for terminals cannot be listened on."""


class UplinkError(GatewayError):
    """The server did not take a request; try again after `retry_after_s`, or with less."""

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, is_too_large: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.is_too_large = is_too_large


class UplinkRefusedError(UplinkError):
    """The server refuses the request as it stands."""

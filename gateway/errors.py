"""The errors of this package.

GatewayError
├── DirectoryError     a directory snapshot that is refused whole
├── DirectoryKeyError  the file of keys that sign directories cannot be used
├── ParameterError     a rule parameter that is unknown or out of bounds
├── RuleSetError       a rule-set file that is refused whole
├── LabelError         a label file that cannot be read
├── BacktestError      a journal that cannot be replayed as asked
├── JournalError       the journal file cannot be used
│   └── JournalWriteError   this commit did not reach the disk; try it again
├── ListenError        a TCP port cannot be listened on
├── PictureError       bytes are no picture that could be looked at
├── CameraError        a camera's file, or the pictures to make one from, cannot be used
├── FaceVaultError     the store of faces, or its key, cannot be used
├── PairsError         a file of pairs of pictures cannot be used
└── UplinkError        the server did not take a request
    └── UplinkRefusedError  it never will, as it stands
"""

from pathlib import Path


class GatewayError(Exception):
    """Root of everything this package raises."""


class DirectoryError(GatewayError):
    """A directory snapshot is wrong at `place`; the last good one stays in force."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"directory refused: {place}: {reason}")
        self.place = place
        self.reason = reason


class DirectoryKeyError(GatewayError):
    """The file of keys that sign directories cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"GUITU_GATEWAY_DIRECTORY_KEY_FILE={path}: {reason}")


class ParameterError(GatewayError):
    """A rule parameter is unknown or out of its bounds."""


class RuleSetError(GatewayError):
    """A rule-set file is wrong at `place`."""

    def __init__(self, path: Path, place: str, reason: str) -> None:
        super().__init__(f"rule set {path} refused: {place}: {reason}")
        self.place = place
        self.reason = reason


class LabelError(GatewayError):
    """A label file cannot be read, or a line of it is no label."""


class BacktestError(GatewayError):
    """A journal cannot be replayed as it was asked for."""


class JournalError(GatewayError):
    """The journal file cannot be opened, read or written."""


class JournalWriteError(JournalError):
    """A commit did not reach the disk; nothing of it was written."""


class ListenError(GatewayError):
    """A TCP port for terminals cannot be listened on."""


class UplinkError(GatewayError):
    """The server did not take a request; try again after `retry_after_s`, or with less.

    Attributes:
        retry_after_s: What the server asked for.
        is_too_large: There was too much in it.
        is_unsound: What was in it can never be taken.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after_s: float | None = None,
        is_too_large: bool = False,
        is_unsound: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.is_too_large = is_too_large
        self.is_unsound = is_unsound


class UplinkRefusedError(UplinkError):
    """The server refuses the request as it stands."""


class PictureError(GatewayError):
    """Bytes are no picture within the bounds; `cause` is the one word for it."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(f"picture refused ({cause}): {reason}")
        self.cause = cause


class CameraError(GatewayError):
    """A camera's file, or the pictures to make one from, cannot be used."""


class FaceVaultError(GatewayError):
    """The store of faces, or its key, cannot be used."""


class PairsError(GatewayError):
    """A file of pairs, or a picture that it names, cannot be used; `line` 0 is the whole file."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {reason}")

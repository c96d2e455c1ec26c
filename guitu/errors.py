"""The errors of this package.

GuituError
├── MissingProgramError   an embedded program's wheel is not installed
├── PortTakenError        a port is in use by something else
├── DataFolderError       the data folder cannot be used
│   ├── FolderLockedError     another supervisor holds it
│   └── UnreachableFolderError   the database's user cannot get to it
├── ChildFailedError      a child process did not start or keeps dying
├── FactFileError         a file is no record of a fact
├── RegistryFileError     a file cannot be a registry file
├── ScorePolicyError      a scoring policy has mistakes
├── ServerRefusedError    the server refused what a command asked of it, or did not answer
├── ScoreFeedError        a source of figures or a receiver of grades did not answer soundly
├── SupplyError           what the product is made of cannot be told
├── AuthorityError        a certificate authority cannot be used
├── BackupError           a backup was not made, or cannot be restored
└── SettingsError         a setting is missing or out of range

The command line turns each of them into one line on stderr.
"""


class GuituError(Exception):
    """Root of everything this package raises."""


class MissingProgramError(GuituError):
    """An embedded program's wheel is not installed."""


class PortTakenError(GuituError):
    """A port is in use by something else."""


class DataFolderError(GuituError):
    """The data folder cannot be used."""


class FolderLockedError(DataFolderError):
    """Another supervisor holds the data folder."""


class UnreachableFolderError(DataFolderError):
    """The user that the database runs as cannot reach a folder."""


class ChildFailedError(GuituError):
    """A child process did not start, or keeps dying."""


class SettingsError(GuituError):
    """A setting is missing or out of range."""


class FactFileError(GuituError):
    """A file is no record of a fact."""


class AuthorityError(GuituError):
    """A certificate authority is not there, or cannot be used as asked."""


class ScorePolicyError(GuituError):
    """A scoring policy has mistakes."""


class RegistryFileError(GuituError):
    """A file cannot be a registry file."""


class ServerRefusedError(GuituError):
    """The server refused what a command asked of it, or did not answer.

    Attributes:
        status: The HTTP status of the answer; None: there was none.
    """

    def __init__(self, text: str, *, status: int | None = None) -> None:
        """Say what the server said."""
        super().__init__(text)
        self.status = status


class ScoreFeedError(GuituError):
    """A source of public-credit figures, or a receiver of grades, did not answer soundly."""


class BackupError(GuituError):
    """A backup was not made, or cannot be restored."""


class SupplyError(GuituError):
    """What the product is made of, or what is known of it, cannot be told."""

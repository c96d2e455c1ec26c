"""The errors of this package.

GuituError
├── MissingProgramError   an embedded program's wheel is not installed
├── PortTakenError        a port is in use by something else
├── DataFolderError       the data folder cannot be used
│   ├── FolderLockedError     another supervisor holds it
│   └── UnreachableFolderError   the database's user cannot get to it
├── ChildFailedError      a child process did not start or keeps dying
├── FactFileError         a file is no record of a fact
├── ScorePolicyError      a scoring policy has mistakes
├── ScoreRefusedError     the server did not explain a score, or did not answer
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


class RegistryRefusedError(GuituError):
    """The server did not take a registry file, or did not answer."""


class FactFileError(GuituError):
    """A file is no record of a fact."""


class AuthorityError(GuituError):
    """A certificate authority is not there, or cannot be used as asked."""


class ScorePolicyError(GuituError):
    """A scoring policy has mistakes."""


class ScoreRefusedError(GuituError):
    """The server did not explain a score, or did not answer."""


class BackupError(GuituError):
    """A backup was not made, or cannot be restored."""


class SupplyError(GuituError):
    """What the product is made of, or what is known of it, cannot be told."""

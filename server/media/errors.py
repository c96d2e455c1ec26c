"""Errors of recordings.

ServerError
    StorageError    a file cannot be kept or read
RequestError
    ChecksumError   460: a part of an upload is not what its sender hashed
    GoneError       410: an upload's bytes are lost; it begins anew
    LockedError     423: another request brings bytes of the same upload
    RangeError      416: the range that is asked for is beyond the file
    VersionError    412: another version of tus
"""

from server.errors import RequestError, ServerError


class StorageError(ServerError):
    """A file cannot be kept or read."""


class ChecksumError(RequestError):
    """The bytes are not what Upload-Checksum says; nothing of them was taken."""

    status, slug, title = 460, "checksum", "Checksum mismatch"


class GoneError(RequestError):
    """What had come of an upload is not there any more."""

    status, slug, title = 410, "gone", "Gone"


class LockedError(RequestError):
    """Another request brings bytes of the same upload now."""

    status, slug, title = 423, "locked", "Locked"


class RangeError(RequestError):
    """The range that is asked for is beyond the file."""

    status, slug, title = 416, "range", "Range not satisfiable"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"the recording has {size_bytes} bytes: ask for a range within them")
        self.headers = {"Content-Range": f"bytes */{size_bytes}"}


class VersionError(RequestError):
    """A version of tus that is not spoken here."""

    status, slug, title = 412, "tus-version", "Version of tus not spoken"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers = {"Tus-Version": "1.0.0"}

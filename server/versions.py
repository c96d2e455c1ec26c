"""Optimistic concurrency: the ETag of a thing is its version, and a change names the one it saw."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header, Response

from server.errors import StaleVersionError, VersionWantedError

IfMatch = Annotated[str | None, Header()]


def check_version(if_match: str | None, version: int | str, *, current: Mapping[str, Any]) -> None:
    """Refuse a change of another version than the one that was seen.

    Args:
        if_match: The header.
        version: The version that stands.
        current: The thing as it stands, for the answer; only plain JSON values.

    Raises:
        VersionWantedError: Without If-Match.
        StaleVersionError: Someone was faster.
    """
    wanted(if_match)
    if (if_match or "").removeprefix("W/").strip('"') != str(version):
        raise StaleVersionError("it changed since you saw it", current=current)


def wanted(if_match: str | None) -> None:
    """Refuse a change that does not say what it saw.

    Raises:
        VersionWantedError: Without If-Match.
    """
    if if_match is None:
        raise VersionWantedError('send If-Match with the ETag of what you saw, such as "3"')


def set_version(response: Response, version: int | str) -> None:
    """Name the version of the answer."""
    response.headers["ETag"] = f'"{version}"'

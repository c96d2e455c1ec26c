"""Reads the tables that ship with this package, against their declared shape."""

from importlib.resources import files
from typing import TypeVar

import msgspec

from server.law.errors import LawError

T = TypeVar("T")


def read(name: str, shape: type[T]) -> T:
    """Return the JSON file of this package as its declared shape.

    Raises:
        LawError: The file does not hold to the shape; says where.
    """
    raw = files("server.law").joinpath(name).read_bytes()
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.MsgspecError as error:
        raise LawError(f"{name}: {error}") from error

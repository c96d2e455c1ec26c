"""Logins that everybody knows: data with sources, for auditing a broker of one's own."""

from importlib.resources import files
from typing import Final

import msgspec


class DefaultLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A login that a product comes with.

    Attributes:
        of: Which product.
        source: Who says so.
    """

    user: str
    password: str
    of: str
    source: str


class _Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    passwords: tuple[str, ...]


class DefaultLogins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: `common` are passwords that are tried at every account."""

    version: int
    login: tuple[DefaultLogin, ...]
    common: _Common


DEFAULT_LOGINS: Final = msgspec.toml.decode(
    files("guitu.brokers").joinpath("default_logins.toml").read_bytes(), type=DefaultLogins
)

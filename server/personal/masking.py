"""Masked personal fields (掩码): enough to tell two apart, not enough to find anybody. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

MASK: Final = "****"
_PHONE: Final = (3, 4)
_IDENTITY: Final = (4, 2)
_PLACE: Final = (6, 0)
_NAME: Final = (1, 0)


def masked_phone(value: str | None) -> str | None:
    """Return a telephone number as `138****1234`."""
    return _masked(value, *_PHONE)


def masked_identity(value: str | None) -> str | None:
    """Return an identity number by its first four characters, which are a city, and last two."""
    return _masked(value, *_IDENTITY)


def masked_place(value: str | None) -> str | None:
    """Return the beginning of an address, about as far as its county."""
    return _masked(value, *_PLACE)


def masked_name(value: str | None) -> str | None:
    """Return the first character of a name."""
    return _masked(value, *_NAME)


def masked_file(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole file with number, telephones, residence and contacts masked."""
    return dict(file) | {
        "identity_number": masked_identity(file["identity_number"]),
        "phone": masked_phone(file["phone"]),
        "residence": masked_place(file["residence"]),
        "group": [one | {"phone": masked_phone(one["phone"])} for one in file["group"]],
        "contacts": _masked_contacts(file["contacts"]),
        "is_masked": True,
    }


def _masked_contacts(contacts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        dict(one)
        | {
            "name": masked_name(one["name"]),
            "phone": masked_phone(one["phone"]),
            "address": masked_place(one["address"]),
        }
        for one in contacts
    ]


def _masked(value: str | None, first: int, last: int) -> str | None:
    if value is None:
        return None
    # One that is no longer than what would be shown is hidden whole.
    if len(value) <= first + last:
        return MASK
    return f"{value[:first]}{MASK}{value[len(value) - last :]}"

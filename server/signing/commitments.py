"""加盐承诺: what a signed record says without holding it, so that it can be destroyed for real.

    commitment = SHA-256(salt || content)

The record holds commitments and is signed; what they stand for lies beside it, each with its salt.
Once that is gone nothing of it can be guessed from the record, which stays as it was signed.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from server.signing.canonical import canonical
from server.signing.errors import FactRecordError

SALT_BYTES: Final = 16
_KEY: Final = "commitment"


class Opening(TypedDict):
    """What a commitment stands for.

    Attributes:
        at: When what it tells of happened, ISO 8601; a destruction from an instant on asks it.
        salt: Hex.
        content: JSON in its one form.
    """

    at: str
    salt: str
    content: str


@dataclass(frozen=True, slots=True)
class Openings:
    """The openings of one record, by commitment in hex."""

    by_commitment: dict[str, Opening] = field(default_factory=dict)

    def commit(self, content: Any, at: str) -> dict[str, str]:
        """Return what stands in the record for a JSON value, and keep the value here."""
        text = canonical(content)
        salt = secrets.token_bytes(SALT_BYTES)
        name = _commitment(salt, text)
        self.by_commitment[name] = Opening(at=at, salt=salt.hex(), content=text)
        return {_KEY: name}


def opened(content: Any, openings: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return a record's content with what its commitments stand for; destroyed ones stay.

    Raises:
        FactRecordError: An opening is not of its commitment.
    """
    return _opened(content, {name: _value(name, one) for name, one in openings.items()})


def _opened(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_opened(one, values) for one in part]
    if not isinstance(part, dict):
        return part
    name = part.get(_KEY)
    if len(part) == 1 and isinstance(name, str) and name in values:
        return _opened(values[name], values)
    return {key: _opened(one, values) for key, one in part.items()}


def _value(name: str, opening: Mapping[str, Any]) -> Any:
    try:
        salt, text = bytes.fromhex(opening["salt"]), opening["content"]
        if _commitment(salt, text) == name:
            return json.loads(text)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FactRecordError(f"opening {name[:16]} has no salt and content as JSON") from error
    raise FactRecordError(f"opening {name[:16]} is not what was signed: it was changed")


def _commitment(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()

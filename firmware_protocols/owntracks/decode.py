"""OwnTracks JSON, bytes to messages."""

from typing import Any, Final

import msgspec

from firmware_protocols.errors import (
    DecodeError,
    FieldError,
    OversizedError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.message import Heartbeat, Logout, Message, Unknown
from firmware_protocols.owntracks.location import device_of, read_extra, read_report
from firmware_protocols.owntracks.names import WITHHELD

MAX_PAYLOAD_BYTES: Final = 16_384
"""A location is about 400 bytes; cards with a picture are larger but never decoded."""

_REPORTS: Final = frozenset({"location", "transition", "steps"})
_TYPE: Final = frozenset({"_type"})


def decode(payload: bytes, device: str) -> list[Message]:
    """Return what one message of the app says.

    Raises:
        DecodeError: The payload is oversized, not a JSON object, encrypted, or a field does not
            hold to the codec.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}", frame=payload)
    try:
        fields = msgspec.json.decode(payload, type=dict[str, Any])
    except msgspec.ValidationError as error:
        raise FieldError(str(error), frame=payload) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}", frame=payload) from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply", frame=payload) from error
    try:
        return [_message(fields, payload, device)]
    except DecodeError as error:
        error.frame = error.frame or payload
        raise


def _message(fields: dict[str, Any], payload: bytes, device: str) -> Message:
    kind = fields.get("_type")
    if not isinstance(kind, str):
        raise FieldError("`_type` is not a text")
    if kind in _REPORTS:
        return read_report(fields, device)
    if kind == "encrypted":
        raise UnsupportedError("an encrypted message: the key is the user's own")
    name = device or device_of(fields)
    if kind == "lwt":
        # The broker sends it when the phone has gone without a word; `tst` is its connecting.
        return Logout(device=name, extra=_rest(fields, kind))
    if kind == "status":
        return Heartbeat(device=name, extra=_rest(fields, kind))
    if kind in WITHHELD:
        return Unknown(device=name, message=kind, payload=b"", extra={"withheld": len(payload)})
    return Unknown(device=name, message=kind, payload=payload)


def _rest(fields: dict[str, Any], kind: str) -> dict[str, Any]:
    return read_extra(fields, _TYPE) | {"message": kind}

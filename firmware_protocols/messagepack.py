"""MessagePack payloads of versioned codecs: bytes to a checked structure, or a DecodeError."""

from typing import Final, TypeVar

import msgspec

from firmware_protocols.errors import (
    FieldError,
    OversizedError,
    SyntaxDecodeError,
    UnsupportedError,
)

T = TypeVar("T")


class _Version(msgspec.Struct):
    v: int


_version: Final = msgspec.msgpack.Decoder(_Version)


def decode_messagepack(
    decoder: msgspec.msgpack.Decoder[T], payload: bytes, *, version: int, max_bytes: int
) -> T:
    """Return what a payload says. Fields that the structure does not have are passed over.

    Raises:
        DecodeError: The payload is oversized, not MessagePack, of another version, or a field
            does not hold to the codec.
    """
    if len(payload) > max_bytes:
        raise OversizedError(f"{len(payload)} bytes, at most {max_bytes}", frame=payload)
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        _require_version(payload, version)
        raise FieldError(str(error), frame=payload) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not MessagePack: {error}", frame=payload) from error
    except RecursionError as error:
        raise SyntaxDecodeError("MessagePack nested too deeply", frame=payload) from error


def _require_version(payload: bytes, version: int) -> None:
    try:
        said = _version.decode(payload).v
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if said != version:
        raise UnsupportedError(f"version {said}, read is {version}", frame=payload)

"""How large an Arrow IPC stream is once it is inflated, asked before it is.

A compressed buffer begins with its size before compression, which the reader allocates whatever
little follows. Arrow's columnar format, "Compression" and "Encapsulated message format"; the
offsets are those of its flatbuffers Message.fbs.
"""

import struct
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from server.errors import InvalidError, TooLargeError

_MESSAGE_HEADER: Final = 2
_BATCH_BUFFERS: Final = 2
_BATCH_COMPRESSION: Final = 3
"""Numbers of fields in their tables."""

_VTABLE_HEAD: Final = 4
_PREFIX_BYTES: Final = 8
_PLAIN: Final = -1
"""In the prefix: this buffer is stored as it is."""

_BUFFER: Final = struct.Struct("<qq")
"""Offset and length in the message's body."""

_RECORDS: Final = "record batch"
_SCHEMA: Final = "schema"


def refuse_inflated(body: bytes, *, most: int) -> None:
    """Return if a stream has at most `most` bytes once it is inflated.

    Raises:
        TooLargeError: It has more.
        InvalidError: It is no Arrow IPC stream, or one with dictionaries, which none here has.
    """
    total = 0
    try:
        for message in _messages(body):
            if message.type not in (_RECORDS, _SCHEMA):
                raise InvalidError([("", f"holds a {message.type}: plain columns are taken")])
            if message.type == _RECORDS:
                for size in _sizes(bytes(message.metadata), bytes(message.body or b"")):
                    total += size
                    if total > most:
                        detail = f"more than {most} bytes once inflated: send fewer rows"
                        raise TooLargeError(detail)
    except (pa.ArrowException, OSError, EOFError, struct.error) as error:
        raise InvalidError([("", f"is not an Arrow IPC stream: {error}")]) from error


def _messages(body: bytes) -> Iterator[pa.ipc.Message]:
    reader = pa.ipc.MessageReader.open_stream(body)
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _sizes(metadata: bytes, body: bytes) -> Iterator[int]:
    """Yield the inflated size of each buffer of a record batch."""
    message = _number("<I", metadata, 0)
    header = _field(metadata, message, _MESSAGE_HEADER)
    if header is None:
        raise InvalidError([("", "is not an Arrow IPC stream: a batch without a header")])
    batch = header + _number("<I", metadata, header)
    vector = _field(metadata, batch, _BATCH_BUFFERS)
    if vector is None:
        return
    is_compressed = _field(metadata, batch, _BATCH_COMPRESSION) is not None
    begin = vector + _number("<I", metadata, vector)
    for nth in range(_number("<I", metadata, begin)):
        at = begin + 4 + nth * _BUFFER.size
        offset, length = _BUFFER.unpack(metadata[at : at + _BUFFER.size])
        if offset < 0 or length < 0 or offset + length > len(body):
            raise InvalidError([("", "is not an Arrow IPC stream: a buffer outside of its batch")])
        size = length
        if is_compressed and length >= _PREFIX_BYTES:
            (said,) = struct.unpack("<q", body[offset : offset + _PREFIX_BYTES])
            size = length if said == _PLAIN else max(said, 0)
        yield size


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Return where a field of a table is; None: it is left out."""
    vtable = table - _number("<i", metadata, table)
    entry = _VTABLE_HEAD + 2 * number
    if entry >= _number("<H", metadata, vtable):
        return None
    offset = _number("<H", metadata, vtable + entry)
    return table + offset if offset else None


def _number(form: str, metadata: bytes, at: int) -> int:
    # A slice, not unpack_from: that one would count a negative offset from the end.
    size = struct.calcsize(form)
    (found,) = struct.unpack(form, metadata[at : at + size] if at >= 0 else b"")
    return int(found)

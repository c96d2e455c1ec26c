"""Recordings on their way and in the store, without a database."""

import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from server.media.errors import StorageError
from server.media.playing import Span, span_of
from server.media.sealed import CHUNK_BYTES, TAG_BYTES, extent_of, opened, sealed_chunks
from server.media.uploads import Spool, write_part

KEY = bytes(range(32))
SIZE = 2 * CHUNK_BYTES + 77
CONTENT = bytes(nth * 31 % 251 for nth in range(SIZE))
SEALED = b"".join(sealed_chunks(io.BytesIO(CONTENT), key=KEY, media="md-1", size_bytes=SIZE))


def read(begin: int, end: int, sealed: bytes = SEALED, media: str = "md-1") -> bytes:
    extent = extent_of(begin, end, SIZE)
    part = sealed[extent.begin : extent.end]
    return opened(part, extent, key=KEY, media=media, size_bytes=SIZE)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_range_opens_to_the_same_bytes(data):
    begin = data.draw(st.integers(0, SIZE - 1))
    end = data.draw(st.integers(begin + 1, SIZE))
    assert read(begin, end) == CONTENT[begin:end]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_one_changed_bit_opens_nothing(place, bit):
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    with pytest.raises(StorageError):
        read(0, SIZE, bytes(changed))


def test_chunks_of_another_recording_or_place_do_not_open():
    step = CHUNK_BYTES + TAG_BYTES
    swapped = SEALED[step : 2 * step] + SEALED[:step] + SEALED[2 * step :]
    for sealed, media in ((SEALED, "md-2"), (swapped, "md-1")):
        with pytest.raises(StorageError):
            read(0, SIZE, sealed, media)
    # Cut off at a chunk's border, and said to be as short.
    shorter = extent_of(0, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES)
    with pytest.raises(StorageError):
        opened(SEALED[: 2 * step], shorter, key=KEY, media="md-1", size_bytes=2 * CHUNK_BYTES)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        (None, Span(0, 100, is_part=False)),
        ("bytes=0-9", Span(0, 10, is_part=True)),
        ("bytes=90-1000", Span(90, 100, is_part=True)),
        ("bytes=-300", Span(0, 100, is_part=True)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", Span(0, 100, is_part=False)),
        ("lines=1-2", Span(0, 100, is_part=False)),
        ("bytes=-", Span(0, 100, is_part=False)),
    ],
)
def test_a_range_is_what_the_rfc_says(asked, span):
    assert span_of(asked, 100) == span


async def parts(*chunks: bytes, breaks: bool = False) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if breaks:
        raise ClientDisconnect


async def nobody(kept_bytes):
    raise AssertionError(f"{kept_bytes} bytes were noted within a small part")


async def test_what_was_never_confirmed_is_cut_off_before_the_next_byte(tmp_path):
    spool = Spool(tmp_path)
    spool.begin("u" * 32)
    with spool.held("u" * 32) as file:
        at = await write_part(
            file,
            parts(b"12", b"34", breaks=True),
            offset=0,
            size_bytes=9,
            checksum=None,
            note=nobody,
        )
    assert (at, spool.path("u" * 32).read_bytes()) == (4, b"1234")
    # Killed between the disk and the database: of the four only two were confirmed.
    with spool.held("u" * 32) as file:
        at = await write_part(
            file, parts(b"cd"), offset=2, size_bytes=9, checksum=None, note=nobody
        )
    assert (at, spool.path("u" * 32).read_bytes()) == (4, b"12cd")

"""A stream that would grow too large is refused before it does."""

import contextlib
import struct

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.arrow_stream import refuse_inflated
from server.errors import InvalidError, TooLargeError


def stream(*columns, compression="zstd"):
    table = pa.table({f"c{n}": column for n, column in enumerate(columns)})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("compression", ["zstd", "lz4", None])
def test_what_is_counted_is_what_it_inflates_to(compression):
    body = stream(pa.array([0] * 100_000, pa.int64()), compression=compression)
    refuse_inflated(body, most=800_100)
    with pytest.raises(TooLargeError, match="more than 799999 bytes once inflated"):
        refuse_inflated(body, most=799_999)


def test_a_small_body_that_would_fill_the_memory_is_refused():
    body = stream(pa.array([0] * 20_000_000, pa.int64()))
    assert len(body) < 50_000
    with pytest.raises(TooLargeError):
        refuse_inflated(body, most=100_000_000)


def test_every_batch_counts():
    column = pa.chunked_array([pa.array([1] * 1_000, pa.int64())] * 3)
    refuse_inflated(stream(column), most=24_100)
    with pytest.raises(TooLargeError):
        refuse_inflated(stream(column), most=23_900)


def test_a_size_that_a_buffer_claims_counts_whatever_follows_it():
    whole = stream(pa.array([0] * 100_000, pa.int64()))
    claimed = struct.pack("<q", 800_000)
    assert whole.count(claimed) == 1
    with pytest.raises(TooLargeError):
        refuse_inflated(whole.replace(claimed, struct.pack("<q", 1 << 50)), most=1 << 40)


def test_dictionaries_are_no_plain_columns():
    coded = pa.array(["a", "b"]).dictionary_encode()
    with pytest.raises(InvalidError, match="dictionary"):
        refuse_inflated(stream(coded), most=1 << 30)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(body):
    with contextlib.suppress(InvalidError):
        refuse_inflated(body, most=1 << 30)


@given(st.data())
def test_a_damaged_stream_is_taken_or_refused(data):
    body = bytearray(stream(pa.array(["a", None, "b"]), pa.array([1, None, 3], pa.int32())))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidError, TooLargeError):
        refuse_inflated(bytes(body), most=1 << 30)

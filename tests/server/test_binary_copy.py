"""Arrow columns to a binary COPY: what PostgreSQL reads back is what the columns held."""

import psycopg
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.ingest.binary_copy import copy_body
from server.ingest.lawfulness import is_covered

TYPES = {
    "b": (pa.int64(), "int8"),
    "i": (pa.int32(), "int4"),
    "s": (pa.int16(), "int2"),
    "f": (pa.bool_(), "bool"),
    "t": (pa.utf8(), "text"),
    "u": (pa.utf8(), "text"),
}
SCHEMA = pa.schema([(name, kind) for name, (kind, _) in TYPES.items()])


def whole(bits):
    return st.none() | st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


# PostgreSQL's text holds no NUL, and its UTF-8 no half of a pair.
text = st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
ROWS = st.lists(
    st.tuples(whole(64), whole(32), whole(16), st.none() | st.booleans(), text, text), max_size=30
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_is_copied_in_is_read_back(database, rows):
    table = pa.Table.from_pylist([dict(zip(TYPES, row, strict=True)) for row in rows], SCHEMA)
    columns = ", ".join(f"{name} {kind}" for name, (_, kind) in TYPES.items())
    with psycopg.connect(database.owner_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE copied ({columns})".encode())
        with cursor.copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(copy_body(table))
        found = cursor.execute("SELECT * FROM copied").fetchall()
    assert sorted(found, key=repr) == sorted(rows, key=repr)


TERMS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 30)), max_size=8
)


@given(terms=TERMS, rows=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 31))))
def test_a_row_is_covered_when_any_term_of_its_holder_covers_it(terms, rows):
    holders = pa.chunked_array([pa.array([name for name, _ in rows], pa.utf8())])
    times = pa.array([at for _, at in rows], pa.int64()).to_numpy()
    wanted = [
        any(who == name and begin <= at < end for who, begin, end in terms) for name, at in rows
    ]
    assert is_covered(holders, times, terms).tolist() == wanted

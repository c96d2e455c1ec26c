"""Pages: every key comes back from its cursor, and nothing else is taken for one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cursor import decode_cursor, decode_id_cursor, encode_cursor, page_of
from server.errors import InvalidError

INSTANTS = st.datetimes(timezones=st.just(UTC))
KINDS = (datetime, int, bool, bytes, str)


@given(st.tuples(INSTANTS, st.integers(), st.booleans(), st.binary(), st.text()))
def test_a_key_comes_back_from_its_cursor(key):
    assert decode_cursor(encode_cursor(*key), *KINDS) == key


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text):
    try:
        key = decode_cursor(text, datetime, str)
    except InvalidError:
        return
    assert key is None or [type(part) for part in key] == [datetime, str]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        encode_cursor(1, "a"),
        encode_cursor(datetime(2026, 11, 22, tzinfo=UTC)),
        encode_cursor("yesterday", "a"),
        encode_cursor("2026-11-22T08:00:00", "a"),
    ],
    ids=["no base 64", "other kinds", "too short", "no instant", "an instant without an offset"],
)
def test_a_cursor_of_another_list_is_refused(cursor):
    with pytest.raises(InvalidError, match="cursor: is not a next_cursor of this list"):
        decode_cursor(cursor, datetime, str)


@given(rows=st.integers(0, 12), limit=st.integers(1, 5))
def test_pages_show_every_row_once_and_the_last_has_no_cursor(rows, limit):
    left = [{"id": number} for number in range(rows)]
    pages = [page_of(left[: limit + 1], limit, "id")]
    while pages[-1]["next_cursor"]:
        after = decode_id_cursor(pages[-1]["next_cursor"])
        rest = [row for row in left if row["id"] > after]
        pages.append(page_of(rest[: limit + 1], limit, "id"))
    assert [row for page in pages for row in page["items"]] == left
    assert len(pages) == max(1, -(-rows // limit))

"""Where a frame ends, whatever the length says and however the stream is cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.watch.frame import MAX_FRAME_BYTES, escape, unescape
from firmware_protocols.watch.framing import MAX_GARBAGE_BYTES, Framer

LK = b"[3G*8826264401*0002*LK]"


def cuts_of(*chunks):
    framer = Framer()
    return [cut for chunk in chunks for cut in framer.feed(chunk)]


def frames_of(stream):
    return [cut.data for cut in cuts_of(stream) if cut.is_frame]


def test_a_length_that_is_too_long_does_not_hold_the_frame_back():
    frame = b"[SG*9026262727*00FF*LK,0,100]"
    assert frames_of(frame) == [frame]


def test_a_length_that_is_too_short_does_not_cut_the_frame():
    frame = b"[SG*9026262727*0001*LK,0,100]"
    assert frames_of(frame + LK) == [frame, LK]


def test_brackets_in_a_networks_name_belong_to_the_frame():
    frame = b"[3G*8826264401*0014*UD,[LG]x,[[a]b]c,1,2]"
    assert frames_of(frame + LK) == [frame, LK]


def test_a_lone_opening_bracket_is_closed_by_the_length():
    frame = b"[3G*8826264401*0006*UD,[ab]"
    assert frames_of(frame + LK) == [frame, LK]


def test_a_frame_that_lost_its_end_does_not_take_the_next_one_along():
    lost = b"[3G*8826264401*000A*LK,0,"
    cuts = cuts_of(lost + LK)
    assert [(cut.data, cut.is_frame, cut.offset) for cut in cuts] == [
        (lost, False, 0),
        (LK, True, len(lost)),
    ]


def test_bytes_of_no_frame_are_told_with_their_place_and_size():
    cuts = cuts_of(LK + b"noise" + LK)
    assert [(cut.offset, cut.size, cut.is_frame) for cut in cuts] == [
        (0, 23, True),
        (23, 5, False),
        (28, 23, True),
    ]


def test_line_ends_between_frames_are_no_garbage():
    assert [cut.data for cut in cuts_of(LK + b"\r\n\0" + LK + b"\n")] == [LK, LK]


def test_a_frame_without_an_end_is_held_no_further_than_the_cap():
    framer = Framer()
    for _ in range(40):
        framer.feed(b"[" + b"x" * 4_000)
        assert framer.buffered <= MAX_FRAME_BYTES + 4_001 + 1_024
    assert [cut.data for cut in framer.feed(LK) if cut.is_frame] == [LK]


def test_endless_garbage_is_told_while_it_comes_and_only_its_beginning_kept():
    framer = Framer()
    cuts = [cut for _ in range(20) for cut in framer.feed(b"x" * 10_000)]
    assert [cut.size for cut in cuts] == [MAX_GARBAGE_BYTES] * 3
    assert all(len(cut.data) == 1_024 for cut in cuts)
    assert framer.buffered <= 1_024


pieces = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            LK,
            b"[",
            b"]",
            b"[3G*8826264401*0006*UD,[ab]",
            b"[3G*88000",
            b"[ZJ*066000026360030*0034*0009*LK,0,0,19]",
            b"\r\n",
        ]
    ),
)


@given(st.lists(pieces, max_size=12).map(b"".join), st.data())
def test_no_cut_of_the_stream_changes_the_frames(stream, data):
    places = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=10)))
    edges = [0, *places, len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(edges)]
    assert cuts_of(*chunks) == cuts_of(stream)
    assert cuts_of(*[stream[at : at + 1] for at in range(len(stream))]) == cuts_of(stream)


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_cuts_lie_in_order_and_show_the_streams_own_bytes(stream):
    end = 0
    for cut in cuts_of(stream):
        assert cut.offset >= end
        end = cut.offset + cut.size
        assert cut.data == stream[cut.offset : end][: len(cut.data)]
    assert end <= len(stream)


@given(st.binary(max_size=200))
def test_an_escaped_value_comes_back_and_holds_none_of_the_frames_own_bytes(value):
    assert unescape(escape(value)) == value
    assert not set(escape(value)) & set(b"[],*")

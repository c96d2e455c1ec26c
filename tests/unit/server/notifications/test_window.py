"""How many messages of a channel may be under way."""

from hypothesis import given
from hypothesis import strategies as st

from server.notifications.window import FIRST, Place, Windows


def test_a_sound_webhook_gets_more_room_with_every_answer_and_a_failing_one_none():
    windows = Windows(most=100)
    first, second = (windows.begins("a", "webhook") for _ in range(FIRST))
    assert windows.room == {"a": 0}
    first.went(well=True)
    assert windows.room == {"a": 2 * FIRST - 1}
    second.went(well=False)
    assert windows.room == {"a": 0}
    first.ends()
    assert windows.room == {"a": 0}
    second.ends()
    assert (windows.room, windows.free) == ({"a": 1}, 100)


def test_a_webhook_that_took_one_need_not_wait_until_that_is_written():
    windows = Windows(most=1)
    place = windows.begins("a", "webhook")
    place.went(well=True)
    assert (windows.free, windows.room) == (1, {"a": 1})
    place.ends()
    assert windows.free == 1


def test_how_a_webhook_answered_is_known_in_the_next_burst():
    windows = Windows(most=100)
    for _ in range(5):
        place = windows.begins("a", "webhook")
        place.went(well=True)
        place.ends()
    assert windows.room == {"a": 16}


def test_a_robot_has_one_message_under_way_however_well_it_answers():
    windows = Windows(most=100)
    place = windows.begins("a", "robot")
    place.went(well=True)
    assert windows.room == {"a": 0}
    place.ends()
    assert windows.room == {"a": 1}


def test_channels_are_forgotten_when_there_are_many_but_none_that_something_is_under_way_over():
    windows = Windows(most=100)
    windows.begins("first", "webhook")
    for n in range(1_000):
        windows.begins(f"{n}", "webhook").ends()
    assert "first" in windows.room
    assert len(windows.room) == 256


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans(), st.booleans())),
    st.integers(1, 80),
)
def test_all_together_are_never_more_than_may_be_and_no_channel_is_forgotten(steps, most):
    windows = Windows(most)
    out: list[tuple[str, Place]] = []
    for channel, begins, well in steps:
        if begins and windows.free > 0 and windows.room.get(channel, 1) > 0:
            out.append((channel, windows.begins(channel, "webhook")))
        elif not begins and channel in dict(out):
            place = dict(out)[channel]
            place.went(well=well)
            place.ends()
            out.remove((channel, place))
        assert windows.free == most - len(out) >= 0
        assert windows.room.keys() >= {name for name, _ in out}
        assert all(0 <= room <= max(1, windows.free // 4) for room in windows.room.values())

"""Who is on duty: shifts, absences and substitutes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.rota.on_duty import Absence, Shift, by_login, on_duty, present_until

T0 = datetime(2026, 11, 22, tzinfo=UTC)
LOGINS = ("a", "b", "c")


def at(hours):
    return T0 + timedelta(hours=hours)


def shift(login, begin, end, post="officer", org="office-1"):
    return Shift(f"{login}-{begin}", org, login, post, at(begin), at(end))


def away(login, begin, end, substitute=None):
    return Absence(login, at(begin), at(end), substitute)


def logins(shifts, absences, hours):
    return [one.login for one in on_duty(shifts, by_login(absences), at(hours))]


def test_a_shift_holds_from_its_begin_to_before_its_end():
    shifts = [shift("a", 0, 8), shift("b", 8, 16)]
    assert [logins(shifts, [], hours) for hours in (-1, 0, 7.9, 8, 16)] == [
        *([], ["a"], ["a"], ["b"], []),
    ]


def test_a_substitute_stands_in_until_the_first_of_both_ends():
    (one,) = on_duty([shift("a", 0, 8)], by_login([away("a", 2, 5, "b")]), at(3))
    assert (one.login, one.stands_in_for, one.until) == ("b", "a", at(5))


def test_whoever_is_relieved_by_an_absence_is_so_from_its_begin():
    (one,) = on_duty([shift("a", 0, 8)], by_login([away("a", 2, 5, "b")]), at(1))
    assert (one.login, one.stands_in_for, one.until) == ("a", None, at(2))


def test_a_substitute_who_is_away_is_replaced_by_the_own_one():
    absences = [away("a", 0, 8, "b"), away("b", 0, 6, "c")]
    (one,) = on_duty([shift("a", 0, 8)], by_login(absences), at(1))
    assert (one.login, one.stands_in_for, one.until) == ("c", "a", at(6))


def test_a_chain_that_ends_in_itself_or_nobody_leaves_the_shift_empty():
    assert logins([shift("a", 0, 8)], [away("a", 0, 8)], 1) == []
    assert logins([shift("a", 0, 8)], [away("a", 0, 8, "b"), away("b", 0, 8, "a")], 1) == []


def test_who_stands_in_beside_the_own_shift_is_on_duty_once_and_in_the_own_right():
    shifts = [shift("a", 0, 8), shift("b", 0, 12)]
    (one,) = on_duty(shifts, by_login([away("a", 0, 8, "b")]), at(1))
    assert (one.login, one.stands_in_for, one.until) == ("b", None, at(12))


def test_presence_ends_where_the_next_absence_begins():
    absences = by_login([away("a", 5, 6), away("a", 2, 3)])
    assert present_until("a", absences, at(0)) == at(2)
    assert present_until("a", absences, at(2)) == at(2)
    assert present_until("a", absences, at(3)) == at(5)
    assert present_until("a", absences, at(7)) is None
    assert present_until("b", absences, at(0)) is None


SHIFTS = st.lists(
    st.builds(
        lambda login, begin, length: shift(login, begin, begin + length),
        st.sampled_from(LOGINS),
        st.integers(-10, 10),
        st.integers(1, 12),
    ),
    max_size=6,
)
ABSENCES = st.lists(
    st.builds(
        lambda login, begin, length, substitute: away(login, begin, begin + length, substitute),
        st.sampled_from(LOGINS),
        st.integers(-10, 10),
        st.integers(1, 12),
        st.none() | st.sampled_from(LOGINS),
    ).filter(lambda one: one.login != one.substitute),
    max_size=6,
)


@given(SHIFTS, ABSENCES)
def test_nobody_absent_is_on_duty_and_until_is_when_the_answer_may_change(shifts, absences):
    known = by_login(absences)
    for one in on_duty(shifts, known, T0):
        assert present_until(one.login, known, T0) != T0
        assert one.until > T0
        before = one.until - timedelta(microseconds=1)
        still = {(other.login, other.shift_id) for other in on_duty(shifts, known, before)}
        begins_between = any(
            T0 < begin < one.until
            for begin in [*(s.begins_at for s in shifts), *(a.begins_at for a in absences)]
        )
        assert begins_between or (one.login, one.shift_id) in still

"""When who is on duty over a time is what it is at each instant of it."""

from hypothesis import given
from hypothesis import strategies as st

from server.rota.duty_spans import DutySpan, duty_spans
from server.rota.on_duty import by_login, on_duty
from tests.unit.server.rota.test_on_duty import LOGINS, at, away, shift

HOURS = st.integers(0, 24)


def spans(shifts, absences=()):
    return duty_spans(shifts, by_login(absences))


def test_shifts_that_touch_are_one_span():
    assert spans([shift("a", 0, 8), shift("a", 8, 16)]) == [
        DutySpan("office-1", "a", at(0), at(16))
    ]


def test_a_substitute_has_the_time_of_the_absence():
    assert spans([shift("a", 0, 8)], [away("a", 2, 5, "b")]) == [
        DutySpan("office-1", "a", at(0), at(2)),
        DutySpan("office-1", "a", at(5), at(8)),
        DutySpan("office-1", "b", at(2), at(5)),
    ]


def test_without_shifts_nobody_is_on_duty():
    assert spans([], [away("a", 2, 5, "b")]) == []


@st.composite
def lengths(draw):
    begin = draw(HOURS)
    return begin, begin + draw(st.integers(1, 12))


SHIFTS = st.lists(st.tuples(st.sampled_from(LOGINS), lengths()), max_size=6)
AWAY = st.lists(
    st.tuples(st.sampled_from(LOGINS), lengths(), st.sampled_from((*LOGINS, None))), max_size=4
)


@given(SHIFTS, AWAY, HOURS)
def test_spans_say_of_every_instant_who_is_on_duty(turns, gone, hour):
    shifts = [shift(login, *times) for login, times in turns]
    gone = [(login, *times, who) for login, times, who in gone if login != who]
    absences = by_login(away(*one) for one in gone)
    standing = {(one.org_id, one.login) for one in on_duty(shifts, absences, at(hour))}
    found = duty_spans(shifts, absences)
    assert standing == {
        (one.org_id, one.login) for one in found if one.begins_at <= at(hour) < one.ends_at
    }
    assert all(one.begins_at < one.ends_at for one in found)

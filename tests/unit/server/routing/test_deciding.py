"""What a look makes of an alert."""

from hypothesis import given
from hypothesis import strategies as st

from server.routing.clocks import patience, reminder
from server.routing.deciding import decide
from server.routing.plan import CITY, COUNTY, LEAD, OFFICE
from tests.unit.server.routing.county import (
    POLICY,
    STAFF,
    T0,
    after,
    duty,
    minutes,
    waiting,
    world,
)

ALL = [login for logins in STAFF.values() for login in logins]


def look(alert, of):
    return decide(alert, of, POLICY)


def ack_minutes():
    return POLICY.number("alert_ack_critical_minutes")


def test_a_new_alert_goes_to_who_is_on_duty_and_is_on_the_clock_of_its_severity():
    routed = look(waiting(), world(duty("wang")))
    assert (routed.step, routed.because, routed.level) == ("routed", "raised", OFFICE)
    assert (routed.assigned_to, routed.told) == ("wang", ("wang",))
    assert routed.escalate_at == routed.due_at == minutes(ack_minutes())


def test_what_nobody_acknowledges_climbs_past_who_had_it_to_the_top_and_stays_told():
    of = world(duty("wang"), duty("zhao", "lead"))
    alert, seen, ends = waiting(), [], []
    for _ in range(7):
        routed = look(alert, of)
        seen.append((routed.step, routed.because, routed.level, routed.assigned_to))
        ends.append(routed.escalate_at - of.now)
        alert = after(alert, routed)
        of = world(duty("wang"), duty("zhao", "lead"), now=routed.due_at)
    assert seen == [
        ("routed", "raised", OFFICE, "wang"),
        ("escalated", "unacknowledged", LEAD, "zhao"),
        ("escalated", "unacknowledged", COUNTY, "chen"),
        ("escalated", "unacknowledged", CITY, "sun"),
        ("escalated", "reminded", CITY, "sun"),
        ("escalated", "reminded", CITY, "sun"),
        ("escalated", "reminded", CITY, "sun"),
    ]
    at_the_top = [reminder(POLICY, "critical")] * 3
    assert ends == [patience(POLICY, "critical", "open")] * 4 + at_the_top


def test_a_look_before_the_clock_ends_changes_nothing():
    of = world(duty("wang"))
    alert = after(waiting(), look(waiting(), of))
    again = look(alert, world(duty("wang"), now=minutes(1)))
    assert again.step is None
    assert (again.assigned_to, again.escalate_at) == ("wang", alert.escalate_at)


def test_whoever_took_it_on_keeps_it_and_the_levels_above_are_told():
    taken = waiting(
        phase="acknowledged",
        level=OFFICE,
        assigned_to="wang",
        clock_phase="acknowledged",
        escalate_at=T0,
    )
    routed = look(taken, world(duty("wang"), duty("zhao", "lead")))
    assert (routed.step, routed.because, routed.level) == ("escalated", "unresolved", LEAD)
    assert (routed.assigned_to, routed.told) == ("wang", ("zhao", "wang"))


def test_another_phase_starts_another_clock_without_a_step_for_who_has_it():
    for phase in ("acknowledged", "dispatched", "on_site"):
        taken = waiting(
            phase=phase,
            level=OFFICE,
            assigned_to="wang",
            clock_phase="open",
            escalate_at=minutes(-5),
        )
        routed = look(taken, world(duty("wang")))
        assert (routed.step, routed.clock_phase, routed.level) == (None, phase, OFFICE)
        assert routed.escalate_at == T0 + patience(POLICY, "critical", phase)


def test_a_reopened_alert_is_routed_again_where_it_was():
    again = waiting(level=LEAD, assigned_to="zhao", clock_phase=None, escalate_at=minutes(-5))
    routed = look(again, world(duty("wang"), duty("zhao", "lead")))
    assert (routed.step, routed.because, routed.assigned_to) == ("routed", "reopened", "zhao")
    assert routed.level == LEAD


def test_when_the_shift_ends_the_next_one_has_it_and_the_clock_runs_on():
    alert = waiting(
        severity="minor",
        level=OFFICE,
        assigned_to="wang",
        on_duty_until=minutes(0),
        clock_phase="open",
        escalate_at=minutes(90),
    )
    routed = look(alert, world(duty("li")))
    assert (routed.step, routed.because, routed.assigned_to) == ("routed", "off_duty", "li")
    assert (routed.level, routed.escalate_at) == (OFFICE, minutes(90))


def test_who_took_it_outside_the_rota_keeps_it_past_every_shift():
    alert = waiting(
        phase="acknowledged",
        level=OFFICE,
        assigned_to="wang",
        clock_phase="acknowledged",
        escalate_at=minutes(30),
    )
    assert look(alert, world(duty("li"))).assigned_to == "wang"


def test_what_an_officer_leaves_behind_who_is_away_or_disabled_goes_to_others():
    alert = waiting(
        phase="acknowledged",
        level=COUNTY,
        assigned_to="wang",
        clock_phase="acknowledged",
        escalate_at=minutes(30),
    )
    for gone in ({"away": ["wang"]}, {"gone": ["wang"]}):
        routed = look(alert, world(duty("li"), **gone))
        assert (routed.because, routed.assigned_to) == ("off_duty", "li")
        # The county has been told of it once and stays so.
        assert (routed.level, routed.escalate_at) == (COUNTY, minutes(30))


def test_where_everybody_above_is_gone_it_goes_to_who_is_left_below_and_its_level_stays():
    again = waiting(level=COUNTY, assigned_to="li", clock_phase=None, escalate_at=None)
    above = [*STAFF["county-a"], *STAFF["city-a"], *STAFF["province-a"]]
    routed = look(again, world(gone=above))
    assert (routed.step, routed.because, routed.level) == ("routed", "reopened", COUNTY)
    assert routed.assigned_to in STAFF["office-1"]


def test_an_alert_that_reaches_nobody_is_said_once_and_looked_at_every_minute():
    routed = look(waiting(), world(gone=ALL))
    assert (routed.assigned_to, routed.because, routed.level) == (None, "nobody", CITY)
    assert routed.due_at == minutes(1)
    assert routed.escalate_at == T0 + reminder(POLICY, "critical")
    still = look(after(waiting(), routed), world(gone=ALL, now=minutes(1)))
    assert (still.step, still.due_at) == (None, minutes(2))
    found = look(after(waiting(), still), world(duty("wang"), now=minutes(2)))
    assert (found.step, found.assigned_to, found.level) == ("routed", "wang", CITY)


def test_the_next_look_is_no_later_than_the_end_of_a_shift():
    routed = look(waiting(severity="minor"), world(duty("wang", until=10)))
    assert routed.due_at == minutes(10)
    assert routed.escalate_at > routed.due_at


PHASES = st.sampled_from(["open", "acknowledged", "dispatched", "on_site"])


@given(
    st.builds(
        waiting,
        severity=st.sampled_from(["critical", "major", "minor"]),
        phase=PHASES,
        level=st.integers(-1, 3),
        assigned_to=st.none() | st.sampled_from(ALL),
        on_duty_until=st.none() | st.integers(-9, 9).map(minutes),
        clock_phase=st.none() | PHASES,
        escalate_at=st.none() | st.integers(-9, 9).map(minutes),
        org_id=st.sampled_from(["office-1", "county-a"]),
    ),
    st.sets(st.sampled_from(ALL)),
    st.lists(st.sampled_from(["li", "wang", "zhao"]), unique=True, max_size=3),
)
def test_after_any_look_it_has_a_person_who_is_there_or_nobody_is_anywhere(alert, gone, on_duty):
    of = world(*(duty(login) for login in on_duty), gone=gone)
    routed = decide(alert, of, POLICY)
    assert routed.due_at > of.now
    assert routed.escalate_at > of.now
    assert routed.level >= max(alert.level, OFFICE)
    assert routed.clock_phase == alert.phase
    if routed.assigned_to is not None:
        assert of.is_present(routed.assigned_to)
    elif alert.org_id == "office-1":
        # The city's and the province's people are the last resort.
        assert not any(of.is_present(login) for login in ALL)
    if routed.step is not None and routed.because != "nobody":
        assert routed.told

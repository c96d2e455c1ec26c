"""Who has seen an alert on the terminal, while the server was away, has been told."""

from server.routing.deciding import decide
from server.routing.plan import OFFICE
from tests.unit.server.routing.county import POLICY, after, duty, minutes, waiting, world

ACK = POLICY.number("alert_ack_critical_minutes")


def look(alert, of):
    return decide(alert, of, POLICY)


def seen(login="li", minute=-1, **given):
    return waiting(seen_locally_by=login, seen_locally_at=minutes(minute), **given)


def test_who_has_seen_it_has_it_and_nobody_is_told_again():
    routed = look(seen(), world(duty("wang"), duty("li")))
    assert (routed.step, routed.because, routed.level) == ("routed", "seen_locally", OFFICE)
    assert (routed.assigned_to, routed.told) == ("li", ())


def test_its_clock_runs_since_it_was_seen():
    routed = look(seen(), world(duty("li")))
    assert routed.escalate_at == routed.due_at == minutes(ACK - 1)


def test_once_that_time_is_over_it_is_routed_as_any_other():
    routed = look(seen(minute=-ACK), world(duty("li")))
    assert (routed.because, routed.told) == ("raised", ("li",))
    assert routed.escalate_at == minutes(ACK)


def test_a_clock_of_the_gateway_that_runs_ahead_gives_nobody_more_time():
    assert look(seen(minute=60), world(duty("li"))).escalate_at == minutes(ACK)


def test_who_is_away_or_of_elsewhere_has_seen_nothing_that_counts():
    away = look(seen(), world(duty("wang"), away=("li",)))
    stranger = look(seen("nobody"), world(duty("wang")))
    assert (away.assigned_to, away.told) == (stranger.assigned_to, stranger.told)
    assert (away.because, away.told) == ("raised", ("wang",))


def test_it_climbs_when_who_has_seen_it_does_not_acknowledge():
    alert = after(seen(), look(seen(), world(duty("li"), duty("zhao", "lead"))))
    routed = look(alert, world(duty("li"), duty("zhao", "lead"), now=minutes(ACK)))
    assert (routed.step, routed.because, routed.told) == ("escalated", "unacknowledged", ("zhao",))


def test_what_others_have_already_goes_on_and_who_has_seen_it_is_told_no_more():
    there = {"level": OFFICE, "clock_phase": "open", "escalate_at": minutes(0)}
    routed = look(seen("zhao", **there, assigned_to="li"), world(duty("li"), duty("zhao", "lead")))
    assert (routed.step, routed.assigned_to, routed.told) == ("escalated", "zhao", ())
    assert routed.due_at > minutes(0)

"""Whom an alert goes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.routing.plan import CITY, COUNTY, LEAD, OFFICE, Nobody, least_loaded, plan
from tests.unit.server.routing.county import STAFF, T0, duty, minutes, world


def found(of, org="office-1", level=OFFICE, without=()):
    one = plan(org, of, from_level=level, without=frozenset(without))
    return one if isinstance(one, Nobody) else (one.level, one.login)


def test_who_is_on_duty_at_the_office_is_first():
    one = plan("office-1", world(duty("wang"), duty("zhao", "lead")), from_level=OFFICE)
    assert (one.level, one.login, one.told, one.until) == (OFFICE, "wang", ("wang",), minutes(480))


def test_a_lead_takes_what_finds_no_officer_on_duty():
    assert found(world(duty("zhao", "lead"))) == (LEAD, "zhao")


def test_an_empty_rota_tells_all_who_may_handle_and_assigns_one():
    one = plan("office-1", world(), from_level=OFFICE)
    assert (one.level, one.login, one.until) == (OFFICE, "li", None)
    assert one.told == ("li", "wang", "zhao")


def test_where_no_rota_names_a_lead_a_supervisor_of_the_office_is_it():
    assert found(world(), level=LEAD) == (LEAD, "zhao")


def test_an_office_with_nobody_passes_it_up_at_once_and_says_so():
    one = plan("office-1", world(gone=STAFF["office-1"]), from_level=OFFICE)
    assert (one.level, one.login) == (COUNTY, "chen")
    assert [(station.org_id, station.level) for station in one.empty] == [("office-1", OFFICE)]


def test_whoever_is_away_or_has_no_account_any_more_gets_nothing():
    assert found(world(duty("wang"), duty("li"), away=["li"])) == (OFFICE, "wang")
    assert found(world(duty("wang"), duty("li"), gone=["li"])) == (OFFICE, "wang")
    assert found(world(duty("li"), away=["li"], gone=["wang", "zhao"])) == (COUNTY, "chen")


def test_a_province_stands_in_for_a_city_without_anybody():
    assert found(world(gone=["sun"]), level=CITY) == (CITY, "qian")


def test_where_there_is_nobody_at_all_the_answer_says_so():
    everybody = [login for logins in STAFF.values() for login in logins]
    nobody = found(world(gone=everybody))
    assert isinstance(nobody, Nobody)
    assert [station.level for station in nobody.empty] == [OFFICE, COUNTY, CITY, CITY]


def test_a_countys_own_alert_begins_at_the_county():
    assert found(world(), org="county-a") == (COUNTY, "chen")


def test_at_a_county_an_officer_on_duty_goes_before_the_lead():
    on_duty = [duty("he", "lead", "county-a"), duty("luo", "officer", "county-a")]
    assert found(world(*on_duty), level=COUNTY) == (COUNTY, "luo")
    assert found(world(*on_duty), level=COUNTY, without=["luo"]) == (COUNTY, "he")


@pytest.mark.parametrize(
    ("loads", "chosen"),
    [
        ({}, "li"),
        ({"li": (1, None)}, "wang"),
        ({"li": (1, None), "wang": (2, None), "zhao": (1, None)}, "li"),
        ({"li": (0, minutes(5)), "wang": (0, minutes(3)), "zhao": (0, minutes(4))}, "wang"),
        ({"li": (0, minutes(5)), "wang": (0, minutes(3))}, "zhao"),
    ],
)
def test_the_least_loaded_is_assigned_then_who_waits_longest_then_by_login(loads, chosen):
    one = plan("office-1", world(loads=loads), from_level=OFFICE)
    assert one.login == chosen
    assert one.told[0] == chosen
    assert sorted(one.told) == ["li", "wang", "zhao"]


@given(
    st.permutations(["li", "wang", "zhao"]),
    st.dictionaries(
        st.sampled_from(["li", "wang"]), st.tuples(st.integers(0, 3), st.none() | st.just(T0))
    ),
)
def test_the_choice_does_not_hang_on_the_order(people, loads):
    of = world(loads=loads)
    assert least_loaded(people, of.loads) == least_loaded(sorted(people), of.loads)


@given(
    st.sets(st.sampled_from([login for logins in STAFF.values() for login in logins])),
    st.lists(st.sampled_from(["li", "wang", "zhao"]), unique=True, max_size=3),
    st.integers(OFFICE, CITY),
)
def test_who_is_found_is_there_and_at_no_lower_level_than_asked(gone, on_duty, level):
    of = world(*(duty(login) for login in on_duty), gone=gone)
    one = plan("office-1", of, from_level=level)
    if isinstance(one, Nobody):
        below = {"county-a"} if level == CITY else set()
        asked = {org for org in STAFF if org != "office-1" or level == OFFICE} - below
        assert {login for org in asked for login in STAFF[org]} <= gone
    else:
        assert one.level >= level
        assert all(of.is_present(login) for login in one.told)
        assert one.login in one.told

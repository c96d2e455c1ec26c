"""Numbers by address: the same as a dictionary by identity, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.columns import Party
from gateway.engine.addresses import UNKNOWN, Addresses


def party(number):
    return Party("county", f"wb-{number}", "subject", f"s-{number}")


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=200))
def test_a_number_is_that_of_the_object_itself(steps):
    objects = [party(n) for n in range(61)]
    addresses, expected = Addresses(), {}
    for at, adds in steps:
        if adds:
            addresses.add(objects[at], at)
            expected[at] = at
    found = addresses.numbers(objects).tolist()
    assert found == [expected.get(at, UNKNOWN) for at in range(61)]
    assert len(addresses) == len(expected)


def test_more_objects_than_there_was_room_for_are_all_found():
    objects = [party(n) for n in range(5_000)]
    addresses = Addresses()
    for number, one in enumerate(objects):
        addresses.add(one, number)
    assert addresses.numbers(objects[::-1]).tolist() == list(range(5_000))[::-1]


def test_an_equal_object_elsewhere_is_not_known():
    addresses = Addresses()
    known = party(1)
    addresses.add(known, 1)
    assert addresses.numbers([party(1), known]).tolist() == [UNKNOWN, 1]


def test_nobody_is_asked_of_nothing():
    assert Addresses().numbers([]).tolist() == []

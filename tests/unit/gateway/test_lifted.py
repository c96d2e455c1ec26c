"""What of orders a newer directory has lifted: no lawful instant, and no unlawful one left out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.directory.lifted import Span, devices_of, lifted_spans
from gateway.directory.snapshot import compile_directory, to_text
from tests.gateway.place import directory_body

pytestmark = pytest.mark.article("law-29")

HOURS = 12
T0_MS = 1_795_312_800_000
MS_PER_H = 3_600_000


def at(hour):
    return T0_MS + hour * MS_PER_H


def directory(orders, pairs=(), **change):
    """Orders as {id: (subject, from hour, to hour)}."""
    rows = [
        {"order": name, "subject": who, "valid_from": to_text(at(a)), "valid_to": to_text(at(b))}
        for name, (who, a, b) in orders.items()
    ]
    kept = [
        {"pair": name, "subject": "s-1", "other": other, "distance_m": 100.0}
        | {"valid_from": to_text(at(a)), "valid_to": to_text(at(b))}
        for name, (other, a, b) in dict(pairs).items()
    ]
    return compile_directory(directory_body(orders=rows, no_contact=kept, **change))


@st.composite
def orders(draw, names="abc"):
    found = {}
    for name in draw(st.sets(st.sampled_from(names))):
        begin = draw(st.integers(0, HOURS - 1))
        found[name] = ("s-1", begin, draw(st.integers(begin + 1, HOURS)))
    return found


def holds(rows, hour):
    return any(begin <= hour < end for _, begin, end in rows.values())


@given(orders(), orders())
def test_an_instant_is_lifted_when_an_order_held_and_none_does_any_more(before, after):
    spans = lifted_spans(directory(before), directory(after))
    for hour in range(HOURS + 1):
        inside = any(span.begin_ms <= at(hour) < span.end_ms for span in spans)
        shortened = any(
            name in before and end <= hour < before[name][2] for name, (_, _, end) in after.items()
        )
        assert inside == (shortened and not holds(after, hour))


def test_a_directory_that_only_adds_lifts_nothing():
    before = {"a": ("s-1", 0, 3)}
    assert lifted_spans(directory(before), directory(before | {"b": ("s-1", 3, 9)})) == []


def test_an_order_that_is_lifted_while_its_extension_stands_lifts_what_lies_between():
    before = {"a": ("s-1", 0, 6), "b": ("s-1", 6, 9)}
    after = {"a": ("s-1", 0, 4), "b": ("s-1", 6, 9)}
    spans = lifted_spans(directory(before), directory(after))
    assert spans == [Span("subject", "s-1", at(4), at(6))]


def test_a_protected_person_whose_pair_ends_early_is_forgotten_from_then_on():
    before = directory({}, {"p": ("v-1", 0, 8), "q": ("v-1", 5, 6)})
    after = directory({}, {"p": ("v-1", 0, 3), "q": ("v-1", 5, 6)})
    assert lifted_spans(before, after) == [
        Span("protected", "v-1", at(3), at(5)),
        Span("protected", "v-1", at(6), at(8)),
    ]


def test_the_devices_are_those_that_the_person_held_meanwhile():
    body = json.loads(directory_body())
    body["bindings"][0] |= {"valid_from": to_text(at(0)), "valid_to": to_text(at(5))}
    made = compile_directory(json.dumps(body).encode())
    early, late = Span("subject", "s-1", at(4), at(9)), Span("subject", "s-1", at(5), at(9))
    assert (early, "wb-1") in devices_of(made, [early])
    assert (late, "wb-1") not in devices_of(made, [late])

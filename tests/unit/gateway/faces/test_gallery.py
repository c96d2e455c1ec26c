"""One to many: the nearest person of an office, only when near enough and clearly the nearest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faces.comparing import nearest
from gateway.faces.gallery import Gallery, Identification, identify

BOUNDS = Identification(strict=0.4, margin=0.1)


def along(*places):
    """Templates on a line."""
    found = np.zeros((len(places), 128))
    found[:, 0] = places
    return found


def gallery(*people):
    begins = np.cumsum([0, *map(len, people)])[:-1]
    held = np.concatenate([along(*one) for one in people]) if people else np.zeros((0, 128))
    return Gallery([f"s-{n}" for n in range(len(people))], begins, held)


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([], None),
        ([(0.1,)], 0),
        ([(0.41,)], None),
        ([(0.3, 0.39), (0.55,)], 0),
        ([(0.55,), (0.9, 0.3)], 1),
        ([(0.3,), (0.39,)], None),  # two who look alike
        ([(0.2,), (0.2,)], None),
    ],
)
def test_a_face_is_somebodys_when_it_is_near_and_nobody_else_is(people, found):
    assert identify(along(0.0)[0], gallery(*people), BOUNDS) == found


def plainly(one, held, bounds):
    """The obvious version: every person's distance, one after the other."""
    distances = [nearest(one, held.of(index)) for index in range(len(held.subjects))]
    order = sorted(range(len(distances)), key=distances.__getitem__)
    if not order or distances[order[0]] > bounds.strict:
        return None
    if len(order) > 1 and distances[order[1]] < distances[order[0]] + bounds.margin:
        return None
    return order[0]


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.floats(0.0, 1.0))
def test_it_says_what_a_look_at_one_after_the_other_says(seed, people, nearness):
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 6, people)
    held = random.normal(0, 0.06, (int(sizes.sum()), 128))
    begins = np.cumsum([0, *sizes])[:-1] if people else np.zeros(0, np.int64)
    whole = Gallery([f"s-{n}" for n in range(people)], begins, held)
    one = random.normal(0, 0.06, 128)
    if people:
        one = nearness * held[random.integers(len(held))] + (1 - nearness) * one
    assert identify(one, whole, BOUNDS) == plainly(one, whole, BOUNDS)

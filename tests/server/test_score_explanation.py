"""An explanation names every point of a score, in both languages."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from server.scoring.kinds import CODES
from server.scoring.sample import explanation
from server.scoring.score import BEIJING

AT = datetime(2026, 11, 22, 8, tzinfo=BEIJING)
FACTS = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.integers(2, 300).map(lambda days: AT - timedelta(days=days)),
        st.integers(1, 240).map(lambda tenths: Decimal(tenths) / 10),
    ),
    max_size=25,
)
NUMBER = r"([+−-]?[0-9.]+(?:e-[0-9]+)?)"
# Per language: the total, and every line that names points of it.
LINES = {
    "zh": (
        rf"^总分{NUMBER}（",
        (rf"^公共信用{NUMBER}。", rf"：起始{NUMBER}，", rf"调整{NUMBER}分。", rf"现计{NUMBER}分；"),
    ),
    "en": (
        rf"^Total {NUMBER} of",
        (
            rf"^Public credit {NUMBER}\.$",
            rf": {NUMBER} at first,",
            rf"Of that {NUMBER} by bounds|^Bounds of all management points: {NUMBER}\.",
            rf"posted, {NUMBER} now; confirmed",
        ),
    ),
}


def value(text):
    return Decimal(text.replace("−", "-"))


def named(text, language):
    """The total that a text says, and the sum of all points that it names."""
    total, patterns = LINES[language]
    found = [
        value(next(one for one in match.groups() if one is not None))
        for pattern in patterns
        for match in re.finditer(pattern, text, re.MULTILINE)
    ]
    return value(re.search(total, text, re.MULTILINE)[1]), sum(found)


@settings(max_examples=60, deadline=None)
@given(FACTS, st.none() | st.integers(0, 1000).map(Decimal))
def test_the_points_that_an_explanation_names_are_the_score(facts, credit):
    found = explanation(facts, credit)
    score = Decimal(str(found["score"]["total"]))
    for language in ("zh", "en"):
        said, together = named(found["text"][language], language)
        # A text has six digits of a number: at most a thousandth is lost of each.
        assert abs(said - score) <= Decimal("0.001")
        assert abs(together - score) <= Decimal("0.001") * (len(facts) + 9), language
    assert len(found["facts"]) == len(facts)
    for one in found["facts"]:
        assert one["zh"] in found["text"]["zh"]
        assert one["en"] in found["text"]["en"]
    days = [one["occurred_at"] for one in found["facts"]]
    assert all(before <= after for before, after in pairwise(days))


def test_what_a_bound_keeps_out_is_named_too():
    many = [
        ("training_completed", AT - timedelta(days=33 * number + 3), Decimal(1))
        for number in range(6)
    ]
    found = explanation(
        [
            *many,
            ("certificate_earned", AT, Decimal(1)),
            ("certificate_earned", AT - timedelta(days=40), Decimal(1)),
        ],
        None,
    )
    employment = next(one for one in found["dimensions"] if one["id"] == "employment")
    assert (employment["points"], employment["adjusted"]) == (100.0, -25.0)
    assert "其中上下限和取整调整−25分" in found["text"]["zh"]
    assert "Of that −25 by bounds and rounding" in found["text"]["en"]

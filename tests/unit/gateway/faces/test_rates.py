"""FMR, FNMR and their bounds, against plain counting and published figures."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PairsError
from gateway.faces.comparing import Thresholds, verdict_of
from gateway.faces.looking import Look
from gateway.faces.pairs import Pair, evaluate_pairs, read_pairs
from gateway.faces.roc import accuracy, points, rate
from guitu.commands.face import command
from tests.unit.gateway.faces.portraits import astronaut, beside, hopper, jpeg

DISTANCES = st.lists(st.floats(0, 2), max_size=40)


@given(same=DISTANCES, different=DISTANCES, at=st.lists(st.floats(0, 2), max_size=6))
def test_the_curve_is_what_counting_says(same, different, at):
    found = points(np.array(same), np.array(different), np.array(at))
    for point in found:
        assert point.fmr.wrong == sum(d <= point.threshold for d in different)
        assert point.fnmr.wrong == sum(d > point.threshold for d in same)
        assert (point.fmr.trials, point.fnmr.trials) == (len(different), len(same))
    if same or different:
        right = sum(d <= 0.6 for d in same) + sum(d > 0.6 for d in different)
        assert accuracy(np.array(same), np.array(different), 0.6) == pytest.approx(
            right / (len(same) + len(different))
        )


@given(trials=st.integers(1, 10_000), data=st.data())
def test_bounds_hold_the_share_and_solve_wilsons_equation(trials, data):
    wrong = data.draw(st.integers(0, trials))
    found = rate(wrong, trials)
    share = wrong / trials
    assert 0 <= found.low <= share + 1e-12
    assert share - 1e-12 <= found.high <= 1
    for bound in (found.low, found.high):
        # The bounds are where |share - p| is z standard errors of p.
        deviation = 1.959963984540054**2 * bound * (1 - bound) / trials
        assert math.isclose((share - bound) ** 2, deviation, rel_tol=1e-6, abs_tol=1e-12)


def test_bounds_are_those_of_the_literature():
    """R. G. Newcombe, Statistics in Medicine 17 (1998), Table I, method 3."""
    for wrong, trials, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
    ):  # fmt: skip
        found = rate(wrong, trials)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_without_a_trial_nothing_is_claimed():
    assert rate(0, 0).share is None
    assert (rate(0, 0).low, rate(0, 0).high) == (0.0, 1.0)
    assert accuracy(np.array([]), np.array([]), 0.6) is None


def template(value):
    return np.full(128, value / math.sqrt(128))


def test_pairs_are_counted_by_what_came_of_them():
    looks = {
        "a": Look(1, None, template(0.0), {}),
        "near": Look(1, None, template(0.3), {}),
        "between": Look(1, None, template(0.55), {}),
        "far": Look(1, None, template(0.9), {}),
        "nobody": Look(0, "no_face", None, {}),
        "text": "not_an_image",
    }
    pairs = [
        Pair("a", "near", same=True), Pair("a", "far", same=True), Pair("a", "between", same=False),
        Pair("a", "far", same=False), Pair("nobody", "text", same=True),
        Pair("a", "text", same=False),
    ]  # fmt: skip
    found = evaluate_pairs(pairs, looks.__getitem__, Thresholds())
    assert (found.pairs, dict(found.failures)) == (6, {"no_face": 1, "not_an_image": 1})
    assert found.same.tolist() == pytest.approx([0.3, 0.9])
    assert found.different.tolist() == pytest.approx([0.55, 0.9])
    assert (found.inconclusive.wrong, found.inconclusive.trials) == (1, 4)
    assert (found.failure_to_acquire.wrong, found.failure_to_acquire.trials) == (2, 6)
    match, outer = found.shipped
    assert (match.fmr.wrong, match.fnmr.wrong, outer.fmr.wrong) == (0, 1, 1)
    assert found.accuracy == pytest.approx(0.5)
    assert {verdict_of(float(d)) for d in found.different} == {"inconclusive", "no_match"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a,b\nx,y\n", 1, "no column same"),
        ("a,b,same\nx,,1\n", 2, "each name a picture"),
        ("a,b,same\nx,y,1\nx,y,yes\n", 3, "'yes'; 1 for one person"),
        ("", 1, "no column a, b, same"),
    ],
)
def test_a_wrong_file_of_pairs_is_refused_with_its_line(tmp_path, text, line, says):
    file = tmp_path / "pairs.csv"
    file.write_text(text)
    with pytest.raises(PairsError, match=says) as error:
        list(read_pairs(file))
    assert f"line {line}" in str(error.value)


@pytest.fixture
def folder(tmp_path):
    pictures = {"a": astronaut(), "h": hopper(), "h2": hopper().rotate(8)}
    pictures["both"] = beside(hopper(), hopper())
    for name, image in pictures.items():
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(image))
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_compare_prints_distance_verdict_and_faces(folder):
    same = run("compare", folder / "h.jpg", folder / "h2.jpg")
    assert same.exit_code == 0, same.output
    said = json.loads(same.stdout)
    assert (said["verdict"], said["faces"]) == ("match", [1, 1])
    assert 0 < said["distance"] <= 0.5
    two = json.loads(run("compare", folder / "h.jpg", folder / "a.jpg").stdout)
    assert (two["verdict"], two["faces"]) == ("no_match", [1, 1])


def test_compare_of_what_has_no_one_face_is_inconclusive_and_of_no_picture_an_error(folder):
    several = run("compare", folder / "h.jpg", folder / "both.jpg")
    said = json.loads(several.stdout)
    assert (several.exit_code, said["verdict"], said["distance"]) == (3, "inconclusive", None)
    assert (said["faces"], said["causes"]) == ([1, 2], [None, "several_faces"])
    nothing = run("compare", folder / "h.jpg", folder / "text.jpg")
    assert nothing.exit_code == 1
    assert "not_an_image" in nothing.stderr


def test_eval_prints_rates_with_bounds_and_the_curve(folder):
    rows = ["a,b,same", "h.jpg,h2.jpg,1", "a.jpg,h.jpg,0", "h.jpg,both.jpg,1", "a.jpg,text.jpg,0"]
    (folder / "pairs.csv").write_text("\n".join(rows))
    result = run("eval", folder / "pairs.csv", "--json", "--workers", "1")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["pairs"], said["compared"]) == (4, {"same": 1, "different": 1})
    assert said["causes"] == {"not_an_image": 1, "several_faces": 1}
    assert said["accuracy"] == 1.0
    assert said["shipped"]["match"]["fmr"]["share"] == 0.0
    assert said["shipped"]["match"]["fmr"]["bounds_95"][1] > 0.7
    rates = [(point["threshold"], point["fmr"]["share"]) for point in said["curve"]]
    assert rates == sorted(rates)
    table = run("eval", folder / "pairs.csv", "--workers", "1").stdout
    assert "failure to acquire   50.0000%" in table
    assert "<- shipped" in table


def test_eval_says_which_picture_is_not_there(folder):
    (folder / "pairs.csv").write_text("a,b,same\nh.jpg,gone.jpg,1\n")
    result = run("eval", folder / "pairs.csv")
    assert isinstance(result.exception, PairsError)
    assert "gone.jpg" in str(result.exception)

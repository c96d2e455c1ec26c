"""A camera's thresholds and gates come from its own pictures, and its file is read whole or not."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.errors import CameraError
from gateway.faces.calibrating import calibrate
from gateway.faces.camera import AS_SHIPPED, read_cameras
from gateway.faces.comparing import SHIPPED
from gateway.faces.looking import KIOSK, Look
from guitu.commands.face import command
from tests.unit.gateway.faces.portraits import astronaut, hopper, jpeg

GOOD = {"face_px": 200.0, "luma": 120.0, "sharpness": 400.0, "yaw": 0.1, "roll_deg": 3.0}


def person(at, *, spread=0.05, pictures=4, **measures):
    """Looks along one axis: people `at` apart, pictures of one person up to `spread` apart."""
    steps = np.linspace(0, spread, pictures)
    return [Look(1, None, np.full(128, (at + s) / math.sqrt(128)), GOOD | measures) for s in steps]


def test_strangers_that_look_alike_make_a_match_stricter():
    far = calibrate({"a": person(0.0), "b": person(2.0)}, most_fmr=0.001, most_fnmr=0.01)
    assert far.camera.thresholds.match == SHIPPED.match
    alike = calibrate({"a": person(0.0), "b": person(0.42)}, most_fmr=0.001, most_fnmr=0.01)
    # The nearest pictures of the two are 0.37 apart.
    assert alike.camera.thresholds.match == pytest.approx(0.36)
    assert alike.camera.measured["pairs"] == {"same": 12, "different": 16}


def test_one_person_who_varies_makes_a_mismatch_rarer():
    found = calibrate(
        {"a": person(0.0, spread=0.66), "b": person(3.0)}, most_fmr=0.001, most_fnmr=0.0
    )
    assert found.camera.thresholds.no_match == pytest.approx(0.66, abs=0.011)
    assert found.camera.thresholds.no_match >= found.camera.thresholds.match


def test_gates_come_from_the_pictures_own_light_and_sharpness():
    looks = {"a": person(0.0, luma=60.0, sharpness=30.0), "b": person(2.0, luma=90.0)}
    gates = calibrate(looks, most_fmr=0.001, most_fnmr=0.01).camera.gates
    assert gates.least_luma == pytest.approx(40.0, abs=1)
    assert gates.most_luma == pytest.approx(110.0, abs=1)
    assert gates.least_sharpness == pytest.approx(15.0, abs=1)
    assert gates.least_face_px == KIOSK.least_face_px


@pytest.mark.parametrize(
    "looks",
    [
        {},
        {"a": person(0.0)},
        {"a": person(0.0, pictures=1), "b": person(1.0, pictures=1)},
        {"a": ["not_an_image"], "b": [Look(0, "no_face", None, {})]},
    ],
)
def test_too_few_pictures_are_refused(looks):
    with pytest.raises(CameraError, match="two people are wanted"):
        calibrate(looks, most_fmr=0.001, most_fnmr=0.01)


def test_the_command_writes_a_file_that_a_gateway_reads(tmp_path):
    for name, portrait in (("h", hopper()), ("a", astronaut().resize((1_024, 1_024)))):
        (tmp_path / "people" / name).mkdir(parents=True)
        for turn in (0, 6):
            file = tmp_path / "people" / name / f"{turn}.jpg"
            file.write_bytes(jpeg(portrait.rotate(turn)))
    (tmp_path / "people" / "a" / "text.jpg").write_bytes(b"none")
    given = ["calibrate", str(tmp_path / "people"), "--workers", "1"]
    given += ["--out", str(tmp_path / "kk-1.json"), "--plot", str(tmp_path / "curve.svg")]
    result = CliRunner().invoke(command, given)
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["pairs"], said["refused"]) == ({"same": 2, "different": 4}, {"not_an_image": 1})
    assert said["fmr_at_match"]["share"] == 0.0
    assert said["fmr_at_match"]["bounds_95"][1] > 0.4
    cameras = read_cameras(tmp_path)
    assert set(cameras) == {"kk-1"}
    assert cameras["kk-1"].thresholds.match == said["match"]
    assert "<polyline" in (tmp_path / "curve.svg").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"gate": {}}',
        '{"thresholds": {"match": 0.7, "no_match": 0.6}}',
        '{"thresholds": {"match": "0.5"}}',
        '{"identification": {"strict": 0.51}}',
        '{"identification": {"margin": 0}}',
    ],
)
def test_a_wrong_camera_file_stops_the_start(tmp_path, text):
    (tmp_path / "good.json").write_text("{}")
    assert read_cameras(tmp_path) == {"good": AS_SHIPPED}
    (tmp_path / "kk-1.json").write_text(text)
    with pytest.raises(CameraError, match=r"kk-1\.json"):
        read_cameras(tmp_path)

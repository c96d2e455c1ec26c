"""One face that can be compared, or the cause why there is none."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from gateway.faces.comparing import SHIPPED, distance_of, nearest, verdict_of
from gateway.faces.engine import Box
from gateway.faces.looking import ANY_FACE, KIOSK, Gates, fault, look
from gateway.faces.picture import Picture
from tests.unit.gateway.faces.portraits import astronaut, beside, engine, hopper, seen


def distance(one, other):
    return distance_of(one.template, other.template)


def face_of(image, margin=0.6):
    """The head alone."""
    box = engine().find(np.asarray(image))[0]
    side = int(box.height_px * margin)
    return image.crop(
        (max(0, box.left - side), max(0, box.top - side), box.right + side, box.bottom + side)
    )


CHANGES = {
    "the head alone": face_of,
    "half the light": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "blurred a little": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "turned by 15 degrees": lambda image: image.rotate(15),
    "twice the size": lambda image: image.resize((image.width * 2, image.height * 2)),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("portrait", [astronaut, hopper])
def test_a_person_is_the_same_in_other_pictures_and_nobody_else(portrait, change):
    other = {astronaut: hopper, hopper: astronaut}[portrait]
    changed = seen(CHANGES[change](portrait()))
    assert verdict_of(distance(changed, seen(portrait()))) == "match"
    assert verdict_of(distance(changed, seen(other()))) == "no_match"


@pytest.mark.parametrize("quality", [60, 30])
def test_compression_changes_nobody(quality):
    assert verdict_of(distance(seen(hopper(), quality=quality), seen(hopper()))) == "match"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda image: ImageEnhance.Brightness(image).enhance(0.25), "too_dark"),
        (lambda image: ImageEnhance.Brightness(image).enhance(2.5), "too_bright"),
        (lambda image: image.filter(ImageFilter.GaussianBlur(5)), "blurred"),
        (lambda image: image.rotate(40), "turned"),
        (lambda image: image.resize((image.width // 4, image.height // 4)), "too_small"),
        (lambda image: image.resize((48, 56)), "no_face"),  # a face of 20 pixels
        (lambda image: Image.new("RGB", image.size, "grey"), "no_face"),
        (lambda image: beside(image, image), "several_faces"),
        (lambda image: beside(*[face_of(image)] * 5), "several_faces"),
    ],
    ids=[
        "dark", "bright", "blurred", "turned", "small", "20 px", "nobody", "two", "five",
    ],
)  # fmt: skip
def test_what_a_kiosk_cannot_use_has_its_cause_and_no_template(change, cause):
    assert seen(hopper(), KIOSK).cause is None
    found = seen(change(hopper()), KIOSK)
    assert (found.cause, found.template) == (cause, None)


def test_somebody_far_behind_is_no_rival():
    scene = astronaut().crop((0, 0, 470, 470))
    scene.paste(hopper().resize((128, 150)), (0, 320))
    gates = Gates(rival_share=0.9)
    found = seen(scene, gates)
    assert (found.faces, found.cause) == (2, None)
    assert distance(found, seen(astronaut())) < SHIPPED.match
    assert found.measures["rival"] < gates.rival_share


class Twice:
    """An engine that finds a face a second time inside the first one."""

    def find(self, pixels):
        del pixels
        return [Box(10, 90, 90, 10), Box(15, 80, 80, 15)]


def test_one_face_inside_another_is_the_same_one():
    outer, inner = Twice().find(None)
    assert outer.holds(inner)
    assert not Box(0, 9, 9, 0).holds(inner)


def test_gates_are_judged_from_measures_alone():
    good = {"face_px": 200.0, "luma": 120.0, "sharpness": 400.0, "yaw": 0.1, "roll_deg": 3.0}
    assert fault(good, KIOSK) is None
    for name, value, cause in (
        ("face_px", 79.0, "too_small"), ("luma", 10.0, "too_dark"), ("luma", 250.0, "too_bright"),
        ("sharpness", 1.0, "blurred"), ("yaw", 0.9, "turned"), ("roll_deg", 60.0, "turned"),
        ("yaw", float("inf"), "turned"),
    ):  # fmt: skip
        assert fault(good | {name: value}, KIOSK) == cause
    assert fault(good | {"luma": 3.0, "yaw": 0.9, "sharpness": 0.1}, ANY_FACE) is None


def test_three_answers_by_two_distances():
    assert [verdict_of(d) for d in (0.0, 0.5, 0.500001, 0.6, 0.600001, float("inf"))] == [
        "match", "match", "inconclusive", "inconclusive", "no_match", "no_match",
    ]  # fmt: skip
    assert verdict_of(float("nan")) == "inconclusive"


def test_the_nearest_of_several_templates_counts():
    mine, changed, other = seen(hopper()), seen(hopper().rotate(10)), seen(astronaut())
    assert mine.template is not None
    assert changed.template is not None
    assert other.template is not None
    enrolled = np.stack([other.template, mine.template])
    assert nearest(changed.template, enrolled) == pytest.approx(distance(changed, mine))


def test_a_grey_wall_of_any_size_has_no_face():
    for side in (1, 2, 79, 700):
        blank = Picture(np.full((side, side, 3), 127, dtype=np.uint8))
        assert look(blank, engine(), ANY_FACE).cause == "no_face"

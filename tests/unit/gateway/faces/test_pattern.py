"""The grid of a screen or a print stands out of a face; nothing that a camera does to one does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from gateway.faces.engine import Box
from gateway.faces.liveness import SHIPPED
from gateway.faces.pattern import pattern_db
from gateway.faces.picture import decode_picture
from tests.unit.gateway.faces.portraits import astronaut, hopper, jpeg

FACES = {
    "hopper": (hopper, Box(top=90, right=370, bottom=300, left=160)),
    "astronaut": (lambda: astronaut().resize((1_024, 1_024)), Box(120, 540, 340, 340)),
}


def strength(image, box, *, quality=90):
    return pattern_db(decode_picture(jpeg(image, quality=quality)).pixels, box)


def with_grid(image, *, period_px, angle_deg, luma):
    pixels = np.asarray(image, dtype=np.float64)
    rows, columns = np.indices(pixels.shape[:2])
    along = columns * np.cos(np.radians(angle_deg)) + rows * np.sin(np.radians(angle_deg))
    wave = luma * np.sin(2 * np.pi * along / period_px)
    return Image.fromarray(np.clip(pixels + wave[..., None], 0, 255).astype(np.uint8))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("quality", [30, 60, 75, 90, 98])
@pytest.mark.parametrize(
    "done",
    [
        lambda image: image,
        lambda image: image.rotate(7, Image.Resampling.BILINEAR),
        lambda image: image.filter(ImageFilter.GaussianBlur(1.5)),
        lambda image: image.filter(ImageFilter.UnsharpMask(2, 150)),
        lambda image: image.resize((image.width // 2,) * 2).resize(image.size),
    ],
    ids=["as it is", "turned", "blurred", "sharpened", "enlarged"],
)
def test_what_a_camera_does_to_a_face_is_no_grid(face, quality, done):
    portrait, box = FACES[face]
    assert strength(done(portrait()), box, quality=quality) < SHIPPED.most_pattern_db


@settings(deadline=None)
@given(st.sampled_from(sorted(FACES)), st.floats(2.4, 5.5), st.floats(20, 70), st.floats(8.0, 20.0))
def test_a_grid_of_any_width_and_direction_is_seen(face, period_px, angle_deg, luma):
    portrait, box = FACES[face]
    shown = with_grid(portrait(), period_px=period_px, angle_deg=angle_deg, luma=luma)
    assert strength(shown, box) > SHIPPED.most_pattern_db


def test_a_grid_out_of_focus_says_nothing():
    portrait, box = FACES["hopper"]
    shown = with_grid(portrait(), period_px=3.0, angle_deg=30, luma=15)
    assert strength(shown.filter(ImageFilter.GaussianBlur(3)), box) < SHIPPED.most_pattern_db


@pytest.mark.parametrize("size", [(127, 400), (400, 127), (128, 128), (129, 383), (2_000, 300)])
def test_a_picture_of_any_size_has_a_strength(size):
    flat = np.zeros((*size, 3), np.uint8)
    grey = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    middle = Box(size[0] // 3, size[1] // 2, size[0] // 2, size[1] // 3)
    assert np.isfinite(pattern_db(grey, middle))
    assert np.isfinite(pattern_db(flat, middle))

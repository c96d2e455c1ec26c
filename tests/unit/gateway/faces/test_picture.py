"""Every file is a picture within bounds or is refused with its cause; nothing else."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.errors import PictureError
from gateway.faces.picture import MAX_BYTES, MAX_SIDE_PX, decode_picture
from tests.unit.gateway.faces.portraits import astronaut, encoded, hopper, jpeg


def refused(data):
    with pytest.raises(PictureError) as error:
        decode_picture(data)
    return error.value.cause


def bomb(width, height):
    """A PNG of a few bytes that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def test_a_picture_comes_upright_whatever_way_the_camera_was_held():
    upright = decode_picture(jpeg(hopper())).pixels
    turns = {6: Image.Transpose.ROTATE_90, 3: Image.Transpose.ROTATE_180}
    for orientation, turn in turns.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        shown = decode_picture(jpeg(hopper().transpose(turn), exif=exif)).pixels
        assert shown.shape == upright.shape
        assert np.abs(shown.astype(int) - upright).mean() < 3


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
def test_a_picture_of_other_colours_is_taken_as_rgb(mode):
    pixels = decode_picture(jpeg(astronaut().convert(mode))).pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == (512, 512, 3)
    assert np.abs(pixels.mean(axis=2) - np.asarray(astronaut()).mean(axis=2)).mean() < 12


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "TIFF"])
def test_other_still_formats_are_taken(kind):
    assert decode_picture(encoded(astronaut(), kind)).pixels.shape == (512, 512, 3)


def test_a_large_picture_is_scaled_down():
    large = jpeg(hopper().resize((4_096, 4_800)))
    assert decode_picture(large).pixels.shape == (MAX_SIDE_PX, 1_365, 3)


@pytest.mark.parametrize("size", [(40_000, 40_000), (100_000, 3_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    assert refused(bomb(*size)) == "too_large"


def test_a_file_beyond_the_bound_is_refused_unread():
    assert refused(b"\xff\xd8\xff" + bytes(MAX_BYTES)) == "too_large"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_what_moves_is_refused(kind):
    out = io.BytesIO()
    astronaut().save(out, kind, save_all=True, append_images=[hopper().resize((512, 512))])
    assert refused(out.getvalue()) == "animated"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_truncated_picture_is_refused(share):
    whole = jpeg(hopper())
    assert refused(whole[: int(len(whole) * share)]) == "not_an_image"


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\xff\xd8\xff", b"GIF89a", encoded(astronaut(), "GIF")]
)
def test_what_is_no_picture_of_a_known_kind_is_refused(data):
    assert refused(data) == "not_an_image"


@given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n"]))
@settings(deadline=None)
def test_any_bytes_are_a_picture_or_refused(data, start):
    try:
        pixels = decode_picture(start + data).pixels
    except PictureError:
        return
    assert pixels.shape[2] == 3


WHOLE = jpeg(astronaut().resize((96, 96)))


@given(at=st.lists(st.integers(0, len(WHOLE) - 1), min_size=1, max_size=8), to=st.integers(0, 255))
@settings(deadline=None)
def test_a_damaged_picture_is_a_picture_or_refused(at, to):
    damaged = bytearray(WHOLE)
    for index in at:
        damaged[index] = to
    try:
        pixels = decode_picture(bytes(damaged)).pixels
    except PictureError:
        return
    assert max(pixels.shape[:2]) <= MAX_SIDE_PX

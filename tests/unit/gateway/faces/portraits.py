"""Two portraits in the public domain, which scikit-image and matplotlib carry, and changes."""

import functools
import io

import matplotlib.cbook
from PIL import Image
from skimage import data

from gateway.faces.engine import DlibEngine
from gateway.faces.looking import ANY_FACE, Look, look
from gateway.faces.picture import decode_picture


@functools.cache
def astronaut() -> Image.Image:
    """Eileen Collins (NASA)."""
    return Image.fromarray(data.astronaut())


@functools.cache
def hopper() -> Image.Image:
    """Grace Hopper (United States Navy)."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        image = Image.open(file)
        image.load()
    return image


@functools.cache
def engine() -> DlibEngine:
    return DlibEngine()


def jpeg(image: Image.Image, quality: int = 90, **given) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, **given)
    return out.getvalue()


def encoded(image: Image.Image, kind: str, **given) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **given)
    return out.getvalue()


def beside(*images: Image.Image) -> Image.Image:
    """One picture of several, side by side."""
    height = min(image.height for image in images)
    scaled = [image.resize((image.width * height // image.height, height)) for image in images]
    out = Image.new("RGB", (sum(one.width for one in scaled), height))
    left = 0
    for one in scaled:
        out.paste(one, (left, 0))
        left += one.width
    return out


def seen(image: Image.Image, gates=ANY_FACE, quality: int = 90) -> Look:
    return look(decode_picture(jpeg(image, quality)), engine(), gates)

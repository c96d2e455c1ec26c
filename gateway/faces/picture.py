"""Bytes of an image, of whatever making, to pixels within bounds."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from gateway.errors import PictureError

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
"""A camera of 40 megapixels; as RGB it is 120 MB, and only while it is scaled down."""
MAX_SIDE_PX: Final = 1_600
"""What is kept of a picture; a face that fills a tenth of it still has 160 pixels."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_FRAMES: Final = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was decoded.

    Attributes:
        pixels: Upright, at most `MAX_SIDE_PX` on its longer side.
    """

    pixels: Pixels


def decode_picture(data: bytes) -> Picture:
    """Return the pixels of one still image, turned as its EXIF orientation says.

    Args:
        data: A file's content.

    Raises:
        PictureError: Not a whole still image of a known format, or beyond the bounds.
    """
    if len(data) > MAX_BYTES:
        raise PictureError("too_large", f"{len(data)} bytes; at most {MAX_BYTES} are read")
    with warnings.catch_warnings():
        # Of Pillow's own bounds, which are wider than these.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                _require_bounds(opened)
                upright = ImageOps.exif_transpose(_scaled_while_decoding(opened))
                upright.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
                return Picture(np.asarray(upright.convert("RGB")))
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureError("too_large", f"more than {MAX_PIXELS} pixels") from error
        # A damaged file can end in almost any of these, in whichever codec it is.
        except (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError) as error:
            kinds = ", ".join(_FORMATS)
            raise PictureError("not_an_image", f"no whole image of {kinds}") from error
        except (OverflowError, MemoryError, ArithmeticError, IndexError) as error:
            raise PictureError("not_an_image", "its own figures contradict each other") from error


def _require_bounds(opened: Image.Image) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise PictureError(
            "too_large", f"{width} x {height} pixels; at most {MAX_PIXELS} are decoded"
        )
    if getattr(opened, "n_frames", _FRAMES) > _FRAMES:
        raise PictureError("animated", "several frames; a check takes one still picture")


def _scaled_while_decoding(opened: Image.Image) -> Image.Image:
    # A JPEG can be decoded at a half, a quarter or an eighth: a fraction of time and memory.
    opened.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
    opened.load()
    return opened

"""What a person sees: screen positions of places, and the colours of pixels there."""

import base64
import math
import re

from playwright.sync_api import Page, expect

IN_THE_COUNTY = re.compile(r"^119\.")
"""The map's centre once it has been fitted to the county of place.py."""

_EARTH_RADIUS_M = 6_378_137


def _mercator(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    north = math.log(math.tan(math.pi / 4 + math.radians(latitude_deg) / 2))
    return _EARTH_RADIUS_M * math.radians(longitude_deg), _EARTH_RADIUS_M * north


def place_on_screen(page: Page, longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """Return where the map draws a place, CSS pixels from the page's top left corner."""
    element = page.get_by_test_id("map")
    expect(element).to_have_attribute("data-centre", IN_THE_COUNTY)
    centre = str(element.get_attribute("data-centre")).split(",")
    resolution = float(str(element.get_attribute("data-resolution")))
    box = element.bounding_box()
    assert box is not None
    x, y = _mercator(longitude_deg, latitude_deg)
    centre_x, centre_y = _mercator(float(centre[0]), float(centre[1]))
    return (
        box["x"] + box["width"] / 2 + (x - centre_x) / resolution,
        box["y"] + box["height"] / 2 - (y - centre_y) / resolution,
    )


def colour_at(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """Return the colour that the screen shows at a CSS pixel, everything painted over it."""
    shot = page.screenshot(clip={"x": math.floor(x), "y": math.floor(y), "width": 1, "height": 1})
    reader = page.context.new_page()
    try:
        rgb = reader.evaluate(
            """async (png) => {
                const image = new Image()
                image.src = `data:image/png;base64,${png}`
                await image.decode()
                const context = new OffscreenCanvas(1, 1).getContext('2d')
                context.drawImage(image, 0, 0, 1, 1)
                return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
            }""",
            base64.b64encode(shot).decode(),
        )
    finally:
        reader.close()
    return tuple(rgb)


def is_near(colour: tuple[int, int, int], wanted: int, *, by: int = 24) -> bool:
    """Return whether a colour is that of 0xRRGGBB, each channel within `by`."""
    channels = ((wanted >> 16) & 255, (wanted >> 8) & 255, wanted & 255)
    return all(abs(seen - want) <= by for seen, want in zip(colour, channels, strict=True))

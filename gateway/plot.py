"""Pictures as SVG that stands inside a page: no script, nothing from outside."""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 1000
LEFT: Final = 62
"""Room for the names of the y axis."""
RIGHT: Final = 16


class Plot:
    """A picture in the making."""

    def __init__(self, title: str, height: int) -> None:
        """Begin a picture of `WIDTH` by `height`."""
        self._title = title
        self._height = height
        self._parts: list[str] = []

    def y_axis(self, most: float, top: float, bottom: float, unit: str = "") -> None:
        """Draw lines at quarters of `most`."""
        for quarter in range(5):
            y = bottom - (bottom - top) * quarter / 4
            self.line([(LEFT, y), (WIDTH - RIGHT, y)], "#e4e8ec")
            self.text(LEFT - 8, y + 4, f"{most * quarter / 4:g}{unit}", "end")

    def bar(self, box: tuple[float, float, float, float], colour: str, title: str) -> None:
        """Draw a rectangle: left, top, width and height."""
        x, y, width, height = box
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{colour}"><title>{escape(title)}</title></rect>'
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        width: float = 1.0,
        *,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points, x and y each."""
        place = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(
            f'<polyline points="{place}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}"{dashes}/>'
        )

    def text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Write text; `anchor` says which end of it is at x."""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def svg(self) -> str:
        """Return the picture."""
        title = escape(self._title)
        return (
            f'<svg viewBox="0 0 {WIDTH} {self._height}" role="img" aria-label="{title}">'
            f"<title>{title}</title>{''.join(self._parts)}</svg>"
        )

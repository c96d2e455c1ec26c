"""A drawing as SVG text: a plot area in one's own units, lines, shapes and words in it."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

_MARGIN: Final = 56
_FONT: Final = "font-family='sans-serif'"

Point = tuple[float, float]


class Drawing:
    """Figures are placed in units of the plot area, y upwards."""

    def __init__(self, *, width: int, height: int, x: Point, y: Point) -> None:
        """Begin an empty drawing.

        Args:
            width: Of the plot area, pixels.
            height: Likewise.
            x: What its left and right edges stand for.
            y: What its lower and upper edges stand for.
        """
        self._size = width, height
        self._x, self._y = x, y
        self._parts: list[str] = []

    def shape(
        self, points: Iterable[Point], *, fill: str = "none", stroke: str = "none", width: float = 1
    ) -> None:
        """Draw a closed outline."""
        place = " ".join(f"{a:.1f},{b:.1f}" for a, b in map(self._place, points))
        style = f"fill='{fill}' stroke='{stroke}' stroke-width='{width:g}'"
        self._parts.append(f"<polygon points='{place}' {style}/>")

    def line(
        self, points: Iterable[Point], *, stroke: str, width: float = 1, dashed: bool = False
    ) -> None:
        """Draw an open line."""
        place = " ".join(f"{a:.1f},{b:.1f}" for a, b in map(self._place, points))
        dashes = " stroke-dasharray='5 4'" if dashed else ""
        style = f"fill='none' stroke='{stroke}' stroke-width='{width:g}'{dashes}"
        self._parts.append(f"<polyline points='{place}' {style}/>")

    def dot(self, point: Point, *, fill: str, radius: float = 4) -> None:
        """Draw a dot."""
        a, b = self._place(point)
        self._parts.append(f"<circle cx='{a:.1f}' cy='{b:.1f}' r='{radius:g}' fill='{fill}'/>")

    def words(
        self, point: Point, text: str, *, anchor: str = "start", fill: str = "#222", up: float = 0
    ) -> None:
        """Write words at a point, `up` pixels above it."""
        a, b = self._place(point)
        style = f"{_FONT} font-size='13' text-anchor='{anchor}' fill='{fill}'"
        self._parts.append(f"<text x='{a:.1f}' y='{b - up:.1f}' {style}>{escape(text)}</text>")

    def axes(
        self, x_ticks: Sequence[tuple[float, str]], y_ticks: Sequence[tuple[float, str]], x: str
    ) -> None:
        """Draw a frame with ticks, and what x is under it."""
        (left, right), (low, high) = self._x, self._y
        frame = [(left, low), (right, low), (right, high), (left, high)]
        self.shape(frame, stroke="#888")
        for value, text in x_ticks:
            self.line([(value, low), (value, high)], stroke="#e4e4e4")
            self.words((value, low), text, anchor="middle", up=-18)
        for value, text in y_ticks:
            self.line([(left, value), (right, value)], stroke="#e4e4e4")
            self.words((left, value), text + " ", anchor="end", up=-4)
        self.words(((left + right) / 2, low), x, anchor="middle", up=-40)

    def svg(self, title: str) -> str:
        """Return the file's text."""
        width, height = (side + 2 * _MARGIN for side in self._size)
        head = (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
            f"viewBox='0 0 {width} {height}' role='img'>"
        )
        paper = f"<rect width='{width}' height='{height}' fill='#fff'/>"
        name = f"<text x='{_MARGIN}' y='30' {_FONT} font-size='15'>{escape(title)}</text>"
        label = f"<title>{escape(title)}</title>"
        return "\n".join([head, label, paper, name, *self._parts, "</svg>", ""])

    def _place(self, point: Point) -> Point:
        (left, right), (low, high) = self._x, self._y
        width, height = self._size
        return (
            _MARGIN + (point[0] - left) / (right - left) * width,
            _MARGIN + (high - point[1]) / (high - low) * height,
        )

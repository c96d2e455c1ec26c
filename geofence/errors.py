"""The errors of this package.

GeofenceError
├── FenceError      a fence that cannot be used; says which part
├── DatumError      a datum that is unknown, or two that were mixed
├── ScheduleError   a schedule that cannot be kept, or a time outside its span
└── KernelError     a kernel that is not installed
"""


class GeofenceError(Exception):
    """Root of everything this package raises."""


class FenceError(GeofenceError):
    """A fence that cannot be used.

    Attributes:
        ring: Index of the faulty ring, counted through all polygons, or None.
        vertex: Index of the faulty vertex in its ring, or None.
    """

    def __init__(self, reason: str, *, ring: int | None = None, vertex: int | None = None) -> None:
        named = (("ring", ring), ("vertex", vertex))
        where = ", ".join(f"{name} {number}" for name, number in named if number is not None)
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.ring = ring
        self.vertex = vertex


class DatumError(GeofenceError):
    """An unknown datum, or two datums in one computation."""


class ScheduleError(GeofenceError):
    """A schedule that cannot be kept, or a time outside the span that it was compiled for."""


class KernelError(GeofenceError):
    """A kernel that is unknown or whose extra is not installed."""

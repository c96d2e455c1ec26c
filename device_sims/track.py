"""A recorded track as the feed of one device."""

from collections.abc import Iterator, Sequence

from device_sims.clock import begin_ms
from device_sims.coverage import Spell
from device_sims.errors import ScenarioError
from device_sims.feed import Emission, Identity
from firmware_protocols.track_file import TrackPoint, report_of


class TrackFeed:
    """Plays the points of a track in the order of the file, shifted in time."""

    def __init__(
        self, identity: Identity, points: Sequence[TrackPoint], *, first_ms: int, boot: int
    ) -> None:
        """Take who plays it, and the time that the first fix is shifted to."""
        self.identity = identity
        self._points = points
        self._shift_ms = first_ms - points[0].fix_time_ms
        self._boot = boot
        self.schedule = None

    def spell(self, time_s: float) -> Spell | None:
        """Return None: a played track stays connected."""
        del time_s
        return None

    def emissions(self) -> Iterator[Emission]:
        """Yield the fixes, in the order of the file."""
        for seq, point in enumerate(self._points):
            yield Emission(
                report_of(
                    point,
                    device=self.identity.device,
                    boot=self._boot,
                    seq=seq,
                    shift_ms=self._shift_ms,
                )
            )


def track_duration_s(points: Sequence[TrackPoint]) -> float:
    """Return how long a track lasts from its first to its newest fix, seconds."""
    return (max(point.fix_time_ms for point in points) - points[0].fix_time_ms) / 1_000


def track_start_ms(
    points: Sequence[TrackPoint], *, scale: float, now_ms: int, wanted_ms: int | None
) -> int:
    """Return the time that the first fix is shifted to, ms since 1970 UTC.

    Args:
        points: The track.
        scale: Simulated seconds per real second.
        now_ms: Real time at the start.
        wanted_ms: Asked for; None: as late as possible, the last fix is then real time's.

    Raises:
        ScenarioError: Fixes would be sent before their time has come.
    """
    duration_s = track_duration_s(points)
    latest_ms = begin_ms(now_ms, scale=scale, duration_s=duration_s)
    if wanted_ms is None:
        return latest_ms
    if wanted_ms > latest_ms:
        raise ScenarioError(
            f"the start lies {(wanted_ms - latest_ms) / 1_000:.0f} s too late: at scale {scale:g} "
            f"a track of {duration_s:.0f} s would send fixes before their time"
        )
    return wanted_ms

"""The windows to check in of all duties under one directory, for some days around a time."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from gateway.directory.compiled import CheckInDuty, Directory
from gateway.engine.duties.verdicts import Window
from geofence.schedule.occurrences import occurrences

_MS_PER_S: Final = 1_000
_MS_PER_DAY: Final = 86_400_000
_BACK_MS: Final = 6 * _MS_PER_DAY
_AHEAD_MS: Final = 9 * _MS_PER_DAY
LONGEST_MS: Final = 50 * 3_600_000
"""From the start of a window to the end of its grace: a day each, and an hour of the zone."""
UNTOLD_MS: Final = 2 * _MS_PER_DAY
"""A window that was over so long ago when time was looked at again is not told: nobody listened."""
NEVER_MS: Final = 1 << 62

Spans = list[tuple[int, int]]


class Timetable:
    """The windows by schedule; duties that share schedule and grace are looked up together."""

    def __init__(self, directory: Directory, at_ms: int) -> None:
        """Compile the days around `at_ms`."""
        self._directory = directory
        self.until_ms = at_ms + _AHEAD_MS - UNTOLD_MS
        """Until when it may be asked."""
        self._spans: dict[str, Spans] = {}
        self._groups: dict[tuple[str, int], list[tuple[str, CheckInDuty]]] = {}
        for subject, duties in sorted(directory.checkins.items()):
            for duty in duties:
                group = duty.schedule, duty.grace_s
                self._groups.setdefault(group, []).append((subject, duty))
                if duty.schedule not in self._spans:
                    schedule = directory.schedules[duty.schedule]
                    spans = occurrences(schedule, at_ms - _BACK_MS, at_ms + _AHEAD_MS)
                    # In order of their ends, to be found by their deadlines.
                    self._spans[duty.schedule] = sorted(spans, key=lambda span: (span[1], span[0]))

    def next_deadline_ms(self, after_ms: int) -> int:
        """Return the first deadline after a time; NEVER_MS: none in these days."""
        found = NEVER_MS
        for schedule, grace_s in self._groups:
            spans, grace_ms = self._spans[schedule], grace_s * _MS_PER_S
            at = bisect_right(spans, after_ms - grace_ms, key=_end_ms)
            if at < len(spans):
                found = min(found, spans[at][1] + grace_ms)
        return found

    def over(self, after_ms: int, until_ms: int) -> Iterator[tuple[str, CheckInDuty, Window]]:
        """Yield the windows with their deadline in (after_ms, until_ms], with whose they are."""
        for (schedule, grace_s), duties in self._groups.items():
            spans, grace_ms = self._spans[schedule], grace_s * _MS_PER_S
            low = bisect_right(spans, after_ms - grace_ms, key=_end_ms)
            high = bisect_right(spans, until_ms - grace_ms, key=_end_ms)
            for span in spans[low:high]:
                for subject, duty in duties:
                    yield subject, duty, _window(duty, span)

    def of(self, subject: str, time_ms: int) -> Iterator[tuple[CheckInDuty, Window]]:
        """Yield the windows of a person that an attempt made at a time counts for."""
        for duty in self._directory.checkins.get(subject, ()):
            spans = self._spans[duty.schedule]
            low = bisect_right(spans, time_ms - duty.grace_s * _MS_PER_S, key=_end_ms)
            high = bisect_left(spans, time_ms + LONGEST_MS, key=_end_ms)
            for span in spans[low:high]:
                window = _window(duty, span)
                if window.holds(time_ms):
                    yield duty, window


def _end_ms(span: tuple[int, int]) -> int:
    return span[1]


def _window(duty: CheckInDuty, span: tuple[int, int]) -> Window:
    return Window(duty.checkin, *span, duty.grace_s, duty.kiosk)

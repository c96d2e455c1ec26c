"""What one would write in an afternoon: raw figures on each report, fixed limits and time-outs.

Reports are taken as they arrive; an alert is told whenever a state begins.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.quality_field import Field
from benchmarks.quality_naive_company import company_alerts
from device_sims.cast import SimFence
from device_sims.field.absences import Absence
from device_sims.field.duties import CURFEW_H, curfew_circle, under_curfew
from device_sims.field.marks import curfew_id
from device_sims.field.population import Resident
from device_sims.field.week import absences_within
from device_sims.ground import Circle
from device_sims.routine import DAY_S, LOCAL_OFFSET_S
from firmware_protocols.alarm import ALARM_BITS
from gateway.backtest.alert import Alert
from gateway.columns import ABSENT, ABSENT_16, DEGREE_E7, ReportColumns

SILENCE_MS: Final = 900_000
LOW_PCT: Final = 20
CRITICAL_PCT: Final = 10
NEGLECT_PCT: Final = 30
NEGLECT_MS: Final = 36_000_000
LOST_MS: Final = 900_000
SKEW_MS: Final = 300_000
SPEED_MPS: Final = 55.6
JUMP_M: Final = 2_000.0
BOLD_M: Final = 100.0
BOLD_CLAIM_MM: Final = 3_000
FROZEN_REPORTS: Final = 10
FEWEST_SATELLITES: Final = 4
OFF_SKIN_MS: Final = 900_000
FAST_BPM: Final = 120
WARM_CC: Final = 3_700
AWAY_M: Final = 2_000.0
DATUM_M: Final = (400.0, 800.0)
NIGHT_H: Final = (1.0, 5.0)
_ALARMS: Final = ("sos", "strap", "case", "removed")

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


def naive_alerts(field: Field) -> list[Alert]:
    """Return the alerts of raw figures with fixed limits."""
    party = field.columns.party
    from_s = float(field.columns.received_at_us[0]) / 1e6
    absences = absences_within(field.bands, start_s=from_s, until_s=field.until_s)
    found: list[Alert] = []
    for number, resident in enumerate(field.residents):
        mine = field.columns.take(np.flatnonzero(party == number))
        fixes = mine.take(np.flatnonzero(mine.lon_e7 != ABSENT))
        found += _device_alerts(mine, resident)
        found += _position_alerts(field, fixes, resident)
        subject = resident.wearer.subject.subject
        own = [absence for absence in absences if absence.subject == subject]
        found += _place_alerts(field, fixes, resident, own)
    return found + company_alerts(field)


def _device_alerts(mine: ReportColumns, resident: Resident) -> Iterator[Alert]:
    subject = resident.wearer.subject.subject
    for rule in _ALARMS:
        yield from begins(mine, rule, subject, (mine.alarms & ALARM_BITS[rule]) != 0)
    known = mine.battery_pct != ABSENT_16
    for rule, pct in (("low_battery", LOW_PCT), ("critical_battery", CRITICAL_PCT)):
        yield from begins(mine, rule, subject, known & (mine.battery_pct <= pct))
    is_poor = known & (mine.battery_pct < NEGLECT_PCT)
    yield from begins(mine, "charging_neglect", subject, _lasting(mine, is_poor, NEGLECT_MS))
    is_lost = mine.lon_e7 == ABSENT
    yield from begins(mine, "position_lost", subject, _lasting(mine, is_lost, LOST_MS))
    is_off = mine.skin_contact == 0
    yield from begins(mine, "apart", subject, _lasting(mine, is_off, OFF_SKIN_MS))
    late_ms = mine.received_at_us // 1_000 - mine.fix_time_ms
    yield from begins(mine, "clock_skew", subject, np.abs(late_ms) > SKEW_MS)
    other = np.r_[False, np.diff(mine.boot) != 0]
    yield from begins(mine, "duplicate_identity", subject, other)
    has_few = (mine.satellites != ABSENT_16) & (mine.satellites < FEWEST_SATELLITES)
    is_jammed = (mine.alarms & ALARM_BITS["jamming"]) != 0
    yield from begins(mine, "jamming", subject, has_few | is_jammed)
    yield from begins(mine, "heart_rate", subject, mine.heart_rate_bpm > FAST_BPM)
    yield from begins(mine, "temperature", subject, mine.skin_temperature_cc > WARM_CC)
    at_ms = mine.received_at_us // 1_000
    for row in np.flatnonzero(np.diff(at_ms) > SILENCE_MS).tolist():
        told_ms = int(at_ms[row]) + SILENCE_MS
        yield Alert("silence", subject, None, int(at_ms[row]), told_ms)


def _position_alerts(field: Field, fixes: ReportColumns, resident: Resident) -> Iterator[Alert]:
    subject, home = resident.wearer.subject.subject, resident.wearer.routine.home
    x, y = metres(field, fixes)
    step_m = np.r_[0.0, np.hypot(np.diff(x), np.diff(y))]
    step_s = np.r_[1.0, np.maximum(np.abs(np.diff(fixes.fix_time_ms)) / 1_000, 1.0)]
    yield from begins(fixes, "impossible_speed", subject, step_m / step_s > SPEED_MPS)
    yield from begins(fixes, "teleport", subject, step_m > JUMP_M)
    is_sure = (fixes.accuracy_mm != ABSENT) & (fixes.accuracy_mm < BOLD_CLAIM_MM)
    yield from begins(fixes, "overconfident", subject, is_sure & (step_m > BOLD_M))
    yield from begins(fixes, "spoofing", subject, is_sure)
    is_same = np.r_[False, (np.diff(fixes.lon_e7) == 0) & (np.diff(fixes.lat_e7) == 0)]
    run = np.arange(len(is_same)) - np.maximum.accumulate(
        np.where(is_same, 0, np.arange(len(is_same)))
    )
    yield from begins(fixes, "frozen", subject, run >= FROZEN_REPORTS)
    away_m = np.hypot(x - home[0], y - home[1])
    at_night = _within_hours(fixes, NIGHT_H)
    yield from begins(fixes, "unusual", subject, at_night & (away_m > AWAY_M))
    is_shifted = (away_m > DATUM_M[0]) & (away_m < DATUM_M[1])
    yield from begins(fixes, "datum_mistake", subject, at_night & is_shifted)


def _place_alerts(
    field: Field, fixes: ReportColumns, resident: Resident, absences: list[Absence]
) -> Iterator[Alert]:
    subject = resident.wearer.subject.subject
    x, y = metres(field, fixes)
    time_s = fixes.fix_time_ms / 1_000
    away = np.zeros(len(x), np.bool_)
    for absence in absences:
        valid = (time_s >= absence.valid[0]) & (time_s < absence.valid[1])
        away |= valid
        rows = np.flatnonzero((time_s >= absence.area_valid[0]) & (time_s < absence.area_valid[1]))
        part = fixes.take(rows)
        outside = [absence.beyond_m(at) > 0.0 for at in zip(x[rows], y[rows], strict=True)]
        rule = "leave_place" if absence.kind == "leave" else "route"
        whole = np.array(outside, np.bool_)
        yield from begins(part, rule, subject, whole, fence=f"f-{absence.absence}")
        if absence.kind == "leave":
            over = time_s >= absence.valid[1]
            is_out = ~covers(field.population.county_fence, x, y)
            yield from begins(fixes, "leave_overdue", subject, over & is_out)
    for fence in resident.wearer.fences:
        is_violated = covers(fence, x, y) == (fence.use == "exclusion")
        if fence.use == "inclusion":
            is_violated &= ~away
        yield from begins(fixes, fence.use, subject, is_violated, fence=fence.fence)
    if under_curfew(resident):
        circle = curfew_circle(resident)
        is_out = np.hypot(x - circle.centre[0], y - circle.centre[1]) > circle.radius_m
        at_night = _within_hours(fixes, CURFEW_H)
        yield from begins(
            fixes, "curfew", subject, is_out & at_night & ~away, fence=curfew_id(resident)
        )


def begins(
    rows: ReportColumns, rule: str, subject: str, holds: Mask, *, fence: str | None = None
) -> Iterator[Alert]:
    """Yield an alert wherever a state begins, in order of arrival."""
    for row in np.flatnonzero(holds & ~np.r_[False, holds[:-1]]).tolist():
        at_ms = int(rows.received_at_us[row]) // 1_000
        yield Alert(rule, subject, fence, int(rows.fix_time_ms[row]), at_ms)


def metres(field: Field, fixes: ReportColumns) -> tuple[Floats, Floats]:
    """Return fixes as metres east and north of the county's middle."""
    ground = field.population.territory.ground
    corner, unit = ground.to_xy(0.0, 0.0), ground.to_xy(1.0, 1.0)
    x = corner[0] + (unit[0] - corner[0]) * fixes.lon_e7 / DEGREE_E7
    y = corner[1] + (unit[1] - corner[1]) * fixes.lat_e7 / DEGREE_E7
    return x, y


def covers(fence: SimFence, x: Floats, y: Floats) -> Mask:
    """Return whether a fence covers points."""
    if isinstance(fence.area, Circle):
        east, north = fence.area.centre
        return np.asarray(np.hypot(x - east, y - north) <= fence.area.radius_m, np.bool_)
    return np.asarray(shapely.contains_xy(shapely.Polygon(fence.area.ring), x, y), np.bool_)


def _lasting(rows: ReportColumns, holds: Mask, least_ms: int) -> Mask:
    """Return where a state has held for a time, without a break, by arrival."""
    at_ms = rows.received_at_us // 1_000
    since_ms = np.maximum.accumulate(np.where(holds & ~np.r_[False, holds[:-1]], at_ms, 0))
    return np.asarray(holds & (at_ms - since_ms >= least_ms), np.bool_)


def _within_hours(rows: ReportColumns, hours: tuple[float, float]) -> Mask:
    hour = (rows.fix_time_ms / 1_000 + LOCAL_OFFSET_S) % DAY_S / 3_600
    return np.asarray((hour - hours[0]) % 24.0 < hours[1] - hours[0], np.bool_)

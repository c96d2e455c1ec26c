"""The slow obvious judge of person and device apart: one report after another, plain integers."""

import math

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.parameters import parameters_from

HOUR_MS = 3_600_000
CHARGING = ALARM_BITS["charging"]


def within(now, since_ms, span_ms):
    return since_ms is not None and now - since_ms <= span_ms


class ScalarApart:
    """One wearer."""

    def __init__(self, **overrides):
        self.limits = parameters_from(overrides)
        self.before_ms = self.start_ms = None
        self.steps = self.steps_ms = self.walked_ms = None
        self.fixes = []
        self.moved_ms = None
        self.skin_ms = self.on_ms = None
        self.bpm = self.living_ms = None
        self.every_ms = 0
        self.thermometer_ms = self.warm_ms = self.charging_ms = None

    def feed(self, one):
        """Return (decision, log-odds in mnat, what each sign adds)."""
        self.see(one)
        signs = self.signs(one["fix_time_ms"])
        wear = min(
            signs["skin"] + signs["covered"] + signs["pulse"] + signs["temperature"],
            self.limits["apart_wear_most_mnat"],
        )
        total = self.limits["apart_prior_mnat"] + wear
        total += signs["motion"] + signs["place"] + signs["charging"]
        if total >= self.limits["apart_raise_mnat"]:
            return 1, total, signs
        is_low = total < self.limits["apart_clear_mnat"]
        return (-1 if is_low and self.worn(one["fix_time_ms"]) else 0), total, signs

    def worn(self, now):
        """Return whether anything shows the wearer."""
        walks = within(now, self.walked_ms, self.limits["apart_walking_s"] * 1_000)
        is_on = self.on_ms == self.skin_ms
        is_on &= within(now, self.on_ms, self.limits["apart_gap_s"] * 1_000)
        return walks or is_on or self.has_pulse(now)

    def has_pulse(self, now):
        fresh_ms = self.limits["apart_pulse_fresh_s"] * 1_000
        return within(now, self.living_ms, fresh_ms + 4 * self.every_ms)

    def see(self, one):
        now = one["fix_time_ms"]
        if self.before_ms is None or now - self.before_ms > self.limits["apart_gap_s"] * 1_000:
            self.start_ms = now
        self.before_ms = now
        if one["steps"] != ABSENT:
            self.see_steps(now, one["steps"])
        if one["lon_e7"] != ABSENT:
            self.fixes = [*self.fixes[-2:], one]
            pairs = ((0, 1), (1, 2), (0, 2))
            if len(self.fixes) == 3 and all(self.far(a, b) for a, b in pairs):
                self.moved_ms = now
        if one["heart_rate_bpm"] != ABSENT_16:
            self.see_pulse(now, one["heart_rate_bpm"])
        self.see_wear(now, one)
        if not one["alarms"] & CHARGING:
            self.charging_ms = None
        elif self.charging_ms is None:
            self.charging_ms = now

    def see_steps(self, now, steps):
        self.steps_ms = now
        if self.steps is not None:
            rise = steps - self.steps if steps >= self.steps else steps
            if rise >= self.limits["apart_steps"]:
                self.walked_ms = now
        self.steps = steps

    def see_pulse(self, now, bpm):
        if bpm >= 25 and self.bpm is not None and self.bpm >= 25 and bpm != self.bpm:
            self.every_ms = 0 if self.living_ms is None else now - self.living_ms
            self.living_ms = now
        self.bpm = bpm

    def see_wear(self, now, one):
        if one["skin_contact"] != ABSENT_8:
            self.skin_ms = now
            if one["skin_contact"] == 1:
                self.on_ms = now
        if one["skin_temperature_cc"] != ABSENT:
            self.thermometer_ms = now
            if one["skin_temperature_cc"] >= self.limits["apart_worn_skin_cc"]:
                self.warm_ms = now

    def far(self, a, b):
        a, b = self.fixes[a], self.fixes[b]
        lat = math.radians((a["lat_e7"] + b["lat_e7"]) / 2e7)
        north_m = (a["lat_e7"] - b["lat_e7"]) * 1e-7 * 111_000
        east_m = (a["lon_e7"] - b["lon_e7"]) * 1e-7 * 111_000 * math.cos(lat)
        radii_mm = sum(50_000 if x["accuracy_mm"] == ABSENT else x["accuracy_mm"] for x in (a, b))
        reach_mm = self.limits["apart_travel_m"] * 1_000 + radii_mm
        return math.hypot(east_m, north_m) * 1_000 > reach_mm

    def signs(self, now):
        charge_ms = self.limits["apart_charge_s"] * 1_000
        explained = within(now, self.charging_ms, charge_ms)
        covered = self.covered(now)
        skin = self.sensor(now, self.skin_ms, self.on_ms, "apart_skin_on_mnat", "apart_skin")
        return {
            "motion": self.motion(now),
            "place": self.place(now),
            "skin": 0 if covered else skin,
            "covered": covered,
            "pulse": self.pulse(now),
            "temperature": self.sensor(
                now, self.thermometer_ms, self.warm_ms, "apart_warm_mnat", "apart_cold"
            ),
            "charging": self.limits["apart_charge_mnat"] if explained else 0,
        }

    def motion(self, now):
        if within(now, self.walked_ms, self.limits["apart_walking_s"] * 1_000):
            return self.limits["apart_walking_mnat"]
        still_ms = self.lasted(now, self.steps_ms, self.walked_ms)
        if not still_ms:
            return 0
        waking = self.waking_ms(self.steps_ms - still_ms, self.steps_ms)
        return self.grown(waking, "apart_still_grace_s", "apart_still")

    def place(self, now):
        if within(now, self.moved_ms, self.limits["apart_walking_s"] * 1_000):
            return self.limits["apart_travel_mnat"]
        fix_ms = self.fixes[-1]["fix_time_ms"] if self.fixes else None
        if not within(now, fix_ms, self.limits["apart_gap_s"] * 1_000):
            return 0
        against = (self.moved_ms, self.walked_ms, self.living_ms, self.start_ms)
        since_ms = max(each for each in against if each is not None)
        if since_ms >= fix_ms:
            return 0
        waking = self.waking_ms(since_ms, fix_ms)
        return self.grown(waking, "apart_still_grace_s", "apart_place")

    def covered(self, now):
        """Return what contact adds while no pulse, no warmth and no step go with it."""
        touches = self.on_ms == self.skin_ms
        if not (touches and within(now, self.on_ms, self.limits["apart_gap_s"] * 1_000)):
            return 0
        lasted_ms = min(
            self.lasted(now, self.steps_ms, self.walked_ms),
            self.lasted(now, self.thermometer_ms, self.warm_ms),
            self.lifeless_ms(now),
        )
        return self.grown(lasted_ms, "apart_bare_grace_s", "apart_covered")

    def lifeless_ms(self, now):
        if self.living_ms is None:
            return 0
        return max(now - max(self.living_ms, self.start_ms) - 4 * self.every_ms, 0)

    def pulse(self, now):
        if self.living_ms is None:
            return 0
        if self.has_pulse(now):
            return self.limits["apart_pulse_on_mnat"]
        return self.grown(self.lifeless_ms(now), "apart_bare_grace_s", "apart_pulse")

    def sensor(self, now, spoke_ms, worn_ms, on, sign):
        if worn_ms == spoke_ms and within(now, worn_ms, self.limits["apart_gap_s"] * 1_000):
            return self.limits[on]
        return self.grown(self.lasted(now, spoke_ms, worn_ms), "apart_bare_grace_s", sign)

    def lasted(self, now, spoke_ms, against_ms):
        gap_ms = self.limits["apart_gap_s"] * 1_000
        if against_ms is None or not within(now, spoke_ms, gap_ms):
            return 0
        return max(spoke_ms - max(against_ms, self.start_ms), 0)

    def grown(self, lasted_ms, grace, sign):
        over_ms = max(lasted_ms - self.limits[grace] * 1_000, 0)
        grown = over_ms * self.limits[f"{sign}_mnat_per_h"] // HOUR_MS
        return min(grown, self.limits[f"{sign}_most_mnat"])

    def waking_ms(self, begin_ms, end_ms):
        return self.quarters(end_ms) // 4 - self.quarters(begin_ms) // 4

    def quarters(self, time_ms):
        """Return quarter milliseconds on the waking clock, hour by hour of a day."""
        local_ms = time_ms + 8 * HOUR_MS
        days, rest_ms = divmod(local_ms, 24 * HOUR_MS)
        waking = range(self.limits["apart_waking_from_h"], self.limits["apart_waking_to_h"])
        pace = [4 if hour in waking else 1 for hour in range(24)]
        hours, part_ms = divmod(rest_ms, HOUR_MS)
        return (days * sum(pace) + sum(pace[:hours])) * HOUR_MS + pace[hours] * part_ms

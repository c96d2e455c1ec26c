"""Pulse and skin temperature, one report after another."""

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT
from gateway.parameters import parameters_from

LIMITS = parameters_from({})


class ScalarHeart:
    """One wearer's pulse."""

    def __init__(self):
        self.steps = self.walked_ms = None

    def feed(self, one):
        now, bpm = one["fix_time_ms"], one["heart_rate_bpm"]
        if one["steps"] != ABSENT:
            if one["steps"] != self.steps:
                self.walked_ms = now
            self.steps = one["steps"]
        if one["alarms"] & ALARM_BITS["heart_rate"]:
            return 1
        if not 25 <= bpm <= 230 or one["skin_contact"] == 0:
            return 0
        if bpm <= LIMITS["heart_low_bpm"]:
            return 1
        if bpm < LIMITS["heart_high_bpm"]:
            return -1
        return 1 if self.rests(now, one["speed_mmps"]) else 0

    def rests(self, now, speed_mmps):
        if self.walked_ms is not None:
            return now - self.walked_ms > LIMITS["rest_s"] * 1_000
        return speed_mmps != ABSENT and speed_mmps < LIMITS["rest_speed_mmps"]


def temperature_decision(one):
    """Return what a report's skin temperature says."""
    cc = one["skin_temperature_cc"]
    has_pulse = one["skin_contact"] != 0 and one["heart_rate_bpm"] >= 25
    if not 0 <= cc <= 4_500 or not (has_pulse or one["skin_contact"] == 1):
        return 0
    if cc <= LIMITS["cold_skin_cc"]:
        return 1 if has_pulse else 0
    if cc >= LIMITS["fever_skin_cc"]:
        return 1
    return -1 if cc < LIMITS["fever_over_skin_cc"] else 0

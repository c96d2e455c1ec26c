"""Skin temperature that calls for care, while worn. Never a breach of anything."""

from typing import Final

import numpy as np

from gateway.engine.account import Account
from gateway.engine.rule import WORN, Judged, Memory, Rule, decided
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words

_PLAUSIBLE_CC: Final = (0, 4_500)
_LEAST_BPM: Final = 25
_CC: Final = 100


def _judge(stretch: Stretch, _: Memory) -> Judged:
    rows, limits = stretch.rows, stretch.limits
    cc = rows["skin_temperature_cc"]
    least, most = _PLAUSIBLE_CC
    usable = (cc >= least) & (cc <= most)
    if not usable.any():
        return Judged(np.zeros(len(stretch), np.int8))
    skin = rows["skin_contact"]
    has_pulse = (skin != 0) & (rows["heart_rate_bpm"] >= _LEAST_BPM)
    # A table in the sun is nobody's skin; a covered sensor in a cold room has no pulse.
    usable &= (skin == 1) | has_pulse
    low = cc <= limits["cold_skin_cc"]
    usable &= ~low | has_pulse
    calls = usable & (low | (cc >= limits["fever_skin_cc"]))
    # Between the two limits of a fever it stays what it was: skin wavers by half a degree.
    normal = usable & ~low & (cc < limits["fever_over_skin_cc"])
    return Judged(decided(calls, normal), {"skin_temperature_cc": cc.astype(np.int64)})


def _explain(account: Account) -> Words:
    cc = account.facts["skin_temperature_cc"]
    fever, cold = account.parameter("fever_skin_cc"), account.parameter("cold_skin_cc")
    is_high = cc >= fever
    limit = f"{(fever if is_high else cold) / _CC:.1f}"
    told = f"{cc / _CC:.1f}"
    bound = Words("不低于", "at or above") if is_high else Words("不高于", "at or below")
    return Words(
        f"佩戴处皮肤温度{told}℃，{bound.zh}{limit}℃；仅作关怀提示，不计分",
        f"skin temperature {told} °C where it is worn, {bound.en} {limit} °C; a care notice only, "
        "it never reaches the score",
    )


TEMPERATURE: Final = Rule(
    name="temperature",
    severity="minor",
    category="care",
    title=Words("体温需要关怀", "temperature that calls for care"),
    explain=_explain,
    judge=_judge,
    parameters=(
        "fever_skin_cc",
        "fever_over_skin_cc",
        "cold_skin_cc",
        "temperature_s",
        "temperature_clear_s",
        "body_reports",
        "clear_reports",
    ),
    raise_reports="body_reports",
    raise_s="temperature_s",
    clear_reports="clear_reports",
    clear_s="temperature_clear_s",
    kinds=WORN,
)

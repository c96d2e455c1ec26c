"""Person and device apart (人机分离): signs of motion, wear and charging, added up as log-odds.

A sign counts only where this device has shown the opposite on this wearer before: what a device
lacks, or never measured, says nothing.
"""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.limits import Limits
from gateway.engine.presence import CARRY, Columns
from gateway.engine.presence import seen as shown
from gateway.engine.rule import WORN, Judged, Memory, Rule, decided
from gateway.engine.signs import growing_mnat, probability_ppm, waking_clock_ms
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from gateway.parameters.person import PERSON
from geofence.arrays import BoolArray, IntArray

_MS_PER_S: Final = 1_000
_USUAL_INTERVALS: Final = 4
_TOLD_MOST_PPM: Final = 999_000  # a sum of assumed weights is never told as certain


def _worn(time_ms: IntArray, limits: Limits, seen: Columns) -> tuple[BoolArray, ...]:
    """Return by row whether somebody just walked, whether it is on skin, has a living pulse."""
    walks = time_ms - seen["walked"] <= limits.ms("apart_walking_s")
    is_on = (seen["on"] == seen["skin"]) & (time_ms - seen["skin"] <= limits.ms("apart_gap_s"))
    quiet_ms = time_ms - seen["living"] - _USUAL_INTERVALS * seen["every"]
    return walks, is_on, quiet_ms <= limits.ms("apart_pulse_fresh_s")


def _possible(stretch: Stretch, seen: Columns) -> IntArray:
    """Return the rows whose signs may amount to anything: all others are certainly not apart."""
    time_ms, limits = stretch.time_ms, stretch.limits

    def quiet_ms(contradicted: str) -> IntArray:
        shown_ms = np.where(seen[contradicted] != NEVER_MS, seen[contradicted], time_ms)
        return time_ms - np.maximum(shown_ms, seen["from"])

    still = growing_mnat(quiet_ms("walked"), limits, "apart_still_grace_s", "apart_still")
    longest_ms = np.maximum(np.maximum(quiet_ms("on"), quiet_ms("living")), quiet_ms("warm"))
    bare = longest_ms > limits.ms("apart_bare_grace_s")
    most = limits["apart_prior_mnat"] + limits["apart_place_most_mnat"] + still
    return np.flatnonzero(
        most + bare * limits["apart_wear_most_mnat"] >= limits["apart_clear_mnat"]
    )


def _lasted(time_ms: IntArray, limits: Limits, seen: Columns) -> Columns:
    """Return by row how long each sign has lasted, milliseconds; 0 where nothing can be said."""
    start_ms, gap_ms = seen["from"], limits.ms("apart_gap_s")

    def lasted(sensor: str, contradicted: str) -> IntArray:
        usable = (time_ms - seen[sensor] <= gap_ms) & (seen[contradicted] != NEVER_MS)
        since_ms = np.maximum(seen[contradicted], start_ms)
        return np.where(usable, np.maximum(seen[sensor] - since_ms, 0), 0)

    pulse_ms = time_ms - np.maximum(seen["living"], start_ms) - _USUAL_INTERVALS * seen["every"]
    is_recent = time_ms - seen["fix"] <= gap_ms
    # To be at one place is a sign only since somebody was last seen to be there.
    alive_ms = np.maximum(np.maximum(seen["walked"], seen["living"]), start_ms)
    place_ms = np.maximum(seen["fix"] - np.maximum(seen["moved"], alive_ms), 0)
    still, cold = lasted("steps", "walked"), lasted("thermometer", "warm")
    lifeless = np.where(seen["living"] != NEVER_MS, np.maximum(pulse_ms, 0), 0)
    touched = (seen["on"] == seen["skin"]) & (time_ms - seen["skin"] <= gap_ms)
    agreed_ms = np.minimum(np.minimum(still, cold), lifeless)
    return {
        "still": still,
        "place": np.where(is_recent, place_ms, 0),
        "bare": lasted("skin", "on"),
        # What touches the sensor is no skin while all other sensors say so.
        "covered": np.where(touched, agreed_ms, 0),
        "lifeless": lifeless,
        "cold": cold,
    }


def _waking(limits: Limits, seen: Columns, lasted: Columns) -> tuple[IntArray, IntArray]:
    """Return the waking part of stillness and of staying at one place, milliseconds."""
    end_ms = np.stack([seen["steps"], seen["fix"]])
    edges_ms = np.stack([end_ms, end_ms - np.stack([lasted["still"], lasted["place"]])])
    edges_ms = waking_clock_ms(
        np.maximum(edges_ms, 0), limits["apart_waking_from_h"], limits["apart_waking_to_h"]
    )
    still_ms, place_ms = edges_ms[0] - edges_ms[1]
    return still_ms, place_ms


def _signs(
    time_ms: IntArray, limits: Limits, seen: Columns, lasted: Columns
) -> dict[str, IntArray]:
    """Return what each sign adds, mnat."""
    gap_ms = limits.ms("apart_gap_s")
    still_ms, place_ms = _waking(limits, seen, lasted)
    motion = growing_mnat(still_ms, limits, "apart_still_grace_s", "apart_still")
    place = growing_mnat(place_ms, limits, "apart_still_grace_s", "apart_place")
    skin = growing_mnat(lasted["bare"], limits, "apart_bare_grace_s", "apart_skin")
    covered = growing_mnat(lasted["covered"], limits, "apart_bare_grace_s", "apart_covered")
    pulse = growing_mnat(lasted["lifeless"], limits, "apart_bare_grace_s", "apart_pulse")
    cold = growing_mnat(lasted["cold"], limits, "apart_bare_grace_s", "apart_cold")
    walks, is_on, has_pulse = _worn(time_ms, limits, seen)
    is_warm = (seen["warm"] == seen["thermometer"]) & (time_ms - seen["warm"] <= gap_ms)
    charges = (seen["charging"] != NEVER_MS) & (
        time_ms - seen["charging"] <= limits.ms("apart_charge_s")
    )
    travels = time_ms - seen["moved"] <= limits.ms("apart_walking_s")
    return {
        "motion": np.where(walks, limits["apart_walking_mnat"], motion),
        "place": np.where(travels, limits["apart_travel_mnat"], place),
        "skin": np.where(is_on, np.where(covered, 0, limits["apart_skin_on_mnat"]), skin),
        "covered": covered,
        "pulse": np.where(has_pulse, limits["apart_pulse_on_mnat"], pulse),
        "temperature": np.where(is_warm, limits["apart_warm_mnat"], cold),
        "charging": np.where(charges, limits["apart_charge_mnat"], 0),
    }


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    seen = shown(stretch, memory)
    # What merely says nothing, as after a dead battery, must not end an alert.
    worn = np.logical_or.reduce(_worn(stretch.time_ms, stretch.limits, seen))
    decision = -worn.astype(np.int8)
    few = _possible(stretch, seen)
    if not len(few):
        return Judged(decision)
    time_ms, limits = stretch.time_ms[few], stretch.limits.of(few)
    seen = {name: values[few] for name, values in seen.items()}
    lasted = _lasted(time_ms, limits, seen)
    signs = _signs(time_ms, limits, seen, lasted)
    wear = signs["skin"] + signs["covered"] + signs["pulse"] + signs["temperature"]
    wear = np.minimum(wear, limits["apart_wear_most_mnat"])
    log_odds = limits["apart_prior_mnat"] + wear
    log_odds = log_odds + signs["motion"] + signs["place"] + signs["charging"]
    is_apart = log_odds >= limits["apart_raise_mnat"]
    decision[few] = decided(is_apart, worn[few] & (log_odds < limits["apart_clear_mnat"]))
    if not is_apart.any():
        return Judged(decision)
    facts = {"probability_ppm": probability_ppm(log_odds), "log_odds_mnat": log_odds}
    facts |= {"wear_mnat": wear}
    facts |= {f"contribution_{name}_mnat": values for name, values in signs.items()}
    facts |= {f"{name}_s": values // _MS_PER_S for name, values in lasted.items()}
    return Judged(decision, {name: _spread(values, few, stretch) for name, values in facts.items()})


def _spread(values: IntArray, rows: IntArray, stretch: Stretch) -> IntArray:
    out = np.zeros(len(stretch), np.int64)
    out[rows] = values
    return out


_SIGNS: Final = (
    ("motion", "still_s", Words("计步未增加", "no steps")),
    ("place", "place_s", Words("位置未变", "no change of place")),
    ("skin", "bare_s", Words("未接触皮肤", "off the skin")),
    (
        "covered",
        "covered_s",
        Words("有接触信号而无脉搏、低温、无步数", "contact without pulse, warmth or steps"),
    ),
    ("pulse", "lifeless_s", Words("未测到变化的脉搏", "no living pulse")),
    ("temperature", "cold_s", Words("皮温低于佩戴温度", "colder than worn")),
    ("charging", None, Words("正在充电", "charging")),
)


def _explain(account: Account) -> Words:
    facts = account.facts
    told = [
        _sign(words, facts[f"contribution_{name}_mnat"], facts[length] if length else None)
        for name, length, words in _SIGNS
        if facts[f"contribution_{name}_mnat"]
    ]
    percent = f"{min(facts['probability_ppm'], _TOLD_MOST_PPM) / 10_000:.1f}%"
    limit = f"{account.parameter('apart_raise_mnat') / 1_000:.2f}"
    prior = f"{account.parameter('apart_prior_mnat') / 1_000:+.2f}"
    most = f"{account.parameter('apart_wear_most_mnat') / 1_000:.2f}"
    total = f"{facts['log_odds_mnat'] / 1_000:.2f}"
    return Words(
        f"设备可能不在佩戴者身上，概率{percent}。各项依据（对数几率）："
        f"先验{prior}；{'；'.join(words.zh for words in told)}；"
        f"皮肤、接触、脉搏、皮温合计以{most}为限；总计{total}，达到界限{limit}。"
        f"此项只说明数据可能不代表本人，须当面或视频核实",
        f"the device may not be on its wearer, probability {percent}. Signs (log-odds): prior "
        f"{prior}; {'; '.join(words.en for words in told)}; skin, "
        f"contact, pulse and temperature together at most {most}; total {total}, the "
        f"limit is {limit}. This says only that the data may not be the person's: verify in person "
        f"or by video",
    )


def _sign(words: Words, added_mnat: int, lasted_s: int | None) -> Words:
    added = f"{added_mnat / 1_000:+.2f}"
    # A negative contribution is the opposite's; its length would be that of nothing.
    if added_mnat < 0:
        spoken = _AGAINST.get(words, words)
        return Words(f"{spoken.zh}（{added}）", f"{spoken.en} ({added})")
    length = duration(lasted_s or 0)
    return Words(f"{words.zh}{length.zh}（{added}）", f"{words.en} for {length.en} ({added})")


_AGAINST: Final = {
    _SIGNS[0][2]: Words("近期有步数", "recent steps"),
    _SIGNS[1][2]: Words("近期有移动", "recent change of place"),
    _SIGNS[2][2]: Words("接触皮肤", "on the skin"),
    _SIGNS[4][2]: Words("有变化的脉搏", "a living pulse"),
    _SIGNS[5][2]: Words("皮温如佩戴时", "as warm as worn"),
}


APART: Final = Rule(
    name="apart",
    severity="major",
    category="integrity",
    title=Words("人机分离迹象", "signs that person and device are apart"),
    explain=_explain,
    judge=_judge,
    carry=CARRY,
    parameters=("accuracy_default_m", *(parameter.name for parameter in PERSON), "clear_reports"),
    raise_reports="apart_reports",
    clear_reports="clear_reports",
    kinds=WORN,
)

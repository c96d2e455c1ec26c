"""The rules about the truth of positions, one row after the other."""

from itertools import pairwise

from gateway.columns import ABSENT, ABSENT_16
from tests.oracles.condition import has
from tests.oracles.legs import distance_mm, leg, radius_mm, with_fixes


class Line:
    """Whether counters have turned back from fix to fix within the window."""

    def __init__(self, limits):
        self.turned_ms, self.window_ms = None, limits["duplicate_clear_s"] * 1_000

    def is_one(self, row, fixes):
        if fixes and (row["boot"], row["seq"]) < (fixes[-1]["boot"], fixes[-1]["seq"]):
            self.turned_ms = row["fix_time_ms"]
        return self.turned_ms is None or row["fix_time_ms"] - self.turned_ms > self.window_ms


def impossible_speed(rows, limits):
    out, line = [], Line(limits)
    for row, fixes in with_fixes(rows):
        way = leg(fixes[-1], row, limits) if fixes else None
        if not line.is_one(row, fixes) or way is None:
            out.append((0, {}))
            continue
        facts = {
            "moved_m": way.moved_mm // 1_000,
            "doubt_m": way.doubt_mm // 1_000,
            "moved_s": way.lasted_ms // 1_000,
            "least_speed_mps": way.mmps // 1_000,
        }
        out.append((1 if way.mmps > limits["impossible_speed_mps"] * 1_000 else -1, facts))
    return out


def _is_slow(way, limits, most_s):
    return (
        way.lasted_ms <= limits[most_s] * 1_000
        and way.moved_mm <= limits["slow_mps"] * way.lasted_ms
    )


def teleport(rows, limits):
    out, last_ms, line = [], None, Line(limits)

    def fast(way):
        far = way.net_mm >= limits["teleport_m"] * 1_000
        return far and way.mmps >= limits["teleport_mps"] * 1_000

    def lone(way):
        possible_mmps = limits["teleport_acceleration_mps2"] * way.lasted_ms // 4
        fastest_mmps = limits["aircraft_mps"] * 1_000
        return fast(way) and way.mmps > min(possible_mmps, fastest_mmps)

    for row, fixes in with_fixes(rows):
        decision, facts = 0, {}
        one_line = line.is_one(row, fixes)
        if fixes:
            chain = [*fixes, row][-4:]
            ways = [leg(a, b, limits) for a, b in pairwise(chain)]
            returned = jumped = False
            if len(ways) >= 2 and fast(ways[-1]) and fast(ways[-2]):
                shorter_mm = min(ways[-1].moved_mm, ways[-2].moved_mm)
                returned = distance_mm(chain[-1], chain[-3]) * 4 <= shorter_mm
            if len(ways) == 3 and lone(ways[1]):
                jumped = all(_is_slow(way, limits, "slow_leg_s") for way in (ways[0], ways[2]))
            if one_line and (jumped or returned):
                decision, last_ms = 1, row["fix_time_ms"]
                facts = {
                    "moved_m": ways[-2].moved_mm // 1_000,
                    "moved_s": ways[-2].lasted_ms // 1_000,
                    "returned": returned,
                }
            else:
                calm_ms = limits["teleport_clear_s"] * 1_000
                calm = last_ms is None or row["fix_time_ms"] - last_ms > calm_ms
                decision = -1 if calm else 0
        out.append((decision, facts))
    return out


def frozen(rows, limits):
    out, moving_ms, taken, held_ms = [], 0, 0, None
    for row, fixes in with_fixes(rows):
        if fixes is None:
            out.append((0, {}))
            continue
        before = fixes[-1] if fixes else None
        fields = ("lon_e7", "lat_e7", "accuracy_mm", "satellites")
        if before is None or any(row[name] != before[name] for name in fields):
            moving_ms, taken, held_ms = 0, 0, row["fix_time_ms"]
            out.append((-1 if fixes else 0, {}))
            continue
        gap_ms = row["fix_time_ms"] - before["fix_time_ms"]
        full = row["accuracy_mm"] != ABSENT and row["satellites"] >= 4
        limit_s = limits["frozen_full_s" if full else "frozen_s"]
        if gap_ms <= limits["slow_leg_s"] * 1_000:
            steps, speed_mmps = row["steps"] - before["steps"], row["speed_mmps"]
            counts = ABSENT not in (row["steps"], before["steps"]) and steps >= 0
            walks = counts and steps > 0
            walks = walks and steps * 60_000 >= limits["frozen_cadence_per_min"] * gap_ms
            goes = speed_mmps != ABSENT and speed_mmps >= limits["frozen_mps"] * 1_000
            taken += steps if counts else 0
            if walks or goes:
                moving_ms += gap_ms
            elif counts or speed_mmps != ABSENT:
                rest_ms = 0 if full else gap_ms // limits["frozen_rest_share"]
                moving_ms = max(moving_ms - rest_ms, 0)
        facts = {
            "limit_s": limit_s,
            "held_s": (row["fix_time_ms"] - held_ms) // 1_000,
            "moving_s": moving_ms // 1_000,
            "steps": taken,
            "speed_mmps": 0 if row["speed_mmps"] == ABSENT else row["speed_mmps"],
        }
        out.append((1 if moving_ms >= limit_s * 1_000 else 0, facts))
    return out


def overconfident(rows, limits):
    out, last_ms, said, line = [], None, [], Line(limits)
    leapt, previous = False, None
    still_mmps = limits["still_mps"] * 1_000
    for row, fixes in with_fixes(rows):
        before, previous = previous, row
        if fixes is None:
            out.append((0, {}))
            continue
        leapt = _leapt(leapt, [*fixes, row], before, limits)
        speed_mmps = row["speed_mmps"]
        walked = bool(fixes) and ABSENT not in (row["steps"], fixes[-1]["steps"])
        walked = walked and row["steps"] != fixes[-1]["steps"]
        moves = walked or (speed_mmps != ABSENT and speed_mmps >= still_mmps)
        said.append((moves, speed_mmps != ABSENT and not moves))
        refuted, facts = False, {}
        if _apart([*fixes, row], limits):
            refuted = said[-1][1] and said[-2][1]
            if not refuted and _apart(fixes, limits) and not moves and not said[-2][0]:
                refuted = _jumped_back([*fixes, row], limits)
        refuted |= leapt
        if fixes:
            way = leg(fixes[-1], row, limits)
            facts = {
                "moved_m": way.moved_mm // 1_000,
                "doubt_m": way.doubt_mm // 1_000,
                "claim_mm": row["accuracy_mm"],
                "claim_before_mm": fixes[-1]["accuracy_mm"],
                "moved_s": way.lasted_ms // 1_000,
                "is_offset": leapt,
            }
        refuted = line.is_one(row, fixes) and refuted
        if refuted:
            last_ms = row["fix_time_ms"]
        calm_ms = limits["overconfident_clear_s"] * 1_000
        calm = last_ms is None or row["fix_time_ms"] - last_ms > calm_ms
        out.append((1 if refuted else -1 if moves or calm else 0, facts))
    return out


def _leapt(leapt, fixes, before, limits):
    """Return whether claims have been as good since a leap that speeds do not explain."""
    row = fixes[-1]
    claim_mm = row["accuracy_mm"]
    if claim_mm == ABSENT or claim_mm > limits["overconfident_claim_m"] * 1_000:
        return False
    if not _apart(fixes, limits) or before is not fixes[-2]:
        return leapt
    speeds = before["speed_mmps"], row["speed_mmps"]
    falls = claim_mm * limits["overconfident_fall"] <= before["accuracy_mm"]
    too_far = leg(before, row, limits).mmps > 2 * max(speeds)
    return leapt or (ABSENT not in speeds and falls and too_far)


def _apart(fixes, limits):
    if len(fixes) < 2 or ABSENT in (fixes[-1]["accuracy_mm"], fixes[-2]["accuracy_mm"]):
        return False
    way = leg(fixes[-2], fixes[-1], limits)
    far = way.net_mm >= limits["overconfident_m"] * 1_000
    return far and way.lasted_ms <= limits["slow_leg_s"] * 1_000


def _jumped_back(fixes, limits):
    ways = [leg(a, b, limits) for a, b in (fixes[-3:-1], fixes[-2:])]
    faster_mmps = max(way.mmps for way in ways)
    shorter_mm = min(way.moved_mm for way in ways)
    back = distance_mm(fixes[-1], fixes[-3]) * 4 <= shorter_mm
    return back and faster_mmps >= limits["overconfident_mps"] * 1_000


def jamming(rows, limits):
    out, high_ms, fell_ms, poor = [], None, None, 0
    for row in rows:
        time_ms, seen = row["fix_time_ms"], row["satellites"]
        known, told = seen != ABSENT_16, has(row, "jamming")
        is_low = known and seen <= limits["jamming_satellites"] and not row["backlog"]
        if row["backlog"] or (known and seen > limits["jamming_satellites"]):
            fell_ms, poor = None, 0
            high_ms = high_ms if row["backlog"] else time_ms
        elif is_low and fell_ms is None:
            fall_ms = limits["jamming_fall_s"] * 1_000
            if high_ms is not None and time_ms - high_ms <= fall_ms:
                fell_ms = time_ms
        wide = row["accuracy_mm"] >= limits["jamming_accuracy_m"] * 1_000
        tries = is_low and seen > 0 and row["lon_e7"] != ABSENT and wide
        poor += tries and fell_ms is not None
        lasted_ms = 0 if fell_ms is None else time_ms - fell_ms
        shows = lasted_ms >= limits["jamming_collapse_s"] * 1_000
        shows = shows and poor >= limits["jamming_poor_fixes"]
        facts = {
            "is_told": told,
            "satellites": seen if known else -1,
            "has_position": row["lon_e7"] != ABSENT,
            "collapsed_s": lasted_ms // 1_000,
            "poor_fixes": poor,
        }
        out.append((1 if told or shows else 0 if fell_ms is not None else -1, facts))
    return out


def spoofing(rows, limits):
    out, uniform, slow, disagreed, strolled_mm = [], [], False, [], 0
    line = Line(limits)
    last = dict.fromkeys(("uniform", "disagreement", "jump", "unwalked"))
    window_ms = limits["spoofing_window_s"] * 1_000
    for row, fixes in with_fixes(rows):
        signs = dict.fromkeys(last, False)
        if fixes:
            before, way = fixes[-1], leg(fixes[-1], row, limits)
            same = row["accuracy_mm"] == before["accuracy_mm"] != ABSENT
            same = same and row["accuracy_mm"] <= limits["spoofing_accuracy_m"] * 1_000
            same = same and row["satellites"] == before["satellites"] != ABSENT_16
            uniform = [*uniform, way.moved_mm] if same else []
            signs["uniform"] = (
                len(uniform) >= limits["spoofing_uniform_reports"]
                and sum(uniform) >= limits["spoofing_uniform_m"] * 1_000
            )
            if _disagrees(before, row, way, limits):
                disagreed.append(row["fix_time_ms"])
                wanted = limits["spoofing_disagreements"]
                if len(disagreed) >= wanted:
                    signs["disagreement"] = row["fix_time_ms"] - disagreed[-wanted] <= window_ms
            signs["jump"] = slow and _jumps(before, row, way, limits)
            slow = _is_slow(way, limits, "spoofing_leg_s")
            mmps = way.moved_mm * 1_000 // way.lasted_ms
            taken = row["steps"] - before["steps"]
            still = ABSENT not in (row["steps"], before["steps"]) and taken >= 0
            still = still and taken * limits["stride_most_mm"] < way.moved_mm
            still = still and way.lasted_ms <= limits["spoofing_leg_s"] * 1_000
            if not still or mmps > limits["spoofing_pace_most_mmps"]:
                strolled_mm = 0
            elif mmps >= limits["spoofing_pace_least_mmps"]:
                strolled_mm += way.moved_mm
                signs["unwalked"] = strolled_mm >= limits["spoofing_unwalked_m"] * 1_000
        now_ms = row["fix_time_ms"]
        last |= {name: now_ms for name, holds in signs.items() if holds}
        recent = {n: at is not None and now_ms - at <= window_ms for n, at in last.items()}
        decision = 0
        if line.is_one(row, fixes) and any(signs.values()) and sum(recent.values()) >= 2:
            decision = 1
        elif fixes and not any(recent.values()):
            decision = -1
        out.append((decision, recent))
    return out


def _disagrees(before, row, way, limits):
    speeds = before["speed_mmps"], row["speed_mmps"]
    if ABSENT in speeds or way.lasted_ms > limits["spoofing_leg_s"] * 1_000:
        return False
    stood = max(speeds) < limits["still_mps"] * 1_000
    went = way.mmps > limits["spoofing_still_mps"] * 1_000
    goes = min(speeds) >= limits["spoofing_moving_mps"] * 1_000
    stayed = (way.moved_mm + way.doubt_mm) * 4_000 < min(speeds) * way.lasted_ms
    return (stood and went) or (goes and stayed)


def _jumps(before, row, way, limits):
    return (
        way.lasted_ms <= limits["spoofing_leg_s"] * 1_000
        and (row["boot"], row["seq"]) == (before["boot"], before["seq"] + 1)
        and way.net_mm >= limits["spoofing_uniform_m"] * 1_000
        and way.mmps >= limits["teleport_mps"] * 1_000
    )


def sources_disagree(rows, limits):
    out, line = [], Line(limits)
    for row, fixes in with_fixes(rows):
        way = leg(fixes[-1], row, limits) if fixes else None
        is_one = line.is_one(row, fixes)
        if way is None or {_from_satellites(row), _from_satellites(fixes[-1])} != {True, False}:
            out.append((0, {}))
            continue
        drive_mmps = limits["sources_drive_mps"] * 1_000
        for speed_mmps in (row["speed_mmps"], fixes[-1]["speed_mmps"]):
            drive_mmps = max(drive_mmps, 2 * speed_mmps)
        way_mm = drive_mmps * way.lasted_ms // 1_000
        disagree = way.net_mm - way_mm >= limits["sources_apart_m"] * 1_000
        told = is_one and way.lasted_ms <= limits["slow_leg_s"] * 1_000
        facts = {
            "apart_m": way.moved_mm // 1_000,
            "doubt_m": way.doubt_mm // 1_000,
            "way_m": way_mm // 1_000,
            "is_network": int(not _from_satellites(row)),
        }
        out.append(((1 if disagree else -1) if told else 0, facts))
    return out


def _from_satellites(row):
    """Return whether satellites gave a position, None when that cannot be told."""
    if row["satellites"] == 0:
        return False
    return True if row["satellites"] >= 4 else None


class Nights:
    """Where one wearer sleeps, told night by night."""

    def __init__(self):
        self.own = self.other = self.tonight = self.night = None

    def begin(self, night, reach_mm):
        if self.night is not None and night <= self.night:
            return
        if self.tonight is not None:
            at_own = self.own and distance_mm(self.tonight, self.own) <= reach_mm
            again = self.other and distance_mm(self.tonight, self.other) <= reach_mm
            if self.own is None or (again and not at_own):
                self.own, self.other = self.tonight, None
            else:
                self.other = None if at_own else self.tonight
        self.night, self.tonight = night, None


def datum_mistake(rows, limits, home, images_of):
    """Judge rows against a home (None: the own nights) and where each mistake would put it.

    Places are (lon_e7, lat_e7); `images_of` gives those of a home.
    """
    out, nights = [], Nights()

    def place(at):
        return {"lon_e7": at[0], "lat_e7": at[1]}

    for row in rows:
        decision, facts = 0, {}
        local_ms = row["fix_time_ms"] + 8 * 3_600_000
        is_night = local_ms % 86_400_000 < limits["datum_night_end_h"] * 3_600_000
        near_mm = limits["datum_near_m" if home else "datum_own_m"] * 1_000
        circle_mm = radius_mm(row, limits)
        if row["lon_e7"] == ABSENT or not is_night or circle_mm > limits["datum_near_m"] * 1_000:
            out.append((0, {}))
            continue
        nights.begin(local_ms // 86_400_000, near_mm)
        own = (nights.own["lon_e7"], nights.own["lat_e7"]) if nights.own else None
        known = home or own
        if known:
            images, home_mm = images_of(known), distance_mm(row, place(known))
            away_mm = [distance_mm(row, place(image)) for image in images]
            best = away_mm.index(min(away_mm))
            facts = {
                "mistake": best,
                "from_home_m": home_mm // 1_000,
                "from_image_m": away_mm[best] // 1_000,
                "shift_m": distance_mm(place(known), place(images[best])) // 1_000,
                "is_own": int(home is None),
            }
            if home_mm <= near_mm + circle_mm:
                decision = -1
            elif away_mm[best] <= near_mm + circle_mm:
                decision = 1
        if decision <= 0 and nights.tonight is None:
            nights.tonight = row
        out.append((decision, facts))
    return out

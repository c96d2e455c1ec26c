"""The rules about a device's condition, one row after the other."""

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT, ABSENT_16
from tests.oracles.legs import leg

_FAULTS = (
    *("gnss_fault", "antenna_cut", "antenna_short", "display_fault", "tts_fault"),
    *("camera_fault", "card_fault", "power_off", "sim_changed", "fault"),
)


def has(row, alarm):
    return bool(row["alarms"] & ALARM_BITS[alarm])


def gauge(rows, limits):
    """Yield (row, marks so far as (ms, pct), whether it charges, when it charged last)."""
    piece_ms = limits["battery_slope_s"] * 1_000
    marks, charged_ms, known_ms = [], None, None
    for row in rows:
        time_ms, pct = row["fix_time_ms"], row["battery_pct"]
        charges = has(row, "charging")
        if pct != ABSENT_16:
            charges |= bool(marks) and pct >= marks[-1][1] + limits["charging_rise_pct"]
            if known_ms is None or time_ms // piece_ms != known_ms // piece_ms:
                marks.append((time_ms, pct))
            known_ms = time_ms
        if charges:
            charged_ms = time_ms
        yield row, list(marks), charges, charged_ms


def critical_battery(rows, limits):
    out = []
    for row, marks, charges, charged_ms in gauge(rows, limits):
        pct, left_min = row["battery_pct"], -1
        for mark_ms, mark_pct in reversed(marks[-2:] if pct != ABSENT_16 else []):
            is_apart = charged_ms is None or charged_ms < mark_ms
            if is_apart and mark_pct - pct >= limits["battery_slope_pct"]:
                lasted_ms = row["fix_time_ms"] - mark_ms
                left_min = pct * lasted_ms // (mark_pct - pct) // 60_000
        soon = left_min != -1 and left_min <= limits["critical_battery_left_min"]
        critical = pct <= limits["critical_battery_pct"]
        critical |= soon and pct <= limits["low_battery_pct"]
        decision = 0
        if pct != ABSENT_16 and critical and not charges:
            decision = 1
        elif pct != ABSENT_16 and pct >= limits["critical_battery_over_pct"] and not critical:
            decision = -1
        out.append((decision, {"charge_pct": pct, "left_min": left_min}))
    return out


def charging_neglect(rows, limits):
    out, due_ms = [], None
    for row, _, charges, _ in gauge(rows, limits):
        pct, time_ms = row["battery_pct"], row["fix_time_ms"]
        known = pct != ABSENT_16
        high = known and pct >= limits["charging_neglect_pct"] + limits["charging_rise_pct"]
        if high:
            due_ms = None
        elif known and pct <= limits["charging_neglect_pct"] and due_ms is None:
            due_ms = time_ms
        waited_ms = 0 if due_ms is None else time_ms - due_ms
        neglected = due_ms is not None and waited_ms >= limits["charging_neglect_s"] * 1_000
        decision = 1 if known and neglected and not charges else -1 if high else 0
        out.append((decision, {"charge_pct": pct, "waited_s": waited_ms // 1_000}))
    return out


def low_battery(rows, limits):
    out, critical, up_ms = [], False, None
    for row in rows:
        pct, time_ms = row["battery_pct"], row["fix_time_ms"]
        if pct != ABSENT_16:
            critical |= pct <= limits["critical_battery_pct"]
            if pct < limits["recovered_battery_pct"]:
                up_ms = None
            elif up_ms is None:
                up_ms = time_ms
        known_up = pct != ABSENT_16 and up_ms is not None
        recovered = known_up and time_ms - up_ms >= limits["recovered_battery_s"] * 1_000
        critical &= not recovered
        low = pct != ABSENT_16 and pct <= limits["low_battery_pct"]
        low = (low or has(row, "low_battery")) and not critical
        out.append((1 if low else -1 if recovered or critical else 0, {}))
    return out


def position_lost(rows, limits):
    out, lost_ms, previous_ms = [], None, None
    wait_ms = max(limits["position_lost_s"], limits["position_lost_intervals"] * 60) * 1_000
    for row in rows:
        time_ms = row["fix_time_ms"]
        if row["lon_e7"] != ABSENT:
            lost_ms, decision, lost_s = None, -1, 0
        elif row["backlog"]:
            lost_ms, decision, lost_s = None, 0, 0
        else:
            if lost_ms is None or time_ms - previous_ms > wait_ms:
                lost_ms = time_ms
            decision = 1 if time_ms - lost_ms >= wait_ms else 0
            lost_s = (time_ms - lost_ms) // 1_000
        previous_ms = time_ms
        faults = ("gnss_fault", "antenna_cut", "antenna_short")
        facts = {
            "lost_s": lost_s,
            "satellites": -1 if row["satellites"] == ABSENT_16 else row["satellites"],
            "jamming": has(row, "jamming"),
            "receiver_fault": any(has(row, name) for name in faults),
        }
        out.append((decision, facts))
    return out


def clock_skew(rows, limits):
    out, before = [], None
    for row in rows:
        age_ms = row["received_ms"] - row["fix_time_ms"]
        paced = False
        if before is not None:
            made_ms = row["fix_time_ms"] - before["fix_time_ms"]
            came_ms = row["received_ms"] - before["received_ms"]
            paced = made_ms > 0 and abs(came_ms - made_ms) <= made_ms / 2
        old = not row["backlog"] and age_ms > limits["clock_behind_s"] * 1_000
        ahead = -age_ms > limits["clock_ahead_s"] * 1_000
        right = not row["backlog"] and not old and not ahead
        decision = 1 if ahead or (old and paced) else -1 if right else 0
        out.append((decision, {"ahead_s": -age_ms // 1_000}))
        before = row
    return out


def firmware_fault(rows, _):
    mask = sum(ALARM_BITS[name] for name in _FAULTS)
    found = [row["alarms"] & mask for row in rows]
    return [(1 if bits else -1, {"fault_bits": bits}) for bits in found]


def duplicate_identity(rows, limits):
    out, before, fix, charge, last_ms = [], None, None, None, None
    for row in rows:
        time_ms = row["fix_time_ms"]
        turned = before is not None and (row["boot"], row["seq"]) < (before["boot"], before["seq"])
        way = leg(fix, row, limits) if fix and row["lon_e7"] != ABSENT else None
        far = way is not None and way.net_mm >= limits["duplicate_m"] * 1_000
        far = far and way is not None and way.mmps >= limits["teleport_mps"] * 1_000
        change_pct, leaps = 0, False
        if row["battery_pct"] != ABSENT_16:
            if charge is not None:
                change_pct = row["battery_pct"] - charge[1]
                minutes = (time_ms - charge[0]) / 60_000
                allowed = limits["duplicate_charge_pct_per_min"] * minutes
                leaps = abs(change_pct) > limits["duplicate_charge_pct"] + allowed
            charge = time_ms, row["battery_pct"]
        contradicts = turned + far + leaps >= 2
        if contradicts:
            last_ms = time_ms
        calm = last_ms is None or time_ms - last_ms > limits["duplicate_clear_s"] * 1_000
        facts = {
            "counters_turned_back": turned,
            "moved_m": way.moved_mm // 1_000 if way else 0,
            "moved_s": way.lasted_ms // 1_000 if way else 0,
            "charge_change_pct": change_pct,
        }
        out.append((1 if contradicts else -1 if calm else 0, facts))
        before = row
        fix = row if row["lon_e7"] != ABSENT else fix
    return out

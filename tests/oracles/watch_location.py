"""A location of the watch protocol read the plain way: by splitting at stars and commas."""

import calendar

ALARMS = {
    14: "power_cut",
    16: "sos",
    17: "low_battery",
    18: "fence_exit",
    19: "fence_enter",
    20: "removed",
    21: "fall",
}


def location(frame):
    """Return the values of a UD, AL or WT frame whose fields all hold a value, as a dictionary."""
    text = frame.decode("latin-1").removeprefix("[").removesuffix("]")
    header, _, body = text.partition(",")
    word = header.split("*")[-1]
    values = [value.strip() for value in body.split(",")]
    day, month, year = (int(values[0][at : at + 2]) for at in (0, 2, 4))
    hour, minute, second = (int(values[1][at : at + 2]) for at in (0, 2, 4))
    seconds = calendar.timegm((2000 + year, month, day, hour, minute, second))
    latitude, longitude = float(values[3]), float(values[5])
    status = int(values[15], 16)
    alarms = [name for bit, name in ALARMS.items() if status & (1 << bit)]
    if status & 1 and "low_battery" not in alarms:
        alarms.append("low_battery")
    if word.startswith("AL") and not alarms:
        alarms = ["general"]
    return {
        "device": header.split("*")[1],
        "fix_time_ms": seconds * 1000,
        "valid": values[2] == "A",
        "latitude_deg": -abs(latitude) if values[4] == "S" else latitude,
        "longitude_deg": -abs(longitude) if values[6] == "W" else longitude,
        "speed_mps": float(values[7]) / 3.6,
        "heading_deg": float(values[8]),
        "altitude_m": float(values[9]),
        "satellites": int(values[10]),
        "battery_pct": int(values[12]),
        "steps": int(values[13]),
        "alarms": alarms,
        "backlog": word.startswith("UD2"),
    }

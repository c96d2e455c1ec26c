"""Makes frames.json from frames.toml, which says what to put into every frame.

Nothing of the codec is imported, so that the vectors do not follow its mistakes.
Run: python tests/vectors/watch/make.py
"""

import base64
import calendar
import hashlib
import json
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ESCAPES = {0x7D: 1, 0x5B: 2, 0x5D: 3, 0x2C: 4, 0x2A: 5}


def seq(data):
    """Return what names a report that has no number: 53 bits of BLAKE2b over its bytes."""
    return int(hashlib.blake2b(data, digest_size=8).hexdigest(), 16) >> 11


def surroundings(row):
    """Return what follows the status, and what it says."""
    text, says = row.get("tail", ""), {}
    if "cells" in row:
        net = row["cells"]
        cells = [cell.split() for cell in net["list"]]
        text += f",{len(cells)},{net['ta']},{net['mcc']},{net['mnc']}"
        text += "".join("," + ",".join(cell) for cell in cells)
        place = {"mcc": int(net["mcc"]), "mnc": int(net["mnc"])}
        numbers = [[int(number) for number in cell] for cell in cells]
        says["cells"] = [
            place | {"lac": lac, "cid": cid, "signal": signal} for lac, cid, signal in numbers
        ]
        says["timing_advance"] = net["ta"]
    if "wifi" in row:
        heard = [point.split("|") for point in row["wifi"]]
        text += f",{len(heard)}" + "".join("," + ",".join(point) for point in heard)
        if heard:
            says["wifi"] = [
                {"ssid": ssid, "mac": mac, "rssi_dbm": int(rssi)} for ssid, mac, rssi in heard
            ]
    return text + row.get("end", ""), says


def location(row, extra):
    """Return the content of a UD, AL or WT, and what it says."""
    fields = row["fields"].split(",")
    tail, heard = surroundings(row)
    day, clock, valid, lat, _, lon, letter, speed, course, alt, stars, signal = fields[:12]
    when = [int(text[at : at + 2]) for text in (day, clock) for at in (0, 2, 4)]
    when[:3] = 2000 + when[2], when[1], when[0]
    body = row["fields"] + tail
    says = {
        "kind": "fix",
        "fix_time_ms": calendar.timegm(when) * 1_000,
        "boot": 0,
        "seq": seq(f"{row['word'][:2]},{body}".encode()),
        "longitude_deg": float(lon) * (-1 if letter == "W" else 1),
        "latitude_deg": float(lat),
        "datum": "WGS84",
        "altitude_m": float(alt),
        "speed_mps": float(speed) / 3.6,
        "heading_deg": float(course),
        "satellites": int(stars),
        "battery_pct": int(fields[12]),
        "steps": int(fields[13]),
    }
    if valid == "V":
        says["valid"] = False
    if row["word"].startswith("UD2"):
        says["backlog"] = True
    measures = {"signal_pct": int(signal), "tumbles": int(fields[14]), "status_bits": fields[15]}
    told = row.get("says", {})
    merged = {"extra": extra | measures | heard | told.get("extra", {})}
    return f"{row['word']},{body}".encode(), says | told | merged


def sound(row):
    """Return a recording's bytes: what stands in `sound`, or as many of all kinds as it says."""
    if isinstance(row["sound"], str):
        return row["sound"].encode("latin-1")
    return bytes((number * 89 + number // 7) % 256 for number in range(row["sound"]))


def other(row, extra):
    """Return the content of any other frame, and what it says."""
    content, told = row["content"].encode(), dict(row.get("says", {}))
    if "sound" in row:
        data = sound(row)
        content += b"".join(bytes([0x7D, ESCAPES[b]] if b in ESCAPES else [b]) for b in data)
        told["payload"] = base64.b64encode(data).decode()
        told.setdefault("media", f"tk-{seq(data):014x}")
    return content, told | {"extra": extra | told.get("extra", {})}


def frame(row):
    """Return one frame, and what it says."""
    maker, off = row.get("maker", "3G"), row.get("off", 0)
    word = row.get("word") or row["content"].partition(",")[0]
    extra = {"message": word, "maker": maker}
    head = f"{maker}*{row['id']}*"
    if "index" in row:
        extra["index"] = row["index"]
        head += f"{row['index']}*"
    content, says = (location if "fields" in row else other)(row, extra)
    if off and "sound" not in row:  # a recording's length may be that of its bytes unescaped
        says["extra"]["tolerated"] = [*says["extra"].get("tolerated", []), "length"]
    form = "04x" if row.get("is_lower") else "04X"
    data = f"[{head}{len(content) + off:{form}}*".encode() + content + b"]"
    return data, {"device": row["id"]} | says


def vector(row):
    frames = [frame(one) for one in row.get("frames", [row])]
    data = b"".join(one for one, _ in frames)
    made = {"name": row["name"], "source": f"made by us after {row['layout']}"}
    is_text = data.isascii() and data.decode("ascii").isprintable()
    made |= {"text": data.decode()} if is_text else {"hex": data.hex()}
    return made | {"messages": [says for _, says in frames]}


def main():
    told = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
    rows = ",\n".join(json.dumps(vector(row), ensure_ascii=False) for row in told["row"])
    (HERE / "frames.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Makes frames.json from frames.toml, which says the requests and what they mean.

Nothing of the codec is imported, so that the vectors do not follow its mistakes.
Run: python tests/vectors/osmand/make.py
"""

import calendar
import hashlib
import json
import tomllib
from pathlib import Path
from urllib.parse import quote_plus

HERE = Path(__file__).parent


def dense(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def seq(value):
    """Return what names a report: 53 bits of BLAKE2b over what the request says."""
    return int(hashlib.blake2b(dense(value).encode(), digest_size=8).hexdigest(), 16) >> 11


def ordered(value):
    """Return an object with its names in their order, as its number is made of."""
    if not isinstance(value, dict):
        return value
    return {name: ordered(value[name]) for name in sorted(value)}


def utc_ms(clock):
    """Return milliseconds of `yyyy mm dd hh mm ss.mmm`."""
    *parts, seconds = clock.split()
    whole, _, thousandths = seconds.partition(".")
    moment = (*(int(part) for part in parts), int(whole))
    return calendar.timegm(moment) * 1_000 + int(thousandths or 0)


def fix(row, number):
    """Return what every report has; `clock` says its time in UTC, `at` longitude and latitude."""
    says = {"kind": "fix", "fix_time_ms": utc_ms(row["clock"]), "boot": 0, "seq": number}
    if "at" not in row:
        return says | {"kind": "status"}
    return says | {"longitude_deg": row["at"][0], "latitude_deg": row["at"][1], "datum": "WGS84"}


def query(row):
    """Return a request target of pairs, and what it says."""
    pairs = [pair.split("=", 1) for pair in row["pairs"]]
    text = "/?" + "&".join(f"{name}={quote_plus(value, safe=',')}" for name, value in pairs)
    counted = sorted([name, value] for name, value in pairs if name not in ("id", "deviceid"))
    return text, fix(row, seq(counted)) if "clock" in row else {"kind": "heartbeat"}


def body(row):
    """Return a JSON body, and what it says."""
    location = row["location"]
    if "null" in row:  # TOML has none
        location["coords"][row["null"]] = None
    counted = {name: value for name, value in location.items() if name != "age"}
    text = dense({"location": location, "device_id": row["device"]})
    return text, fix(row, seq(ordered(counted)))


def vector(row):
    text, says = (query if "pairs" in row else body)(row)
    made = {"name": row["name"], "source": f"made by us after {row['layout']}", "text": text}
    if "error" in row:
        return made | {"error": row["error"]}
    return made | {"messages": [{"device": row["device"]} | says | row.get("says", {})]}


def main():
    told = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
    rows = ",\n".join(json.dumps(vector(row), ensure_ascii=False) for row in told["row"])
    (HERE / "frames.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

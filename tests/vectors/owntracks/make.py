"""Makes frames.json from frames.toml, which says the messages and what they mean.

Nothing of the codec is imported, so that the vectors do not follow its mistakes.
Run: python tests/vectors/owntracks/make.py
"""

import hashlib
import json
import tomllib
from pathlib import Path

HERE = Path(__file__).parent


def dense(value, **form):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), **form)


def seq(sent):
    """Return a location's own second; of a transition 53 bits of BLAKE2b over all that it says."""
    if sent["_type"] == "location":
        return sent["tst"]
    digest = hashlib.blake2b(dense(sent, sort_keys=True).encode(), digest_size=8)
    return int(digest.hexdigest(), 16) >> 11


def vector(row):
    sent = row["sent"]
    says = {
        "device": row["device"],
        "kind": "fix",
        "fix_time_ms": sent["tst"] * 1_000,
        "boot": 0,
        "seq": seq(sent),
        "longitude_deg": float(sent["lon"]),
        "latitude_deg": float(sent["lat"]),
        "datum": "WGS84",
    }
    made = {"name": row["name"], "source": f"made by us after {row['layout']}"}
    return made | {"text": dense(sent), "messages": [says | row["says"]]}


def main():
    told = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
    rows = ",\n".join(json.dumps(vector(row), ensure_ascii=False) for row in told["row"])
    (HERE / "frames.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Makes frames.json, parts.json and down.json from the .toml files beside it and JT/T 808's tables.

Nothing of the codec is imported, so that the vectors do not follow its mistakes.
Run: python tests/vectors/jt808/make.py
"""

import base64
import json
import struct
import tomllib
from pathlib import Path

from wire import IN_PARTS, ITEM, frame, imei_of, packed, place, seq  # type: ignore[import-not-found]  # beside it

HERE = Path(__file__).parent
OURS = "made by us after "
PHONE = "013926104104"


def vector(row):
    """Return one row of frames.json."""
    device = row["phone"][-20:].lstrip("0") or "0"
    if row.get("is_imei"):
        device = imei_of(row["phone"])
    places = [place(row.get("common", {}) | one) for one in row.get("places", [])]
    body = packed(row.get("body", "@0"), [one for one, _ in places])
    said = []
    for message in row.get("messages", []):
        one = dict(message)
        if one["type"] == "Report":
            one |= {"boot": 0, "seq": seq(body)}
        if one["type"] == "Login":
            one["terminal"] = device
        if "payload" in one or one["type"] == "Unknown":
            data = packed(one["payload"]) if "payload" in one else body
            one["payload"] = base64.b64encode(data).decode()
        said.append(one)
    said += [one | row.get("all", {}) for _, one in places]
    data = frame(int(row.get("id", "0200"), 16), row["phone"], body, row)
    made = {"name": row["name"], "source": OURS + row["layout"], "profile": row.get("profile", "")}
    made["frame_hex"] = data.hex()
    if "error" in row:
        return made | {"error": row["error"]}
    return made | {"messages": [{"device": device} | one for one in said]}


def part(message_id, phone, serial, number, body):
    """Return a frame of the first or the second of two parts."""
    fields = {"serial": f"{serial:04x}{2:04x}{number:04x}", "bits": IN_PARTS}
    return frame(message_id, phone, body, fields).hex()


def parameters(text):
    """Return `id u32 | length u8 | value` of each `id=value`."""
    read_ = [(int(key, 16), packed(value)) for key, value in ITEM.findall(text)]
    return b"".join(struct.pack(">IB", key, len(value)) + value for key, value in read_)


def recording(number):
    """Return an entry of 1205: channel, begin, end, alarms u64, kind, stream, storage, bytes."""
    hour, minute = 4 + number // 2, 30 * (number % 2)
    times = f"260412{hour:02d}{minute:02d}05 260412{hour:02d}{minute + 29}47"
    return packed(f"01 {times} 00*8 00 01 01") + struct.pack(">I", 91_000_000 + 70_021 * number)


def in_parts(told):
    """Return parts.json: the second part of each comes under a serial that is not the next one."""
    first, second = parameters(told["first"]), parameters(told["second"])
    count = sum(len(ITEM.findall(told[name])) for name in ("first", "second"))
    head = struct.pack(">HB", 0, count)
    entries = [recording(number) for number in range(35)]
    return [
        {
            "name": "parameters-with-other-serials-between",
            "source": OURS + "an answer 0104 with 16 other messages between its two parts",
            "message_id": "0x0104",
            "frames_hex": [
                part(0x0104, PHONE, 0x0231, 1, head + first),
                part(0x0104, PHONE, 0x0242, 2, second),
            ],
        },
        {
            "name": "list-of-recordings",
            "source": OURS + "table 23 of JT/T 1078-2016",
            "message_id": "0x1205",
            "frames_hex": [
                part(0x1205, PHONE, 77, 1, packed("0033 00000023") + b"".join(entries[:33])),
                part(0x1205, PHONE, 78, 2, b"".join(entries[33:])),
            ],
        },
    ]


def whole(value):
    """Return what a down-link says, with None for what TOML cannot say."""
    if isinstance(value, list):
        return [whole(one) for one in value]
    if not isinstance(value, dict):
        return value
    absent = {}
    if "max_speed_kmh" in value:
        absent = {"night_speed_kmh": None}
    elif "rules" in value:
        absent = {"period": None} | ({} if "turns" in value else {"speed": None})
    return absent | {key: whole(one) for key, one in value.items()}


def down(row):
    """Return one row of down.json."""
    absent = {"auth_code": None} if row["type"] == "RegisterReply" else {}
    body = packed(row["body"])
    return {
        "name": row["name"],
        "source": row["source"],
        "message_id": row["id"],
        "is_2019": row.get("is_2019", False),
        "body_hex": body.hex(),
        "type": row["type"],
        "message": absent | whole(row["message"]),
    }


def read(name):
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def write(name, rows):
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (HERE / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main():
    write("frames.json", [vector(row) for row in read("frames.toml")["row"]])
    write("parts.json", in_parts(read("parts.toml")))
    write("down.json", [down(row) for row in read("down.toml")["row"]])


if __name__ == "__main__":
    main()

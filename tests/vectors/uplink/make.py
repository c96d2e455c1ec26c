"""Writes the golden vectors of the up-link: `python tests/vectors/uplink/make.py`.

Source: made by us from docs/wire/uplink-v1.md. The ids of episodes and events are the first 32
hexadecimal digits of SHA-256 over a readable name, as placeholders: they are opaque to a receiver.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

HERE = Path(__file__).parent

SCHEMA = pa.schema(
    [
        pa.field("entry_seq", pa.int64(), nullable=False),
        pa.field("org", pa.utf8(), nullable=False),
        pa.field("device", pa.utf8(), nullable=False),
        pa.field("holder_kind", pa.utf8(), nullable=False),
        pa.field("holder", pa.utf8(), nullable=False),
        pa.field("fix_time_ms", pa.int64(), nullable=False),
        pa.field("received_at_us", pa.int64(), nullable=False),
        pa.field("boot", pa.int64(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("lon_e7", pa.int32()),
        pa.field("lat_e7", pa.int32()),
        pa.field("source_datum", pa.utf8()),
        pa.field("accuracy_mm", pa.int32()),
        pa.field("altitude_mm", pa.int32()),
        pa.field("speed_mmps", pa.int32()),
        pa.field("heading_cdeg", pa.int32()),
        pa.field("satellites", pa.int16()),
        pa.field("battery_pct", pa.int16()),
        pa.field("alarms", pa.int64(), nullable=False),
        pa.field("backlog", pa.bool_(), nullable=False),
        pa.field("skin_contact", pa.bool_()),
        pa.field("heart_rate_bpm", pa.int16()),
        pa.field("skin_temperature_cc", pa.int32()),
        pa.field("steps", pa.int32()),
    ]
)
T0_MS = 1795309323000  # 2026-11-22T01:02:03Z
ABSENT = {field.name: None for field in SCHEMA if field.nullable}


def _row(entry_seq: int, holder: tuple[str, str, str], **given: Any) -> dict[str, Any]:
    device, holder_kind, name = holder
    row = {"entry_seq": entry_seq, "org": "office-1", "device": device} | {
        "holder_kind": holder_kind,
        "holder": name,
        **ABSENT,
        "alarms": 0,
        "backlog": False,
    }
    return row | given


def rows() -> list[dict[str, Any]]:
    """Entries 1 to 3 of the telemetry stream: fixes, a late one, a status, an officer's phone."""
    zhang = ("wb-000001", "subject", "s-4k2m9q")
    li = ("wb-000002", "subject", "s-7h3n2c")
    phone = ("ph-0001", "officer", "officer-1")
    place = {"lon_e7": 1201000000, "lat_e7": 302000000, "source_datum": "WGS84"}
    full = {"accuracy_mm": 8000, "altitude_mm": 12500, "speed_mmps": 1400, "heading_cdeg": 27050}
    body = {"skin_contact": True, "heart_rate_bpm": 72, "skin_temperature_cc": 3315, "steps": 4821}
    given = [
        (1, zhang, {"boot": 3, "seq": 12, **place, **full, "satellites": 11, "battery_pct": 80}),
        (1, zhang, {"boot": 3, "seq": 13, **place, "accuracy_mm": 9000, "battery_pct": 80} | body),
        (2, li, {"boot": 1, "seq": 1, "battery_pct": 15, "alarms": 16}),
        (2, phone, {"boot": 0, "seq": 1795309325, "lon_e7": 1201200000, "lat_e7": 302100000}),
        (3, zhang, {"boot": 3, "seq": 2, **place, "accuracy_mm": 12000, "backlog": True}),
        (3, zhang, {"boot": 3, "seq": 14, "alarms": 9, "battery_pct": 79, "skin_contact": False}),
    ]
    late_ms = -600_000
    shifts_ms = (0, 1000, 1500, 2000, late_ms, 3000)
    out = []
    for (entry, holder, more), shift_ms in zip(given, shifts_ms, strict=True):
        extra = dict(more)
        if holder is phone:
            extra |= {"source_datum": "WGS84", "accuracy_mm": 20000}
        at_us = (T0_MS + 5000) * 1000 + entry
        out.append(_row(entry, holder, fix_time_ms=T0_MS + shift_ms, received_at_us=at_us, **extra))
    return [{name: row[name] for name in SCHEMA.names} for row in out]


CATEGORIES = {
    "sos": "care",
    "exclusion": "violation",
    "inclusion": "violation",
    "low_battery": "device",
    "removed": "device",
}
TITLES = {
    "sos": {"zh": "紧急求助", "en": "SOS"},
    "exclusion": {"zh": "进入禁止区域", "en": "entered a forbidden area"},
    "inclusion": {"zh": "离开活动区域", "en": "left the permitted area"},
    "low_battery": {"zh": "电量低", "en": "low battery"},
    "removed": {"zh": "设备脱离佩戴者", "en": "taken off the body"},
}


def _hex(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _event(entry_seq: int, episode: str, change: str, **data: Any) -> dict[str, Any]:
    body = {
        "entry_seq": entry_seq,
        "episode": _hex(episode),
        "change": change,
        "org": "office-1",
        "rule": data["rule"],
        "severity": data["severity"],
        "category": CATEGORIES[data["rule"]],
        "title": TITLES[data["rule"]],
        "subject": data.get("subject", "s-4k2m9q"),
        "device": data.get("device", "wb-000001"),
        "fence": data.get("fence"),
        "fence_version": 1 if data.get("fence") else None,
        "begin_time": data["begin_time"],
        "end_time": data.get("end_time"),
        "late": data.get("late", False),
        "evidence": {
            "reports": [data["report"]],
            "parameters": data.get("parameters", {}),
            "rules_version": "2026-11-01",
            "directory_version": 2,
        },
        "explanation": {
            "zh": f"{TITLES[data['rule']]['zh']}。",
            "en": f"{TITLES[data['rule']]['en']}.",
        },
    }
    name = f"{episode}/{change}/{body['begin_time']}/{body['end_time']}"
    return {
        "specversion": "1.0",
        "id": _hex(name),
        "source": "guitu/gateway/gw-1",
        "type": f"guitu.outcome.v1.{change}",
        "subject": body["subject"],
        "time": data["report"]["fix_time"],
        "datacontenttype": "application/json",
        "data": body,
    }


def events() -> list[dict[str, Any]]:
    """Entries 1 to 8 of the outcomes stream: each change and each kind of rule."""
    school = {"rule": "exclusion", "severity": "critical", "fence": "f-school"}
    school |= {"parameters": {"persistence_reports": 3}}
    begin, earlier, end = (f"2026-11-22T01:{m}.000Z" for m in ("02:03", "01:03", "09:03"))
    fix = {"longitude_deg": 120.1, "latitude_deg": 30.2, "accuracy_m": 8.0}
    inside = {"boot": 3, "seq": 12, **fix, "distance_m": -41.2, "violation_ppm": 999999}
    bare = {"boot": 3, "seq": 14}
    home = {"rule": "inclusion", "severity": "major", "fence": "f-home-1", "begin_time": begin}
    home |= {"report": {"fix_time": begin, **inside, "distance_m": 9731.0}}
    low = {"rule": "low_battery", "severity": "minor", "begin_time": begin}
    low |= {"subject": "s-7h3n2c", "device": "wb-000002"}
    at = {"begin_time": begin, "report": {"fix_time": begin, **inside}}
    return [
        _event(1, "school", "raised", **school, **at),
        _event(
            2,
            "sos",
            "raised",
            rule="sos",
            severity="critical",
            begin_time="2026-11-22T01:02:06.000Z",
            report={"fix_time": "2026-11-22T01:02:06.000Z", **bare},
        ),
        _event(
            3,
            "school",
            "amended",
            **school,
            late=True,
            begin_time=earlier,
            report={"fix_time": earlier, **inside, "seq": 11},
        ),
        _event(
            4,
            "school",
            "cleared",
            **school,
            begin_time=earlier,
            end_time=end,
            report={"fix_time": end, **inside, "seq": 60, "distance_m": 55.0, "violation_ppm": 3},
        ),
        _event(5, "home", "raised", **home),
        _event(6, "home", "superseded", **home),
        _event(7, "battery", "raised", **low, report={"fix_time": begin, "boot": 1, "seq": 1}),
        _event(
            8,
            "removed",
            "raised",
            rule="removed",
            severity="critical",
            begin_time="2026-11-22T01:02:06.000Z",
            report={"fix_time": "2026-11-22T01:02:06.000Z", **bare},
        ),
    ]


def main() -> None:
    """Write telemetry.arrow, telemetry.json and outcomes.json beside this file."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    table = pa.Table.from_pylist(rows(), schema=SCHEMA)
    with pa.ipc.new_stream(HERE / "telemetry.arrow", SCHEMA, options=options) as writer:
        writer.write_table(table)
    text = {"first": 1, "last": 3, "rows": rows()}
    _write("telemetry.json", text)
    _write("outcomes.json", {"first": 1, "last": 8, "events": events()})


def _write(name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (HERE / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

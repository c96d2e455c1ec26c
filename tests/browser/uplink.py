"""Speaks docs/wire/uplink-v1.md to a real server, as a gateway would."""

import hashlib
import io
import itertools
from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow as pa

from tests.browser.place import OFFICE, PHONE, SUBJECTS, TRACKED

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("entry_seq", pa.int64()),
    *((name, pa.utf8()) for name in ("org", "device", "holder_kind", "holder")),
    *((name, pa.int64()) for name in ("fix_time_ms", "received_at_us", "boot", "seq")),
    *((name, pa.int32()) for name in ("lon_e7", "lat_e7")),
    ("source_datum", pa.utf8()),
    *((name, pa.int32()) for name in ("accuracy_mm", "altitude_mm", "speed_mmps", "heading_cdeg")),
    *((name, pa.int16()) for name in ("satellites", "battery_pct")),
    ("alarms", pa.int64()),
    ("backlog", pa.bool_()),
]
_SCHEMA = pa.schema(_COLUMNS)
_SEVERITY = {
    "exclusion": "critical",
    "strap": "critical",
    "removed": "critical",
    "sos": "critical",
    "silence": "major",
}


def now_ms() -> int:
    """Return this machine's clock, milliseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1000)


def _stamp(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Gateway:
    """A gateway's two streams, numbered from 1."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        self._next = {"outcomes": 1, "telemetry": 1}
        self._reports = itertools.count(1)

    def close(self) -> None:
        self._http.close()

    def ask_directory(self) -> None:
        """Ask as gateways do all the time; the server takes it as a sign of life."""
        self._http.get("/api/v1/gateway/directory").raise_for_status()

    def send_fixes(self, *fixes: tuple[str, float, float, int]) -> None:
        """Send fixes: device, degrees east, degrees north, fix time in ms."""
        rows = [self._row(*fix) for fix in fixes]
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, _SCHEMA) as writer:
            writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
        self._post("telemetry", sink.getvalue(), "application/vnd.apache.arrow.stream")

    def send_first_fixes(self) -> None:
        """Send one fix of everybody who may be tracked: s-gggggg's is old, the others' present."""
        at_ms = now_ms()
        ages_ms = {"s-gggggg": 400_000}
        self.send_fixes(
            (PHONE[0], *PHONE[2], at_ms),
            *(
                (SUBJECTS[subject][1], *SUBJECTS[subject][2], at_ms - ages_ms.get(subject, 0))
                for subject in TRACKED
            ),
        )

    def raise_alert(self, subject: str, rule: str, *, fence: str | None = None) -> str:
        """Send a raised outcome that begins now; return the alert's id."""
        at_ms = now_ms()
        device = SUBJECTS[subject][1]
        episode = _hex(f"{subject} {rule} {fence} {at_ms} {self._next['outcomes']}")
        data = {
            "entry_seq": self._next["outcomes"],
            "episode": episode,
            "change": "raised",
            "org": OFFICE,
            "rule": rule,
            "severity": _SEVERITY[rule],
            "subject": subject,
            "device": device,
            "fence": fence,
            "fence_version": 1 if fence else None,
            "begin_time": _stamp(at_ms),
            "end_time": None,
            "late": False,
            "evidence": {
                "reports": [
                    {
                        "fix_time": _stamp(at_ms),
                        "boot": 1,
                        "seq": 1,
                        "longitude_deg": SUBJECTS[subject][2][0],
                        "latitude_deg": SUBJECTS[subject][2][1],
                        "accuracy_m": 8.0,
                        "distance_m": -41.2,
                        "violation_ppm": 999_999,
                    }
                ],
                "parameters": {},
                "rules_version": "2026-11-01",
                "directory_version": 1,
            },
        }
        event = {
            "specversion": "1.0",
            "id": _hex(f"{episode} raised"),
            "source": "guitu/gateway/gw-1",
            "type": "guitu.outcome.v1.raised",
            "subject": subject,
            "time": _stamp(at_ms),
            "datacontenttype": "application/json",
            "data": data,
        }
        self._post("outcomes", [event], "application/cloudevents-batch+json")
        return episode

    def waiting_commands(self) -> list[dict[str, Any]]:
        """Return what is queued for the county's devices."""
        answer = self._http.get("/api/v1/gateway/commands").raise_for_status()
        commands: list[dict[str, Any]] = answer.json()["commands"]
        return commands

    def report_command(self, command: str, state: str, detail: str = "") -> None:
        """Say what became of a command."""
        event = {"command": command, "state": state, "at": _stamp(now_ms()), "detail": detail}
        self._http.post("/api/v1/gateway/commands", json={"events": [event]}).raise_for_status()

    def _row(self, device: str, lon: float, lat: float, fix_time_ms: int) -> dict[str, Any]:
        holders = {band: ("subject", subject) for subject, (_, band, _) in SUBJECTS.items()}
        holder_kind, holder = holders.get(device, ("officer", PHONE[1]))
        return {
            "entry_seq": self._next["telemetry"],
            "org": OFFICE,
            "device": device,
            "holder_kind": holder_kind,
            "holder": holder,
            "fix_time_ms": fix_time_ms,
            "received_at_us": now_ms() * 1000,
            "boot": 1,
            "seq": next(self._reports),
            "lon_e7": round(lon * 1e7),
            "lat_e7": round(lat * 1e7),
            "source_datum": "WGS84",
            "accuracy_mm": 8000,
            "battery_pct": 80,
            "alarms": 0,
            "backlog": False,
        }

    def _post(self, stream: str, body: bytes | list[Any], content_type: str) -> None:
        number = self._next[stream]
        answer = self._http.post(
            f"/api/v1/gateway/{stream}",
            params={"first": number, "last": number},
            headers={
                "Content-Type": content_type,
                "Idempotency-Key": f"gw-1/{stream}/{number}-{number}",
            },
            **({"content": body} if isinstance(body, bytes) else {"json": body}),
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        self._next[stream] += 1


def _hex(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]

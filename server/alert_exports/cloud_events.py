"""Alerts as CloudEvents 1.0, a batch in JSON (CNCF, JSON Event Format 1.0, 4). Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.alert_exports.chain import (
    certainty,
    last_place,
    message_type,
    messages_of,
    probability_ppm,
    source_of,
    urgency,
)

MEDIA_TYPE: Final = "application/cloudevents-batch+json"
_TYPES: Final = {"Alert": "raised", "Update": "updated", "Cancel": "withdrawn"}
_TOLD: Final = (
    *("rule", "severity", "category", "title", "explanation", "state", "condition", "verdict"),
    *("subject", "device", "fence", "org", "late", "level"),
)


def cloud_event(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alert as it stands now as one event; `source` and `id` name it for ever."""
    *before, message = messages_of(alert)
    kind = message_type(alert)
    data: dict[str, Any] = {"alert": alert["id"], "version": alert["version"]}
    data |= {name: alert[name] for name in _TOLD}
    data |= {
        name: None if alert[name] is None else alert[name].isoformat()
        for name in ("begin_time", "end_time", "raised_at")
    }
    data |= {
        "urgency": urgency(alert),
        "certainty": certainty(alert),
        "violation_ppm": probability_ppm(alert["evidence"]),
        "replaces": [one.identifier for one in before],
        "place": last_place(alert["evidence"]) if alert["place"] else None,
    }
    return {
        "specversion": "1.0",
        "id": message.identifier,
        "source": source_of(alert),
        "type": f"guitu.alert.v1.{_TYPES[kind]}",
        "subject": alert["id"],
        "time": message.sent.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


class Batch:
    """A batch, part by part: a JSON array."""

    def __init__(self, number: str, *, by: str, at: datetime) -> None:
        """Take who takes it, when, and the export's number: every event says so."""
        self._has_any = False
        # Extension attributes are of lower case letters and digits (CloudEvents 1.0, 3.1).
        self._marks = {"exportnumber": number, "exportedby": by, "exportedat": at.isoformat()}

    def head(self) -> bytes:
        """Return its beginning."""
        return b"["

    def part(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return an event for each alert."""
        told = ",".join(
            json.dumps(cloud_event(row) | self._marks, ensure_ascii=False, separators=(",", ":"))
            for row in rows
        )
        joint = "," if told and self._has_any else ""
        self._has_any = self._has_any or bool(told)
        return f"{joint}{told}".encode()

    def end(self) -> bytes:
        """Return its end."""
        return b"]\n"

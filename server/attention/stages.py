"""Times of alerts by stage, as the interface shows them. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from server.attention.store import STAGES

_NAMES: Final = ("org", "severity", "alerts")


def staged(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of times with a member for each stage."""
    named = {name: row[name] for name in _NAMES if name in row}
    return named | {
        stage: {
            "count": row[stage],
            "median_s": row[f"{stage}_p50"],
            "p95_s": row[f"{stage}_p95"],
        }
        for stage in STAGES
    }

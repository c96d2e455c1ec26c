"""What every request handler may reach: settings, database, metrics."""

from dataclasses import dataclass

from fastapi import Request

from server.config import ServerSettings
from server.db import Database
from server.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one app."""

    settings: ServerSettings
    database: Database
    metrics: Metrics


def parts_of(request: Request) -> Parts:
    """Return the parts of the app that serves this request."""
    found: Parts = request.app.state.parts
    return found

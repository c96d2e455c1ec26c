"""Answers of the situation calls, as docs/http.md says."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel


class FeatureCollection(BaseModel):
    """GeoJSON (RFC 7946) with the datum said."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    datum: Literal["WGS84"] = "WGS84"
    features: list[dict[str, Any]]


class MapLayers(BaseModel):
    """What the map draws beneath the points."""

    boundaries: FeatureCollection
    fences: FeatureCollection


class Positions(BaseModel):
    """Columns of equal length; `lon` and `lat` in 1e-6 degrees WGS-84."""

    at: datetime
    feed_id: int
    device: list[str]
    holder_kind: list[Literal["subject", "officer"]]
    holder: list[str]
    label: list[str]
    kind: list[str]
    lon: list[int]
    lat: list[int]
    fix_time_ms: list[int]
    accuracy_m: list[float | None]
    battery_pct: list[int | None]
    alarms: list[int]


class GatewayStatus(BaseModel):
    """One gateway; `silent` when it has not been heard for too long."""

    gateway: str
    org: str
    last_seen_at: datetime | None
    silent: bool
    marks: dict[str, int]


class Status(BaseModel):
    """The state of the system's parts."""

    now: datetime
    version: str
    gateways: list[GatewayStatus]

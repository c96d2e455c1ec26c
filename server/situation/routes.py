"""Map, positions and status."""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter

from server.auth.person import AnyDesk, ReaderDesk
from server.situation import store
from server.situation.feed import feed_ends
from server.situation.positions import in_columns, newest_positions
from server.situation.schemas import FeatureCollection, MapLayers, Positions, Status

router = APIRouter(prefix="/api/v1", tags=["situation"])

_VERSION: Final = version("guitu")


@router.get("/map")
async def read_map(desk: AnyDesk) -> MapLayers:
    """Answer boundaries and fences in force as GeoJSON."""
    return MapLayers(
        boundaries=_features(await store.boundaries(desk.connection), "boundary"),
        fences=_features(await store.fences_in_force(desk.connection), "geometry"),
    )


@router.get("/positions", response_model=Positions)
async def read_positions(desk: ReaderDesk) -> dict[str, Any]:
    """Answer the newest position of every device of the scope."""
    # The feed position first: what changes in between comes again over the live stream.
    feed_id = (await feed_ends(desk.connection)).newest
    rows = await newest_positions(desk.connection, -1)
    return {"at": datetime.now(UTC), **in_columns(rows, feed_id)}


@router.get("/status", response_model=Status)
async def read_status(desk: AnyDesk) -> dict[str, Any]:
    """Answer the state of the gateways."""
    silent_after_s = desk.parts.settings.gateway_silent_after_s
    gateways = await store.gateways(desk.connection, silent_after_s=silent_after_s)
    return {"now": datetime.now(UTC), "version": _VERSION, "gateways": gateways}


def _features(rows: list[dict[str, Any]], geometry: str) -> FeatureCollection:
    features = [
        {
            "type": "Feature",
            "geometry": row[geometry],
            "properties": {name: value for name, value in row.items() if name != geometry},
        }
        for row in rows
    ]
    return FeatureCollection(features=features)

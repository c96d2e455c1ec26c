"""/livez, /readyz and /metrics: for supervisors and for Prometheus; nothing personal in them."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from server.errors import UnavailableError
from server.parts import parts_of

router = APIRouter(tags=["health"])


@router.get("/livez")
async def is_alive() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "alive"}


@router.get("/readyz")
async def is_ready(request: Request) -> JSONResponse:
    """Answer 200 when the database answers and is migrated, 503 when not."""
    if not await parts_of(request).database.is_ready():
        raise UnavailableError("the database does not answer, or is not migrated")
    return JSONResponse({"status": "ready"})


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """Answer the counters as Prometheus text."""
    text = generate_latest(parts_of(request).metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)

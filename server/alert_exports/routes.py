"""Export of alerts."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from server.alert_exports.giving import (
    ENDINGS,
    MEDIA_TYPES,
    PATH,
    Asked,
    Format,
    prepare,
    stream,
)
from server.alerts.lifecycle import State
from server.alerts.store import matching
from server.auth.person import ReaderDesk
from server.cursor import Cursor, OfSubject
from server.exchange.routes import Purpose

router = APIRouter(prefix="/api/v1", tags=["alerts"])

_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file; a Link header with rel=next says where it goes on",
        "headers": {"Link": {"schema": {"type": "string"}}},
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["cap"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["cloudevents"]: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


@router.get(
    PATH.removeprefix("/api/v1"), response_class=StreamingResponse, status_code=200, responses=_FILE
)
async def export_alerts(
    *,
    desk: ReaderDesk,
    form: Annotated[Format, Query(alias="format", description="CAP 1.2, CloudEvents 1.0 or CSV")],
    purpose: Purpose,
    state: Annotated[list[State] | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=40)] = None,
    subject: OfSubject = None,
    assigned_to: Annotated[str | None, Query(max_length=40, description="a login, or `me`")] = None,
    places: Annotated[bool, Query(description="with the last place of each")] = False,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> StreamingResponse:
    """Download alerts of the scope without minors and sealed files; the look is logged."""
    person = desk.person
    mine = person.login if assigned_to == "me" else assigned_to
    filters = matching(states=state, rule=rule, subject=subject, assigned_to=mine)
    export = await prepare(desk, Asked(form, purpose, filters, places, cursor, limit))
    name = f"alerts-{export.number}.{ENDINGS[form]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if export.next_path is not None:
        headers["Link"] = f'<{export.next_path}>; rel="next"'
    return StreamingResponse(
        stream(export, desk.person, desk.parts.database),
        media_type=MEDIA_TYPES[form],
        headers=headers,
    )

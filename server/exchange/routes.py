"""Import and export of tables."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from server.auth.person import Desk, ReaderDesk, RegistrarDesk, desk_for
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.errors import NotFoundError
from server.exchange import export_store, run_store
from server.exchange.digests import taken_as
from server.exchange.giving import give
from server.exchange.kinds import KINDS, Name
from server.exchange.schemas import ExportedFiles, RunInfo, RunPage, Taken
from server.exchange.taking import take
from server.exchange.writing import MEDIA_TYPES, Format, template_file
from server.once import RequestKey, once

router = APIRouter(prefix="/api/v1", tags=["exchange"])

_EXAMPLE: Final = (
    "决定书编号,对象编号,电子定位情形,批准人,批准时间,起始时间,截止时间\r\n"
    "eo-2026-001,s-7h3n2c,02,李局长,2026-11-20 09:00,2026-11-21 00:00,2027-02-20 23:59\r\n"
)
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "CSV (UTF-8 or GB 18030) or XLSX, heads in the first row; 首行为列名",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in MEDIA_TYPES.values()
        },
    }
}
_AuditorDesk = Annotated[Desk, Depends(desk_for("auditor"), scope="function")]
Purpose = Annotated[
    str, Query(min_length=4, max_length=200, description="logged, and written into the file")
]


@router.post("/imports", openapi_extra=_BODY)
async def import_table(
    *,
    desk: RegistrarDesk,
    request: Request,
    kind: Annotated[Name, Query(description="which table; 表的种类", examples=["orders"])],
    key: RequestKey,
    dry_run: Annotated[bool, Query(description="check only; 只检查")] = False,
) -> Taken:
    """Take a table whole, or nothing of it: the answer lists every fault by row and column."""
    content = await request.body()

    async def work() -> Taken:
        return await take(desk, kind, content, key=key, is_dry_run=dry_run)

    return await once(desk, request, key, work, answers=Taken)


@router.get("/imports", response_model=RunPage)
async def list_imports(
    *,
    desk: RegistrarDesk,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the imports of the scope, the newest first, with those that were refused."""
    before = decode_cursor(cursor, datetime, str, str)
    rows = await run_store.page(desk.connection, before=before, limit=limit + 1)
    return page_of(rows, limit, "started_at", "login", "key")


@router.get("/imports/templates/{kind}", response_class=Response, responses=_FILE)
async def read_template(
    *,
    desk: RegistrarDesk,
    kind: Name,
    form: Annotated[Format, Query(alias="format")] = "xlsx",
) -> Response:
    """Download the empty table to fill in; the XLSX has notes and codes on further sheets."""
    del desk
    content = template_file(KINDS[kind], form)
    return _file(content, f"{kind}-template", form)


@router.get("/imports/{key}", response_model=RunInfo)
async def read_import(
    desk: RegistrarDesk, key: Annotated[str, Path(min_length=8, max_length=120)]
) -> dict[str, Any]:
    """Watch an own import by its Idempotency-Key: rows read, rows written, how it ended."""
    found = await run_store.run(desk.connection, desk.person.login, key)
    if found is None:
        raise NotFoundError("no import of yours has this key")
    return found


@router.get("/exports/{kind}", response_class=Response, responses=_FILE)
async def export_table(
    *,
    desk: ReaderDesk,
    kind: export_store.Name,
    purpose: Purpose,
    form: Annotated[Format, Query(alias="format")] = "xlsx",
    identities: Annotated[
        bool, Query(description="identity numbers, telephones and residences in full")
    ] = False,
) -> Response:
    """Download a list of the scope without minors and sealed files; the look is logged."""
    number, content = await give(desk, kind, form, purpose=purpose, identities=identities)
    return _file(content, f"{kind}-{number}", form)


@router.get("/exports/by-digest/{sha256}", response_model=ExportedFiles)
async def find_exports_of_a_file(
    desk: _AuditorDesk,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="of the file's bytes")],
) -> dict[str, Any]:
    """Say who took a file, by its SHA-256; a copy that was changed is not found."""
    return {"items": await taken_as(desk, sha256)}


def _file(content: bytes, name: str, form: Format) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)

"""GET /api/v1/codes: code tables as versioned data."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from server.auth.person import SessionDesk
from server.codes.schemas import TableInfo, TableList
from server.errors import NotFoundError
from server.law.codes import TABLES, CodeTable
from server.law.text import Text

router = APIRouter(prefix="/api/v1/codes", tags=["codes"])


@router.get("", response_model=TableList)
async def list_tables(desk: SessionDesk) -> dict[str, Any]:
    """List the code tables (代码表), each with its version and source."""
    del desk
    return {"items": [_head(one) for one in TABLES.values()]}


@router.get("/{table}", response_model=TableInfo)
async def read_table(
    desk: SessionDesk, response: Response, table: Annotated[str, Path(max_length=40)]
) -> dict[str, Any]:
    """Read one code table; codes that may not be entered any more stay, with their last day."""
    del desk
    found = TABLES.get(table)
    if found is None:
        raise NotFoundError(f"no such code table: {', '.join(TABLES)}")
    response.headers["ETag"] = f'"{found.version}"'
    codes = [
        {name: getattr(one, name) for name in ("name", "number", "valid_from", "valid_to")}
        | {"title": _words(one.text)}
        for one in found.codes
    ]
    return _head(found) | {"codes": codes}


def _head(one: CodeTable) -> dict[str, Any]:
    members = {name: getattr(one, name) for name in ("table", "version", "article", "source")}
    return members | {"title": _words(one.text)}


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}

"""Serves the built console (`server/_web`) with its content policy and cache rules."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

_BUILT: Final = Path(__file__).with_name("_web")

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        " font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
}
"""Sent with every file of the console; a worker's policy is the one of its own answer."""

# The build names these files after their content, so a name never changes its meaning.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
# The page names the current files, so it is asked for each time.
_ASK_EACH_TIME: Final = "no-cache"

_NOT_BUILT: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>归途 Guitu</title>
<h1>控制台尚未构建</h1>
<p>服务器正在运行，接口可用；网页需要先构建：在源码目录执行 <code>make up</code>，
或不带 <code>GUITU_SKIP_WEB=1</code> 重新安装。</p>
<h2 lang="en">The console is not built</h2>
<p lang="en">The server runs and its interface works; the page has to be built first: run
<code>make up</code> in the source folder, or install again without
<code>GUITU_SKIP_WEB=1</code>.</p>
"""


class _Assets(StaticFiles):
    def file_response(
        self, full_path: PathLike, stat_result: object, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        response.headers.update(SECURITY_HEADERS)
        response.headers["Cache-Control"] = _FOR_EVER
        return response


def mount(app: FastAPI, *, built: Path = _BUILT) -> None:
    """Serve the console at every path that is not the interface's. Call it after all routes.

    Deep links such as `/subjects/s-1` answer the page itself. Nothing under `/api` is answered,
    and a path that looks like a file which the build does not have is 404. Without a build there
    is a plain page that says so, with status 503.

    Args:
        app: The application; its handlers of HTTPException answer what is refused here.
        built: Folder of the built console.
    """
    page = built / "index.html"
    is_built = page.is_file()
    if is_built:
        assets = _Assets(directory=built / "assets")
        app.mount("/assets", GZipMiddleware(assets, minimum_size=1024), name="console-assets")

    async def console(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, detail=f"/{path} is no part of the interface")
        if not is_built:
            return HTMLResponse(_NOT_BUILT, status_code=503, headers=SECURITY_HEADERS)
        headers = {**SECURITY_HEADERS, "Cache-Control": _ASK_EACH_TIME}
        if "." in path.rpartition("/")[2]:
            return FileResponse(_file_at_root(built, path), headers=headers)
        return FileResponse(page, headers=headers)

    app.add_route("/{path:path}", console, methods=["GET", "HEAD"], include_in_schema=False)


def _file_at_root(built: Path, path: str) -> Path:
    """Return a file that stands beside the page (the icon); nothing deeper, nothing hidden."""
    found = built / path
    if "/" in path or path.startswith(".") or not found.is_file():
        raise HTTPException(404, detail=f"the console has no file /{path}")
    return found

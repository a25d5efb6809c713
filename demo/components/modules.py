"""The page's ES modules: files `*.mjs` of any room, served as they are, so that they can import each other.

Their address carries a hash of them all: a browser may keep them for ever, and asks for new ones when one has changed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.components.compression import in_brotli, takes_brotli

FOLDER = Path(__file__).parents[1]
_in_brotli = cache(in_brotli)
FOR_EVER = "public, max-age=31536000, immutable"


def url(module: str) -> str:
    """Address of a module such as "sketchpad/pad.mjs", relative to the page's. Raises KeyError when there is none."""
    _ = _modules()[module]
    return f"modules/{_version()}/{module}"


def preloads(room: str) -> str:
    """Links for the page's head to all modules of a room: fetched at once instead of one import after another."""
    found = [module for module in _modules() if module.rpartition("/")[0] == room]
    return "".join(f'<link rel="modulepreload" href="{url(module)}">' for module in found)


def script(module: str) -> str:
    """An element for the page's head that runs a module once."""
    return f'<script type="module" src="{url(module)}"></script>'


def route() -> Route:
    """The route that serves the modules there were at the start, and nothing else."""
    return Route("/modules/{version}/{module:path}", _serve)


async def _serve(request: Request) -> Response:
    content = _modules().get(request.path_params["module"])
    if content is None:
        return Response("no such module", status_code=404, media_type="text/plain")
    fresh = request.path_params["version"] == _version()
    headers = {"cache-control": FOR_EVER if fresh else "no-cache", "vary": "Accept-Encoding"}
    if takes_brotli(request.headers.get("accept-encoding", "")):
        content, headers["content-encoding"] = _in_brotli(content), "br"
    return Response(content, media_type="text/javascript", headers=headers)


@cache
def _modules() -> dict[str, bytes]:
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.mjs"))}


@cache
def _version() -> str:
    whole = hashlib.sha256()
    for name, content in _modules().items():
        whole.update(f"{name} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:12]

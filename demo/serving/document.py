"""The head of the page's document: its own link preview in the place of Gradio's, which come first and unfilled.

Sites that show links read the first tag of a name, so all of Gradio's are taken out before ours are put in.
"""

from __future__ import annotations

import html
import os
import re
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.components.compression import in_brotli, takes_brotli

TITLE = "Handwritten Digit Challenge"
DESCRIPTION = "Draw a digit with a pen that won’t keep still, and see which nets can still read you."
THEME = Path(__file__).parents[1] / "theme"
FAVICON = THEME / "favicon.svg"
IMAGE = THEME / "preview.png"
IMAGE_PATH = "/static/preview.png"
_in_brotli = lru_cache(maxsize=4)(in_brotli)  # the document is the same for all who ask at one address
GRADIOS = re.compile(rb"""<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*""")


def image_route() -> Route:
    """The image of the preview."""
    return Route(IMAGE_PATH, lambda request: FileResponse(IMAGE, headers={"cache-control": "public, max-age=86400"}))


def tags(address: str) -> str:
    """Description and link preview of the page that is seen at `address`, which ends in a slash."""
    said = {
        "og:title": TITLE,
        "og:description": DESCRIPTION,
        "og:type": "website",
        "og:url": address,
        "og:image": address.rstrip("/") + IMAGE_PATH,
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "A rainbow digit on black, and four nets that do not agree what it is",
    }
    shown = [f'<meta name="description" content="{html.escape(DESCRIPTION)}">']
    shown += [f'<meta property="{name}" content="{html.escape(text)}">' for name, text in said.items()]
    return "".join([*shown, '<meta name="twitter:card" content="summary_large_image">'])


def rewritten(document: bytes, address: str) -> bytes:
    """The document with our tags first in its head, and none of Gradio's."""
    head, found, body = GRADIOS.sub(b"", document).partition(b"<head>")
    return head + found + (tags(address).encode() if found else b"") + body


class Document:
    """Rewrites and compresses what is sent as the page's document: an answer in HTML to a request for its address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith("/"):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        chunks: list[bytes] = []

        async def gathered(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if not MutableHeaders(scope=message).get("content-type", "").startswith("text/html"):
                    await send(message)
                return
            assert start is not None
            headers = MutableHeaders(scope=start)
            if not headers.get("content-type", "").startswith("text/html"):
                await send(message)
                return
            chunks.append(message.get("body", b""))
            if message.get("more_body"):
                return
            document = rewritten(b"".join(chunks), address_of(scope))
            headers.add_vary_header("Accept-Encoding")
            if takes_brotli(Headers(scope=scope).get("accept-encoding", "")):
                document = await run_in_threadpool(_in_brotli, document)
                headers["content-encoding"] = "br"
            headers["content-length"] = str(len(document))
            await send(start)
            await send({"type": "http.response.body", "body": document})

        await self.app(scope, receive, gathered)


def address_of(scope: Scope) -> str:
    """Where the page is seen from outside, a proxy before it included."""
    headers: dict[str, str] = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    scheme = headers.get("x-forwarded-proto", str(scope.get("scheme", "http"))).split(",")[0].strip()
    host = headers.get("x-forwarded-host", headers.get("host", "localhost")).split(",")[0].strip()
    root = os.environ.get("GRADIO_ROOT_PATH") or str(scope.get("root_path") or "")
    return root.rstrip("/") + "/" if "://" in root else f"{scheme}://{host}{root.rstrip('/')}/"

"""How the page is served: what Gradio does not do for its server by itself.

Bodies are bounded before anything reads them, and every answer carries the headers that keep other sites from framing
the page or loading foreign script into it. Hugging Face may frame it: that is how a Space is shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.components import modules
from demo.serving.document import FAVICON, Document, image_route
from demo.theme import style, theme

if TYPE_CHECKING:
    from gradio import Blocks

ROOMS = Path(__file__).parents[1]
SCRIPTS = (  # of the page, not of a panel
    ROOMS / "theme" / "scrolling.js",
    ROOMS / "challenge" / "page" / "contributor.js",  # who this browser is
    ROOMS / "stress" / "pen_link.js",
)

BODY_BYTES = 4 * 2**20  # a drawing of ten thousand points and its image are below 1 MB
DISCARDED_BYTES = 64 * 2**20  # of a larger body, so much is read and thrown away before hanging up
DISCARDING_S = 10.0
FILE_SIZE = "2mb"
WAITING = 64  # events in Gradio's queue; whoever comes after that is told that it is full
AT_ONCE = 4  # events of the queue that run together
SESSIONS = 1000  # pages whose last drawing is remembered, of Gradio's 10,000
CACHE_SECONDS = 3600  # uploaded images are looked for, and deleted, this often and at this age

FRAMED_BY = "'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Gradio makes functions from text in the browser
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": FRAMED_BY,
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in POLICY.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class BodyLimit:
    """Answers 413 to a body of more than `largest` bytes, whether its length was announced or not."""

    def __init__(self, app: ASGIApp, largest: int = BODY_BYTES) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.largest:
            await self._refuse(receive, send)
            return
        received = 0
        answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message if received <= self.largest else {"type": "http.disconnect"}

        async def sent(message: Message) -> None:
            nonlocal answered
            if received <= self.largest:
                answered = True
                await send(message)

        try:
            await self.app(scope, counted, sent)
        except ClientDisconnect:
            if received <= self.largest:
                raise
        if received > self.largest and not answered:
            await self._refuse(receive, send)

    async def _refuse(self, receive: Receive, send: Send) -> None:
        """Answer 413, and read on for a while: a client that is still sending could not see the answer otherwise."""
        error = f"the body is larger than {self.largest / 2**20:g} MB, which is the most this server reads"
        body = json.dumps({"error": error}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        discarded = 0
        with anyio.move_on_after(DISCARDING_S):
            while discarded < DISCARDED_BYTES:
                message = await receive()
                discarded += len(message.get("body", b""))
                if not message.get("more_body"):
                    break
        await send({"type": "http.response.body", "body": b""})


class SecurityHeaders:
    """Adds HEADERS to every answer that does not say something else itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def script(path: Path) -> str:
    """The script at `path` as an element for the page's head."""
    return f"<script>\n{path.read_text(encoding='utf-8')}</script>"


def launch(
    page: Blocks,
    routes: Sequence[BaseRoute] = (),
    *,
    host: str | None = None,
    port: int | None = None,
    share: bool = False,
) -> str:
    """Serve the page and `routes` beside it from threads of their own, and return the address.

    None leaves the choice of host, port and share link to Gradio's environment variables.

    GRADIO_SERVER_NAME, GRADIO_SERVER_PORT, GRADIO_SHARE, GRADIO_ROOT_PATH and the like work as Gradio documents them.
    Raises OSError when no port is free.
    """
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    middleware = [Middleware(SecurityHeaders), Middleware(Document), Middleware(BodyLimit)]
    settings: dict[str, Any] = {
        "theme": theme(),
        "head": style() + modules.preloads("sketchpad") + "".join(map(script, SCRIPTS)),
        "footer_links": ["api", "settings"],
        "run_history": False,  # else every answer is written into the browser's storage, which costs 100 ms
        "favicon_path": str(FAVICON),
        "max_file_size": FILE_SIZE,
        "show_error": True,
        "app_kwargs": {"middleware": middleware, "routes": [modules.route(), image_route(), *routes]},
        "state_session_capacity": SESSIONS,
    }
    _, local_url, share_url = page.launch(
        server_name=host, server_port=port, share=share or None, quiet=True, prevent_thread_lock=True, **settings
    )
    return share_url or local_url

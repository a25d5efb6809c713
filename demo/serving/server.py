"""How the page is served: a server of our own around Gradio's application, with what that leaves open.

From the outside in: connections and heads are bounded (protocol.py), every answer carries the headers that keep other
sites from framing the page or loading foreign script into it, answers are compressed, addresses that nobody needs are
not there (routes.py), and bodies are bounded and checked before anything reads them (bodies.py, screening.py).
docs/server.md has all limits.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.components import modules
from demo.serving import document, ports
from demo.serving.bodies import BoundedBodies
from demo.serving.log import ShortLines
from demo.serving.protocol import CONNECTIONS, HEAD_BYTES, BoundedProtocol
from demo.serving.routes import AllowedRoutes
from demo.theme import style, theme

if TYPE_CHECKING:
    from gradio import Blocks

ROOMS = Path(__file__).parents[1]
SCRIPTS = (  # of the page, not of a panel
    ROOMS / "theme" / "scrolling.js",
    ROOMS / "challenge" / "page" / "contributor.js",  # who this browser is
    ROOMS / "stress" / "pen_link.js",
)

FILE_SIZE = "2mb"
WAITING = 64  # events in Gradio's queue; whoever comes after that is told that it is full
AT_ONCE = 4  # events of the queue that run together
THREADS = 128  # of handlers: those that wait for their turn of the nets hold one each
SESSIONS = 100  # pages of which Gradio keeps what they sent last, each some 0.2 MB; more are served, a little slower
CACHE_SECONDS = 3600  # uploaded images are looked for, and deleted, this often and at this age
COMPRESSED_FROM_BYTES = 1000
COMPRESSION = 6  # of 9: the document, 340 kB, becomes 78 kB in 8 ms
STARTS_WITHIN_S = 120
STOPS_WITHIN_S = 5
OPEN_FILES = CONNECTIONS + 512

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
DOCUMENT_HEADERS = {
    "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in POLICY.items()),
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
HEADERS = {"x-content-type-options": "nosniff"}
NO_DOCUMENTS = ("text/javascript", "application/javascript", "text/css", "application/json", "image/png")


class SecurityHeaders:
    """Adds HEADERS to every answer that does not say something else itself, and DOCUMENT_HEADERS to all but
    NO_DOCUMENTS, which a browser cannot show as a page: in the 190 answers of a first visit they would be 50 kB.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                shown = not headers.get("content-type", "").startswith(NO_DOCUMENTS)
                for name, value in (HEADERS | DOCUMENT_HEADERS if shown else HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def script(path: Path) -> str:
    """The script at `path` as an element for the page's head."""
    return f"<script>\n{path.read_text(encoding='utf-8')}</script>"


@contextmanager
def launch(
    page: Blocks,
    routes: Sequence[BaseRoute] = (),
    *,
    host: str | None = None,
    port: int | None = None,
    share: bool = False,
) -> Iterator[Served]:
    """Serve the page and `routes` beside it from a thread, as long as the block lasts.

    None leaves the choice of host, port and share link to GRADIO_SERVER_NAME, GRADIO_SERVER_PORT and GRADIO_SHARE;
    GRADIO_ROOT_PATH is the path under which a proxy shows the page. Raises OSError when no port is free.
    """
    import uvicorn

    host = (host or os.environ.get("GRADIO_SERVER_NAME") or ports.THIS_MACHINE).strip("[]")
    share = share or os.environ.get("GRADIO_SHARE", "").lower() == "true"
    proxies = believed_proxies(share)
    listening = ports.listen(host, port)
    more_open_files()
    with redirect_stderr(ShortLines(sys.stderr)):
        server = uvicorn.Server(
            uvicorn.Config(
                application(page, routes),
                http=BoundedProtocol,
                ws="none",
                h11_max_incomplete_event_size=HEAD_BYTES,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                timeout_graceful_shutdown=STOPS_WITHIN_S,
                log_level="warning",
                server_header=False,
            )
        )
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True)
        serving.start()
        try:
            served = Served(host, listening.getsockname()[1], server, serving)
            served.wait_until_started()
            if share:
                served.share()
            yield served
        finally:
            server.should_exit = True
            serving.join(STOPS_WITHIN_S + 2)


def application(page: Blocks, routes: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The page as an ASGI application, behind everything that guards it."""
    import gradio as gr
    from fastapi import FastAPI

    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    page.max_threads = THREADS
    page.state_session_capacity = SESSIONS
    page.has_launched = True  # else Gradio takes any file of this machine for one that was uploaded
    guards = [
        Middleware(SecurityHeaders),
        Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES, compresslevel=COMPRESSION),
        Middleware(AllowedRoutes),
        Middleware(document.Document),
        Middleware(
            BoundedBodies,
            events={number: len(fn.inputs) for number, fn in page.fns.items()},
            programs={number for number, fn in page.fns.items() if fn.api_visibility == "public"},
            queued=lambda: len(page._queue),
        ),
    ]
    preview = [document.image_route()] if document.IMAGE.is_file() else []
    own = [modules.route(), *preview, *routes]
    guarded = FastAPI(routes=own, middleware=guards, openapi_url=None, docs_url=None, redoc_url=None)
    settings: dict[str, Any] = {
        "theme": theme(),
        "head": style()
        + modules.preloads("sketchpad")
        + modules.script("draw/choices.mjs")
        + "".join(map(script, SCRIPTS)),
        "footer_links": ["api", "settings"],
        "run_history": False,  # else every answer is written into the browser's storage, which costs 100 ms
        "max_file_size": FILE_SIZE,
        "show_error": False,  # what nobody foresaw may name files or hosts: people read the errors meant for them
        "enable_monitoring": False,
        "favicon_path": str(document.FAVICON),
        "root_path": os.environ.get("GRADIO_ROOT_PATH") or None,
        "ssr_mode": False,  # Node before this server would have limits of its own
    }
    return gr.mount_gradio_app(guarded, page, path="/", **settings)


class Served:
    """A page that is being served: where, and until when."""

    def __init__(self, host: str, port: int, server: Any, thread: threading.Thread) -> None:
        shown = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
        self.address = f"http://{shown}:{port}/"
        self._place = (shown, port)
        self._server = server
        self._thread = thread

    def wait_until_started(self) -> None:
        """However long that takes on a busy machine; raises OSError when the server has ended instead."""
        for _ in range(STARTS_WITHIN_S * 100):
            if self._server.started:
                return
            self._thread.join(0.01)
            if not self._thread.is_alive():
                break
        raise OSError("the server did not start; what it says stands above")

    def share(self) -> None:
        """Take an address for a week from Gradio's servers; without one the page stays on this machine."""
        from gradio import networking

        try:
            self.address = networking.setup_tunnel(*self._place, secrets.token_urlsafe(32), None, None)
        except Exception as error:  # Gradio raises about anything here: no network, no binary, no room, bad checksum
            print(f"no public address: {error}", file=sys.stderr, flush=True)

    def wait(self) -> None:
        """Until Ctrl+C, a request to terminate, or the end of the server."""
        ended = threading.Event()

        def end(_signal: int, _frame: FrameType | None) -> None:
            ended.set()

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, end)
        while self._thread.is_alive() and not ended.wait(1):
            pass


def believed_proxies(share: bool) -> str:
    """Whose X-Forwarded-For counts: of the proxies that FORWARDED_ALLOW_IPS names, else nobody's.

    uvicorn believes this machine unasked: behind a local proxy that passes the header on, as nginx does by itself,
    every visitor could then pose as any address. The tunnel of a public address ends on this machine and sets it.
    """
    return os.environ.get("FORWARDED_ALLOW_IPS") or (ports.THIS_MACHINE if share else "")


def more_open_files() -> None:
    """Let this process have as many files open as it may have connections, where the system allows it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wished:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wished, hard))

"""Which addresses of the server exist: those that the page, its programs' interface and /classify use, and no other.

Other sites' pages may ask for what is made for programs alone. Else anybody's page could let its visitors' browsers
give drawings and labels here, each from an address of its own.

Gradio brings a good many more: some run programs for whoever asks (process_recording runs ffmpeg), some fill the disk
(deep_link), some are for its own tools. Here they are not there at all.
"""

from __future__ import annotations

import json
import re

from starlette.types import ASGIApp, Receive, Scope, Send

API = "/gradio_api"
NAME = r"[A-Za-z0-9_]{1,60}"
HEARTBEAT = "heartbeat/"  # a stream without an end, by which Gradio notices that a page has been closed

PAGE = r"/|/config|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json|/pwa_icon|/preview\.png"
ASSETS = r"/(assets|static|svelte|modules)/[A-Za-z0-9_./@-]{1,200}"
TAUGHT = r"/taught/[0-9a-f]{16}/[A-Za-z0-9_-]{1,60}\.safetensors"  # weights of a visit's nets
READING = (
    r"info|app_id|openapi\.json|theme\.css|startup-events|upload_progress|queue/data|file=.{1,400}"
    rf"|call/(v2/)?{NAME}/[0-9a-f]{{32}}|{HEARTBEAT}[A-Za-z0-9_-]{{1,64}}"
)
WRITING = rf"run/{NAME}|queue/join|call/(v2/)?{NAME}|cancel|reset|upload|classify"

ALLOWED = {
    "GET": re.compile(rf"{PAGE}|{ASSETS}|{TAUGHT}|{API}/({READING})"),
    "POST": re.compile(rf"{API}/({WRITING})"),
    "OPTIONS": re.compile(rf"{API}/({WRITING})"),  # what a browser asks before another site's request
}
ALLOWED["HEAD"] = ALLOWED["GET"]
FOR_PROGRAMS = {f"{API}/classify", f"{API}/call/classify", f"{API}/call/v2/classify", f"{API}/upload"}


def allowed(method: str, path: str) -> bool:
    """Whether there is anything at this path, a trailing slash aside; what the page serves itself is in the pattern."""
    pattern = ALLOWED.get(method)
    return pattern is not None and pattern.fullmatch(path.rstrip("/") or "/") is not None


def from_elsewhere(headers: dict[bytes, bytes]) -> bool:
    """Whether a page of another site has let a browser send this.

    Browsers say so themselves in a header that no page can write. One that does not, or that sees no encryption, sends
    the page's origin, whose host has to be ours as the browser or a proxy names it.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    if origin is None:
        return False
    hosts = (headers.get(b"host"), headers.get(b"x-forwarded-host"))
    return origin.partition(b"://")[2].lower() not in [host.lower() for host in hosts if host]


class AllowedRoutes:
    """Answers 404 to every request that is not in ALLOWED, and 405 where only the method is another; no web sockets.

    403 to what another site's page asks, if that is not FOR_PROGRAMS.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if not allowed(scope["method"], path):
                known = any(allowed(method, path) for method in ALLOWED)
                await refuse(send, 405 if known else 404, "method not allowed" if known else "not found")
            elif scope["method"] == "POST" and path not in FOR_PROGRAMS and from_elsewhere(dict(scope["headers"])):
                await refuse(send, 403, "this is for the page itself, and not for pages of other sites")
            else:
                await self.app(scope, receive, send)


async def refuse(send: Send, status: int, error: str, **headers: str) -> None:
    """A whole answer that says why, as JSON; in headers an underscore stands for a hyphen."""
    body = json.dumps({"error": error}).encode()
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    named += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})

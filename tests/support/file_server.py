"""A file server on loopback with the faults of real ones: cuts, wrong sizes, redirects, questions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# in one line, as Google Drive writes it and gdown reads it
DRIVE_PAGE = (
    "<!DOCTYPE html><html><body><p>Google Drive can't scan this file for viruses.</p>"
    '<form id="download-form" action="https://drive.usercontent.google.com/confirmed" method="get">'
    '<input type="submit"/><input type="hidden" name="id" value="abc">'
    '<input type="hidden" name="export" value="download"><input type="hidden" name="confirm" value="t">'
    '<input type="hidden" name="uuid" value="1-2-3"></form></body></html>'
)


@dataclass
class Files:
    """What is served: `data` at any path but /redirect, /drive and /page; and what goes wrong.

    cuts          how many answers break off after `cut_after` bytes
    claimed       bytes more (or less) that Content-Length says
    ranges        whether a Range is honoured
    location      where /redirect leads
    asked         (path, Range header or None) of every request
    """

    url: str = ""
    data: bytes = b""
    etag: str = '"1"'
    status: int = 200
    cuts: int = 0
    cut_after: int = 0
    claimed: int = 0
    length: bool = True
    ranges: bool = True
    location: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    files: Files

    def do_GET(self) -> None:
        files, path, wanted = self.files, self.path.partition("?")[0], self.headers.get("Range")
        files.asked.append((self.path, wanted))
        if path == "/redirect":
            self.send_response(302)
            self.send_header("Location", files.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path in ("/drive", "/page"):
            page = (DRIVE_PAGE if path == "/drive" else "<html>log in</html>").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
        else:
            self._send(wanted)

    def _send(self, wanted: str | None) -> None:
        files, start = self.files, 0
        if wanted and files.ranges and self.headers.get("If-Range") in (None, files.etag):
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
        body = files.data[start:]
        self.send_response(206 if start and files.status == 200 else files.status)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(files.data) - 1}/{len(files.data)}")
        if files.length:
            self.send_header("Content-Length", str(len(body) + files.claimed))
        self.send_header("ETag", files.etag)
        self.end_headers()
        if files.cuts > 0:
            files.cuts -= 1
            body = body[: files.cut_after]
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the test's output to itself."""


@contextmanager
def serve(data: bytes = b"") -> Iterator[Files]:
    """Serve `data` on a free port of loopback while the block runs."""
    files = Files(data=data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"files": files}))
    files.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

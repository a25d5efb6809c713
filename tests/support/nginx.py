"""A real nginx with the configuration that docs/nginx.conf recommends, on free ports of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.serving.ports import free_port
from tests.support.serving import ROOT, STARTS_WITHIN_S

SITE = ROOT / "docs" / "nginx.conf"
MAIN = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    add_header X-Process $upstream_addr always;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Address, with the path, at which nginx shows the processes at `ports`; X-Process says who answered."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("openssl") is None:
        pytest.skip("no nginx or no openssl here: install Debian's packages `nginx-light` and `openssl`")
    port = free_port()
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    asked = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        certificate,
    ]
    subprocess.run([*asked, *subject], check=True, capture_output=True)
    site = SITE.read_text(encoding="utf-8")
    for old, new in [
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/etc/ssl/digits.pem", str(certificate)),
        ("/etc/ssl/digits.key", str(key)),
        ("server 127.0.0.1:7861", f"server 127.0.0.1:{ports[0]}"),
        ("server 127.0.0.1:7862", f"server 127.0.0.1:{ports[1]}"),
    ]:
        assert old in site, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.getuid() == 0 else ""  # its workers have to read the files here
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not (folder / "nginx.pid").exists() or not (folder / "nginx.pid").read_text().strip():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "out.log").read_text()
            time.sleep(0.05)
        yield f"https://127.0.0.1:{port}/digits"
    finally:
        process.terminate()
        process.wait(30)

"""Ports of this machine; imports nothing slow, so that a bad choice is told at once."""

from __future__ import annotations

import os
import socket

THIS_MACHINE = "127.0.0.1"
FIRST, TRIED = 7860, 100
BACKLOG = 2048


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens on this port, else on GRADIO_SERVER_PORT, else on the first free one from 7860.

    Raises OSError when that is taken.
    """
    wished = port or int(os.environ.get("GRADIO_SERVER_PORT") or 0)
    for candidate in [wished] if wished else range(FIRST, FIRST + TRIED):
        found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen(BACKLOG)
        except OSError:
            found.close()
            continue
        return found
    where = f"port {wished} is" if wished else f"the ports {FIRST} to {FIRST + TRIED - 1} are"
    raise OSError(f"{where} taken: choose another --port")


def taken(host: str | None, port: int) -> bool:
    """True when nothing can listen on this port of this host (default: this machine alone)."""
    address = host or os.environ.get("GRADIO_SERVER_NAME", THIS_MACHINE)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.strip("[]"), port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

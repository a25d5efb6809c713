"""Ports of this machine; imports nothing slow, so that a bad choice is told at once."""

from __future__ import annotations

import os
import socket


def taken(host: str | None, port: int) -> bool:
    """True when nothing can listen on this port of this host (default: this machine alone)."""
    address = host or os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
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

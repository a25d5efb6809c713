"""What fresh visits leave behind: `python -m tests.bench.sessions` draws once in each of very many new sessions.

A session costs memory as long as Gradio keeps it, and anybody can begin as many as he likes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.drawing import Pad, payloads
from tests.bench.light_client import LightClient, config_of

WARM_UP = 20
AT_ONCE = 4
REACH_MB = 50.0


async def visits(address: str, number: int) -> None:
    """So many sessions with one whole drawing each, a few at a time; raises OSError when one is not answered."""
    first = LightClient(address)
    config = await config_of(first)
    first.close()
    waiting = iter(range(number))

    async def some() -> None:
        client = LightClient(address)
        for each in waiting:
            pad = Pad(address, config, client)
            drawings = payloads()
            status, _ = await pad.send("release", drawings[each % len(drawings)][-1])
            if status != 200:
                raise OSError(f"session {each} was answered {status}")
        client.close()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def main(arguments: Sequence[str] | None = None) -> int:
    from tests.bench.page import _resident_mb, app

    parser = argparse.ArgumentParser(prog="python -m tests.bench.sessions", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000, metavar="N", help="fresh sessions (10,000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as (address, pid, _):
        asyncio.run(visits(address, WARM_UP))
        before = _resident_mb(pid)
        asyncio.run(visits(address, options.sessions))
        after = _resident_mb(pid)
    print(f"resident memory after {WARM_UP} sessions {before:.0f} MB, after {options.sessions:,} more {after:.0f} MB")
    return 0 if after - before < REACH_MB else 1


if __name__ == "__main__":
    sys.exit(main())

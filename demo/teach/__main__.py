"""The process of a lesson: `python -m demo.teach` takes an Order from its standard input and writes the lesson's events
to its standard output, each a pickle. Whatever a net prints goes to the standard error instead.

It has a low priority, is the first that a system short of memory ends, and ends itself with all that it has started
when the server at the other end is gone.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from demo.teach.lesson import Event, Order, give

NICE = 10
FIRST_TO_GO = "800"  # of 1000: whom Linux ends when memory is short


def main() -> None:
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(NICE)
    if sys.platform == "linux":
        with suppress(OSError):  # a system may not let it
            Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
    try:
        order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301  from the server that started this process
    except EOFError:
        return  # nobody has wanted a lesson
    threading.Thread(target=_end_with_the_server, daemon=True).start()

    def tell(event: Event) -> None:
        pickle.dump(event, out)
        out.flush()

    give(order, tell)
    os._exit(0)  # all is told: taking apart what was imported would only keep the next lesson waiting


def _end_with_the_server() -> None:
    os.read(0, 1)  # returns when the process at the other end is gone; not through sys.stdin, whose lock forks inherit
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()

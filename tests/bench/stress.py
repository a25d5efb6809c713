"""How long a stress test takes: `python -m tests.bench.stress [--net NAME ...]` runs one as the app does.

The figures only mean something on a machine with nothing else to do; the load average at the start is printed too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence

import architectures
from demo.draw.examples import examples
from demo.inference import CORES, available_nets, warm_up
from demo.stress.cells import Stress, answered
from demo.stress.grids import GRIDS
from demo.stress.heatmaps import heat_maps

LABEL = 7  # of the example that is drawn again
REPETITIONS = 3


def seconds(stress: Stress, nets: Sequence[str]) -> tuple[float, float]:
    """Until the first cells are on the page, and until all of them are."""
    started = time.perf_counter()
    first = None
    for progress in answered(stress, nets):
        heat_maps(stress, LABEL, progress)
        first = first or time.perf_counter() - started
    return first or 0.0, time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stress", description=__doc__)
    parser.add_argument("--net", nargs="+", choices=architectures.names(), help="nets that are asked (default: all)")
    parser.add_argument("--grid", choices=list(GRIDS), default=next(iter(GRIDS)), help="what is varied")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, metavar="N", help=f"default: {REPETITIONS}")
    options = parser.parse_args(arguments)
    nets = options.net or available_nets()
    failures = warm_up(nets)
    if failures:
        print("\n".join(f"{net}: {reason}" for net, reason in failures.items()), file=sys.stderr)
        return 1
    drawing = next(example for example in examples() if example.label == LABEL)
    stress = Stress(drawing, GRIDS[options.grid])
    load = os.getloadavg()[0]
    taken = [seconds(stress, nets) for _ in range(max(1, options.repetitions))]
    rows, columns = stress.shape
    print(f"{', '.join(nets)}; {options.grid}; {CORES} cores, load average {load:.1f} at the start")
    print(
        f"{len(nets)} nets x {rows * columns} cells: {statistics.median(total for _, total in taken):.2f} s "
        f"(first cells after {statistics.median(first for first, _ in taken):.2f} s; median of {len(taken)})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long a stress test takes: `python -m tests.bench.stress [--net ID ...]` runs both kinds as the app does.

The figures only mean something on a machine with nothing else to do; the load average at the start and the seconds of
processor time, which other programs do not lengthen as much, are printed too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from architectures.input.pen import PRESETS
from demo.draw.examples import examples
from demo.inference import CORES, both_trainings, warm_up
from demo.stress.against_mnist import against_mnist
from demo.stress.cells import Stress, answered
from demo.stress.grids import GRIDS
from demo.stress.heatmaps import heat_maps
from demo.stress.pen_panel import pen_panel

LABEL = 7  # of the example that is drawn again
REPETITIONS = 3
DIGITS = 200


def seconds(run: Callable[[], Iterator[Any]], show: Callable[[Any], object]) -> tuple[float, float, float]:
    """Until the first values are on the page, until all of them are, and processor time."""
    started, used = time.perf_counter(), time.process_time()
    first = None
    for progress in run():
        show(progress)
        first = first or time.perf_counter() - started
    return first or 0.0, time.perf_counter() - started, time.process_time() - used


def report(what: str, taken: Sequence[tuple[float, float, float]]) -> None:
    first, total, used = (statistics.median(column) for column in zip(*taken, strict=True))
    print(
        f"{what}: {total:.2f} s (first after {first:.2f} s; {used:.2f} s of processor time, "
        f"{used / CORES:.2f} s on each core; median of {len(taken)})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stress", description=__doc__)
    parser.add_argument("--net", nargs="+", choices=both_trainings(), help="nets that are asked (default: all)")
    parser.add_argument("--grid", choices=list(GRIDS), default=next(iter(GRIDS)), help="what is varied")
    parser.add_argument("--pen", choices=list(PRESETS), default="classic", help="pen that draws MNIST")
    parser.add_argument("--digits", type=int, default=DIGITS, metavar="N", help=f"default: {DIGITS}")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, metavar="N", help=f"default: {REPETITIONS}")
    options = parser.parse_args(arguments)
    nets = options.net or both_trainings()
    failures = warm_up(nets)
    if failures:
        print("\n".join(f"{net}: {reason}" for net, reason in failures.items()), file=sys.stderr)
        return 1
    print(f"{', '.join(nets)}; {CORES} cores, load average {os.getloadavg()[0]:.1f} at the start")
    times = range(max(1, options.repetitions))
    pen = PRESETS[options.pen]
    taken = [seconds(lambda: against_mnist(pen, nets, options.digits), lambda run: pen_panel(run, {})) for _ in times]
    report(f"{len(nets)} nets x {options.digits} digits of MNIST, {options.pen}", taken)
    drawing = next(example for example in examples() if example.label == LABEL)
    stress = Stress(drawing, GRIDS[options.grid])
    rows, columns = stress.shape
    taken = [seconds(lambda: answered(stress, nets), lambda run: heat_maps(stress, LABEL, run)) for _ in times]
    report(f"{len(nets)} nets x {rows * columns} cells, {options.grid}", taken)
    return 0


if __name__ == "__main__":
    sys.exit(main())

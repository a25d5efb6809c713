"""What lessons take, and what they teach: `python -m tests.bench.lessons` clicks in Chromium until nets are taught.

And what people who draw meanwhile feel of one. The reach is that of a machine with nothing else to do which imports
Gradio and torch in 2.2 s (the first line says how long this one took).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from architectures.input.pen import PRESETS, Pen
from demo.teach.lesson import Learned, Order, Pupil, Step
from demo.teach.process import lesson
from tests.bench.page import Figure, app, chromium, crowd, figure, import_times, table

PENS = {
    "ribbon": PRESETS["ribbon"],
    "hairline": PRESETS["hairline"],
    "plain blue": Pen(thinnest_px=20, widest_px=20, colour="#0000ff"),
}
QUICK, BOTH = ("resnet-ish",), ("resnet-ish", "lenet-like")
CLICK_S = {QUICK: 4.0, BOTH: 7.0}
IMPORTS_S = 2.2  # of the machine that the reach is meant for
GETS_READY_S = 5.0  # between the button's appearance and the click
TAUGHT_WITHIN_S = 600
SLOWER = 1.5  # so many times what it was may be the p95 of those who draw during a lesson


def click_to_taught(browser: Browser, address: str, nets: Sequence[str], pen: Pen) -> float:
    """Seconds from the click to the sentence, for exactly these nets: the page offers what its browser remembers."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    kept = [{"nets": nets, "pen": pen.to_dict(), "steps": Order.steps, "digits": Order.digits, "seed": 0, "visit": ""}]
    page.add_init_script(f"sessionStorage.setItem('lessons', {json.dumps(json.dumps(kept))})")
    page.goto(address)
    button = page.locator("#teach-slot .go")
    button.wait_for()
    page.wait_for_timeout(GETS_READY_S * 1000)
    started = time.perf_counter()
    button.click()
    page.locator("#teach-slot .teach[data-state=done]").wait_for(timeout=TAUGHT_WITHIN_S * 1000)
    seconds = time.perf_counter() - started
    page.locator("#teach-slot .pen-map").last.wait_for(timeout=TAUGHT_WITHIN_S * 1000)  # the one that stands open
    page.context.close()
    return seconds


def learned(pen: Pen, nets: Sequence[str]) -> Iterator[Learned]:
    """What the nets have learned, as the page tells it, each as soon as it has."""
    with closing(lesson(Order(pen, tuple(Pupil(f"{net}/mnist-only") for net in nets), chosen=True))) as told:
        yield from (event for events in told for event in events if isinstance(event, Learned))


@contextmanager
def lessons_going_on() -> Iterator[None]:
    """One lesson after the other, from when the first net learns."""
    order = Order(PENS["hairline"], tuple(Pupil(f"{net}/mnist-only") for net in BOTH), chosen=True)
    learning, enough = threading.Event(), threading.Event()

    def give() -> None:
        while not enough.is_set():
            with closing(lesson(order)) as told:
                for events in told:
                    if any(isinstance(event, Step) for event in events):
                        learning.set()
                    if enough.is_set():
                        return

    giving = threading.Thread(target=give)
    giving.start()
    learning.wait(TAUGHT_WITHIN_S)
    try:
        yield
    finally:
        enough.set()
        giving.join()


def measure(repetitions: int, people: int) -> Iterator[Figure]:
    """The figures, each as soon as it is measured."""
    yield figure("python -c 'import gradio, torch'", "s", import_times())
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as (address, *_):
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for nets, reach in CLICK_S.items():
                times = [click_to_taught(browser, address, nets, PENS["hairline"]) for _ in range(repetitions)]
                yield figure(f"click to taught, {' and '.join(nets)}", "s", times, reach)
        crowd(address, people)  # the first answers wait for what every process does once
        alone, lost = crowd(address, people)
        yield figure(f"{people} people drawing at once", "ms", alone)
        with lessons_going_on():
            during, more = crowd(address, people)
        bound = SLOWER * figure("", "ms", alone).p95
        yield figure("the same while nets are taught", "ms", during, None, bound)
        yield figure("answers lost or wrong", "", [lost + more], 0)
    for name, pen in PENS.items():
        for one in learned(pen, BOTH):
            net = one.net_id.partition("/")[0]
            before, after = (100 - 100 * each["pen"] / each["total"] for each in (one.before, one.after))
            yield figure(f"{name}: errors of {net} before a lesson", "%", [before])
            yield figure(f"{name}: errors of {net} after it", "%", [after])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lessons", description="Measure lessons.")
    parser.add_argument("--repetitions", type=int, default=3, metavar="N", help="lessons for each figure (3)")
    parser.add_argument("--people", type=int, default=20, metavar="N", help="people drawing at once (20)")
    parser.add_argument("--json", type=Path, default=Path("bench-lessons.json"), metavar="FILE", help="for the figures")
    options = parser.parse_args(arguments)
    load, figures = os.getloadavg()[0], []
    for found in measure(options.repetitions, options.people):
        figures.append(found)
        print(f"{found.what}: {found.median:.4g} {found.unit}, p95 {found.p95:.4g}", file=sys.stderr, flush=True)
    ratio = figures[0].median / IMPORTS_S
    report = {"load_at_start": load, "times_as_slow": ratio, "figures": [asdict(one) for one in figures]}
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(
        f"{table(figures)}\n\nThis machine imports {ratio:.1f} times as slowly as the one that the reach is meant for."
    )
    if load > 0.5:
        print(f"It was not quiet (load average {load:.1f} at the start): these figures are too high.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How fast the page is: `python -m tests.bench.page` starts the app, draws on it in Chromium, and asks it things.

What counts is what a person waits for: from the pen's lifting to the last change of the bars that follows, on real
pages, with the real nets. The figures only mean something on a machine with nothing else to do; the load average at
the start goes into the report.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
from gradio_client import Client
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from architectures.input.strokes import Strokes
from demo.draw.examples import examples
from demo.serving.ports import free_port
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import image_url
from tests.bench import tabs
from tests.bench.many_nets import installation

ROOT = Path(__file__).parents[2]
OBSERVER = Path(__file__).with_suffix(".js")
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WARM_UP = 10  # drawings before those that count
STARTS = 5
FEW_AND_MANY = (3, 30)
FOUNDERS = ("caps-net", "lenet-like", "resnet-ish")  # one of them has a decoder
FIRST_DRAWINGS = 5
NO_ANSWER = ".bars.waiting, .bars table.waiting"  # as the page says it now, and as it said it before 0.2
PARTS = ("bars", "tiles", "line")  # of the page, as page.js names them
PREDICTIONS = 200
DRAWINGS_EACH = 10
SETTLED_MS = 700  # a page that did not change for so long has had its last answer
SLOWDOWN = 4  # of the processor, while frames are counted
STROKE_S = 3.0
FRAME_COUNTS = 3
FIRST_VISITS = 3
COUNT_FRAMES = """() => {
    window.counted = 0;
    const next = () => { counted += 1; requestAnimationFrame(next); };
    requestAnimationFrame(next);
}"""
ANSWERED_WITHIN_S = 120


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, in which unit, over how many repetitions, and what is to be reached.

    reach is (median, p95) for times; a single bound stands in the first place.
    """

    what: str
    unit: str
    repetitions: int
    median: float
    p95: float
    reach: tuple[float | None, float | None]

    @property
    def reached(self) -> bool:
        return all(
            bound is None or value <= bound for value, bound in zip((self.median, self.p95), self.reach, strict=True)
        )


def figure(what: str, unit: str, values: Sequence[float], *reach: float | None) -> Figure:
    """The median and the 95th percentile (the smallest value that 95 % do not exceed) of measured values."""
    ordered = sorted(values)
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    return Figure(what, unit, len(values), statistics.median(values), p95, (*reach, None, None)[:2])  # type: ignore[arg-type]


@contextmanager
def app(folder: Path, project: Path = ROOT) -> Iterator[tuple[str, int, float]]:
    """The app in a process of its own: address, process id, and seconds from its start to the first HTTP 200.

    Its database is made in `folder`; its code is that of `project`.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "app.py", "--port", str(port), "--db", f"sqlite:///{folder}/bench.sqlite"]
    started = time.perf_counter()
    environment = {**os.environ, "FORWARDED_ALLOW_IPS": "127.0.0.1"}  # crowds come from networks of their own
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=project, env=environment, **quiet) as process:
        try:
            while not _answers(port):
                if process.poll() is not None:
                    raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}")
                time.sleep(0.02)
            yield address, process.pid, time.perf_counter() - started
        finally:
            process.terminate()


def chromium(playwright: Playwright) -> Browser:
    """Playwright's own Chromium where it is installed, else the machine's."""
    own = Path(playwright.chromium.executable_path).is_file()
    return playwright.chromium.launch(executable_path=None if own else shutil.which("chromium"), args=CHROMIUM)


def start_times(folder: Path, project: Path = ROOT) -> list[float]:
    """Seconds from `python app.py` to the first HTTP 200; a first start, which writes the byte code, does not count."""
    times = []
    for _ in range(1 + STARTS):
        with app(folder, project) as (_, _, seconds):
            times.append(seconds)
    return times[1:]


def import_times() -> list[float]:
    """Seconds that Python takes to import Gradio and torch, which no start of the app can do without."""
    times = []
    for _ in range(1 + STARTS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import gradio, torch"], check=True)
        times.append(time.perf_counter() - started)
    return times[1:]


def drawing_times(browser: Browser, address: str, net: str, repetitions: int) -> dict[str, list[float]]:
    """Milliseconds from pen up to the last change of each PART of the page, for one drawing after another."""
    page = _open(browser, address, net)
    times = [_draw(page, strokes) for strokes in _strokes(WARM_UP + repetitions)]
    page.context.close()
    return {part: [drawn[part] for drawn in times[WARM_UP:]] for part in PARTS}


def cold_load(browser: Browser, address: str) -> float:
    """kB that a first visit transfers until the page has been quiet for a second after the nets' first words."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    transferred: list[float] = []
    network = page.context.new_cdp_session(page)
    network.on("Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"]))
    network.send("Network.enable")
    page.goto(address)
    page.locator("#bars tbody tr").first.wait_for()
    seen = -1
    while seen != len(transferred):
        seen = len(transferred)
        page.wait_for_timeout(1000)
    page.context.close()
    return sum(transferred) / 1000


def frame_rate(browser: Browser, address: str) -> float:
    """Frames a second while a stroke is drawn and all nets read it, on a processor that is SLOWDOWN times as slow."""
    page = _open(browser, address, "all")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    place = page.locator("#pad canvas").first.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 4, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.evaluate(COUNT_FRAMES)
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < STROKE_S:
        turn = elapsed * 4
        x, y = 0.5 + 0.3 * math.cos(turn), 0.5 + 0.3 * math.sin(turn)
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
    frames = float(page.evaluate("counted"))
    page.mouse.up()
    page.context.close()
    return frames / elapsed


def first_drawing_times(browser: Browser, address: str, repetitions: int) -> list[float]:
    """The same for the first drawing on pages just opened."""
    times = []
    for strokes in _strokes(repetitions):
        page = _open(browser, address, "all")
        times.append(_draw(page, strokes)["bars"])
        page.context.close()
    return times


def laboratory_times(browser: Browser, address: str, repetitions: int) -> tuple[list[float], list[float]]:
    """Milliseconds from a slider to its decoded digit, and from a chosen capsule to its panels, on one page."""
    page = _open(browser, address, "all")
    for strokes in _strokes(1):
        _draw(page, strokes)
    tabs.open_laboratory(page)
    sliders, panels = (
        [measure_one(page, move) for move in range(WARM_UP + repetitions)]
        for measure_one in (tabs.slider_ms, tabs.panels_ms)
    )
    page.context.close()
    return sliders[WARM_UP:], panels[WARM_UP:]


def paint_times(browser: Browser, address: str, repetitions: int) -> Iterator[tuple[str, list[float]]]:
    """Milliseconds to the first paint of each tab, on pages just opened."""
    for name in ("laboratory", "Stress test", "Gallery", "Challenge"):
        times = []
        for _ in range(repetitions):
            page = _open(browser, address, "all")
            times.append(tabs.paint_ms(page, name))
            page.context.close()
        yield name, times


def memory(address: str, pid: int) -> list[float]:
    """Resident MB of the server after 100 and after 200 drawings read by every net in both trainings."""
    resident = []
    for number, strokes in enumerate(_strokes(PREDICTIONS), start=1):
        asked = {"image": image_url(Drawing.of(strokes).image), "net": "all/both"}
        httpx.post(f"{address}/gradio_api/classify", json=asked, timeout=ANSWERED_WITHIN_S).raise_for_status()
        if number in (PREDICTIONS // 2, PREDICTIONS):
            resident.append(_resident_mb(pid))
    return resident


def crowd(address: str, people: int) -> tuple[list[float], int]:
    """Milliseconds of each answer that `people` drawing at once got, and how many answers they did not get."""
    everyone = Barrier(people)

    def one(person: int) -> list[float | None]:
        client = Client(address, verbose=False, ssl_verify=False)  # else every request loads all certificates: 20 ms
        images = [image_url(Drawing.of(strokes).image) for strokes in _strokes(DRAWINGS_EACH, seed=person)]
        everyone.wait()
        return [_timed_answer(client, image) for image in images]

    with ThreadPoolExecutor(people) as pool:
        answers = [time_ms for times in pool.map(one, range(people)) for time_ms in times]
    return [time_ms for time_ms in answers if time_ms is not None], answers.count(None)


def measure(repetitions: int, people: int, before: Path | None = None) -> Iterator[Figure]:
    """The figures, each as soon as it is measured.

    before  another checkout of this project, of which the first figures are measured between those of this one
    """
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        imports = import_times()
        yield figure("python -c 'import gradio, torch'", "s", imports)
        bound = statistics.median(imports)
        yield figure("python app.py to first HTTP 200", "s", start_times(Path(folder)), bound)
        for nets in FEW_AND_MANY:
            with installation(nets) as project:
                yield figure(f"the same with {nets} nets installed", "s", start_times(Path(folder), project), bound)
        browser = chromium(playwright)
        with app(Path(folder)) as (address, pid, _):
            loads = [cold_load(browser, address) for _ in range(FIRST_VISITS)]
            yield figure("transferred at a first visit", "kB", loads, 450, 450)
            frames = [1000 / frame_rate(browser, address) for _ in range(FRAME_COUNTS)]
            yield figure(f"between frames while drawing, processor {SLOWDOWN} times as slow", "ms", frames, 20)
            first = first_drawing_times(browser, address, min(FIRST_DRAWINGS, repetitions))
            yield figure("pen up to bars changed, all nets, first drawing after page load", "ms", first, 250)
            one = drawing_times(browser, address, "resnet-ish", repetitions)
            yield figure("pen up to tile, resnet-ish", "ms", one["tiles"], 32, 40)
            every = drawing_times(browser, address, "all", repetitions)
            yield figure("pen up to tiles, all nets of one training", "ms", every["tiles"], 50, 80)
            yield figure("pen up to bars, all nets and the reconstructions", "ms", every["bars"], 60, 100)
            yield figure("pen up to the line about the other training", "ms", every["line"], 120)
            sliders, panels = laboratory_times(browser, address, repetitions)
            yield figure("slider moved to decoded digit", "ms", sliders, None, 50)
            yield figure("capsule chosen to opinions and routing", "ms", panels, None, 150)
            if before is not None:
                with tempfile.TemporaryDirectory() as store, app(Path(store), before) as (other, *_):
                    for net, said in (("resnet-ish", "resnet-ish"), ("all", "all nets and the reconstructions")):
                        times = drawing_times(browser, other, net, repetitions)["bars"]
                        yield figure(f"pen up to bars, {said}, in {before.name}", "ms", times)
                        times = drawing_times(browser, address, net, repetitions)["bars"]
                        yield figure("the same here, just after", "ms", times)
            for name, painted in paint_times(browser, address, min(FIRST_DRAWINGS, repetitions)):
                yield figure(f"click to first paint, {name}", "ms", painted, None, 300)
        with installation(FOUNDERS) as project, app(Path(folder), project) as (three, *_):
            founders = drawing_times(browser, three, "all", repetitions)
            yield figure("the same where only the first three nets are installed", "ms", founders["bars"], 60, 100)
        with app(Path(folder)) as (address, pid, _):
            halfway, end = memory(address, pid)
            yield figure(f"resident memory after {PREDICTIONS} predictions", "MB", [end], 700)
            yield figure(f"growth from the {PREDICTIONS // 2}th to the {PREDICTIONS}th", "MB", [end - halfway], 1)
            times, lost = crowd(address, people)
            yield figure(f"{people} people drawing at once, resnet-ish", "ms", times, None, 500)
            yield figure("answers lost or wrong meanwhile", "", [lost], 0)


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| | n | median | p95 | reach | |", "|---|---|---|---|---|---|"]
    for found in figures:
        bounds = zip(("median", "p95"), found.reach, strict=True)
        reach = ", ".join(f"{name} {bound:g}" for name, bound in bounds if bound is not None)
        numbers = f"{found.repetitions} | {found.median:.4g} {found.unit} | {found.p95:.4g} {found.unit}"
        lines.append(f"| {found.what} | {numbers} | {reach} | {'yes' if found.reached else 'no'} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page", description="Measure how fast the page is.")
    parser.add_argument("--repetitions", type=int, default=60, metavar="N", help="drawings for each figure (60)")
    parser.add_argument("--people", type=int, default=20, metavar="N", help="people drawing at once (20)")
    parser.add_argument("--before", type=Path, metavar="DIR", help="another checkout to compare with in the same run")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE", help="where the figures go")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    figures = []
    for found in measure(options.repetitions, options.people, options.before and options.before.resolve()):
        figures.append(found)
        print(f"{found.what}: {found.median:.4g} {found.unit}, p95 {found.p95:.4g}", file=sys.stderr, flush=True)
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    report: dict[str, Any] = {"machine": machine, "load_at_start": load}
    report["figures"] = [asdict(one) for one in figures]
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(figures))
    if load > 0.5:
        print(f"\nThe machine was not quiet (load average {load:.1f} at the start): these figures are too high.")
    return 0


def _answers(port: int) -> bool:
    """Whether the app answers; asked without a client, whose making would take the time of the app's own start."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _open(browser: Browser, address: str, net: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(address)
    page.locator("#pad canvas").first.wait_for()
    page.locator("#bars tbody tr").first.wait_for()
    page.locator("#net label").filter(has=page.locator(f"input[value={net}]")).click()
    page.evaluate(OBSERVER.read_text(encoding="utf-8"))
    return page


def _draw(page: Page, strokes: Strokes) -> dict[str, float]:
    """Clear the pad, draw, and return the milliseconds from the last pen up to the last change of each part.

    A part that showed the last answer already while the pen was down has waited for nothing: 0.
    """
    page.keyboard.press("Escape")
    page.locator(NO_ANSWER).wait_for(timeout=ANSWERED_WITHIN_S * 1000)
    place = page.locator("#pad canvas").first.bounding_box()
    assert place is not None
    for stroke in strokes:
        for number, (x, y, *_) in enumerate(stroke):
            page.mouse.move(place["x"] + _inside(x) * place["width"], place["y"] + _inside(y) * place["height"])
            if number == 0:
                page.mouse.down()
        page.mouse.up()
    settled = f"bench.changed.bars && performance.now() - Math.max(...Object.values(bench.changed)) > {SETTLED_MS}"
    page.wait_for_function(settled, timeout=ANSWERED_WITHIN_S * 1000)
    waited = "part => Math.max(0, bench.changed[part] - bench.lifted)"
    return {part: float(page.evaluate(waited, part)) for part in PARTS}


def _strokes(count: int, seed: int = 0) -> Iterator[Strokes]:
    """Drawings of this project, each a little turned about differently, so that no two answers are the same."""
    dice = random.Random(seed)
    drawings = [drawing.strokes for drawing in examples() if drawing.strokes]
    for _ in range(count):
        dx, dy = dice.uniform(-0.03, 0.03), dice.uniform(-0.03, 0.03)
        yield [[[_inside(x, dx), _inside(y, dy)] for x, y, *_ in stroke] for stroke in dice.choice(drawings)]


def _inside(coordinate: float | None, shift: float = 0.0) -> float:
    assert coordinate is not None  # only time and pressure may be missing
    return min(max(coordinate + shift, 0.02), 0.98)


def _timed_answer(client: Client, image: str) -> float | None:
    """Milliseconds to an answer; None for an error or for an answer that is none."""
    started = time.perf_counter()
    try:
        answer = client.predict(image, "resnet-ish", api_name="/classify")
    except (OSError, RuntimeError, ValueError) as error:
        print(f"an answer was lost: {error}", file=sys.stderr)
        return None
    answered = time.perf_counter() - started
    return answered * 1000 if answer["resnet-ish"]["digit"] in range(10) else None


def _resident_mb(pid: int) -> float:
    """Resident memory of a process, in MB, as Linux tells it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    sys.exit(main())

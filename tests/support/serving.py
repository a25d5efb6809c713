"""The real app, served by a process of its own, and a real browser to look at it: fixtures of the page's tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from architectures.input.mnist_like import mnist_like
from demo.draw.sees import sees
from demo.inference import Predictions
from demo.serving.ports import free_port
from demo.sketchpad.payload import image_from

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 180  # a busy machine imports torch slowly; nobody waits longer than it takes
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEBIANS = ("chromium", "chromium-browser", "google-chrome")


def answers(address: str, within_s: float = 10) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=within_s) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(
    *arguments: str, log: Path, project: Path = ROOT, port: int | None = None, **environment: str
) -> tuple[subprocess.Popen[bytes], str]:
    """`python app.py` of `project` on a port, free if none is named; the process, and its address once it answers."""
    port = port or free_port()
    command = [sys.executable, "app.py", "--port", str(port), *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=project, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            pytest.fail(f"{' '.join(command)} does not answer:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)
    return process, address


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server of this test run prints."""
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="session")
def server(server_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, started once and shared by all tests; its database is a file of its own."""
    database = tmp_path_factory.mktemp("drawings") / "drawings.sqlite"
    process, address = start("--db", f"sqlite:///{database}", log=server_log)
    yield address
    stop(process)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium: Playwright's own where it is installed, else the system's."""
    own = Path(playwright.chromium.executable_path)
    found = None if own.is_file() else next(filter(None, map(shutil.which, DEBIANS)), None)
    if found is None and not own.is_file():
        pytest.fail("no Chromium: run `make test`, or `python -m playwright install chromium`")
    running = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
    yield running
    running.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the app in a browser of a given size; an error in the page's console fails the test.

    visit(width=1280, height=800, path="/", **settings of the browser's context)
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(width: int = 1280, height: int = 800, path: str = "/", **settings: object) -> Page:
        settings = {"reduced_motion": "reduce", **settings}  # else the pad draws something by itself
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server + path)
        there: Literal["attached", "visible"] = "attached" if "tab=" in path else "visible"  # another tab lies in front
        page.locator("#bars tbody tr").first.wait_for(state=there)
        page.locator("#pad canvas").first.wait_for(state=there)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors, f"errors in the page's console: {errors}"


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The app at 1280 x 800."""
    return visit()


SEVEN = [(0.28, 0.25), (0.5, 0.22), (0.72, 0.24), (0.62, 0.45), (0.5, 0.65), (0.42, 0.85)]
ONE = [(0.5, 0.15), (0.5, 0.5), (0.5, 0.85)]


def draw(page: Page, points: list[tuple[float, float]] = SEVEN, *, lift: bool = True) -> None:
    """Draw a stroke through points of the unit square with the mouse, and lift the pen."""
    page.wait_for_function("() => document.querySelector('#pad .sketchpad')?.sketchpad")  # its script may come later
    canvas = page.locator("#pad canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    if lift:
        page.mouse.up()


def drawn(page: Page) -> str:
    """The image that the nets are fed, `like MNIST`, of what is on the pad now, as the page shows it."""
    image = image_from(page.evaluate("document.querySelector('#pad .sketchpad').sketchpad.image"))
    image_url: str = sees(Predictions(mnist_like(image)))["image"]
    return image_url


def answered(page: Page) -> str:
    """Wait until the nets have read what is on the pad, not a part of it; returns the image that they were fed."""
    page.locator("#verdict .tile.answered").first.wait_for()
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while page.locator("#sees img").get_attribute("src") != (image := drawn(page)):
        assert time.monotonic() < deadline, "the nets have not been fed what is on the pad"
    return image


def winners(page: Page) -> dict[str, int]:
    """The digit that each net predicts now, by the name of the net, as the tiles show it."""
    digits: dict[str, int] = page.locator("#verdict").evaluate(
        """verdict => Object.fromEntries([...verdict.querySelectorAll(".tile.answered")].map(tile => [
            tile.querySelector(".name").textContent, Number(tile.querySelector(".digit").textContent)]))"""
    )
    return digits


def values(page: Page) -> list[str]:
    """Every value that the bars show, row by row."""
    return page.locator("#bars td .value").all_text_contents()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a CSS colour `rgb(r, g, b)`."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two CSS colours, 1 to 21; WCAG AA asks 4.5 for text."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)

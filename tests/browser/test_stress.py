"""The stress test as a person runs it: cells fill, a cancel stops the server, and a cell goes back to the pad."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from demo.serving.server import launch
from demo.sketchpad import Sketchpad
from demo.stress import cells
from demo.stress import tab as stress_tab
from demo.stress.cells import Progress, Stress
from tests.support.serving import PATIENCE_MS, draw

LONG_MS = 240_000  # six hundred answers on a busy machine
DONE = "#stress-maps .state"


def start(page: Page, digit: str = "7") -> None:
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    run(page, digit)


def run(page: Page, digit: str = "7") -> None:
    page.get_by_role("tab", name="Stress test").first.click()
    page.locator("#stress-digit label", has_text=digit).click()
    page.locator("#stress-start").click()
    page.locator("#stress-maps .cell.right, #stress-maps .cell.wrong").first.wait_for(timeout=LONG_MS)


class Watched:
    """The cells that this process answers: it stands still after each batch until `go` is set."""

    def __init__(self) -> None:
        self.done: list[int] = []  # cells that every net had answered, after each batch
        self.go = threading.Event()
        self.ended = threading.Event()

    def answered(self, stress: Stress, nets: Sequence[str]) -> Iterator[Progress]:
        try:
            for progress in cells.answered(stress, nets):
                self.done.append(progress.done)
                yield progress
                self.go.wait()
        finally:
            self.ended.set()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    run = Watched()
    monkeypatch.setattr(stress_tab, "answered", run.answered)
    yield run
    run.go.set()


@pytest.fixture
def own_page(browser: Browser) -> Iterator[Page]:
    """The pad and the stress test alone, served by this process, so that the test sees what the server does."""
    with gr.Blocks() as blocks, gr.Tabs() as tabs:
        with gr.Tab("Draw", id="draw"):
            pad = Sketchpad(elem_id="pad")
        with gr.Tab("Stress test"):
            stress_tab.tab(pad, tabs)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(launch(blocks))
    page.locator("#pad canvas").first.wait_for()
    yield page
    context.close()
    blocks.close()


def test_a_cancel_stops_the_run_on_the_server(watched: Watched, own_page: Page) -> None:
    draw(own_page)
    run(own_page)
    with own_page.expect_request(lambda request: request.url.endswith("/cancel")):  # answered once the batch has ended
        own_page.locator("#stress-cancel").click()
    watched.go.set()
    assert watched.ended.wait(LONG_MS / 1000)
    assert 0 < watched.done[-1] < 200


def test_the_cells_fill_batch_by_batch(watched: Watched, own_page: Page) -> None:
    draw(own_page)
    run(own_page)
    progress = own_page.locator("#stress-maps .progress")
    expect(progress).to_have_attribute("aria-valuenow", "10")
    watched.go.set()
    expect(own_page.locator(DONE)).to_contain_text("200 of 200", timeout=LONG_MS)
    assert watched.done == list(range(20, 201, 20))
    expect(progress).to_have_attribute("aria-valuenow", "100")


def test_every_net_answers_every_cell_and_a_cell_goes_to_the_pad(page: Page, tmp_path: Path) -> None:
    start(page, "3")  # said to be a 3, so that every net is wrong about the seven and there is a smallest change
    expect(page.locator(DONE)).to_contain_text("200 of 200", timeout=LONG_MS)
    maps = page.locator("#stress-maps .map")
    for at in range(maps.count()):
        one = maps.nth(at)
        assert one.locator(".cell.right").count() + one.locator(".cell.wrong").count() == 200
    smallest = maps.first.locator(".smallest")
    expect(smallest.locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
    with page.expect_download() as download:
        page.locator("#stress-save").click()
    download.value.save_as(tmp_path / "maps.png")
    with Image.open(tmp_path / "maps.png") as image:
        assert image.format == "PNG" and image.size[1] > 300 * maps.count()
    before = page.locator("#pad canvas").first.evaluate("pad => pad.toDataURL()")
    maps.first.locator(".cell").first.click()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    page.wait_for_function("before => document.querySelector('#pad canvas').toDataURL() !== before", arg=before)


def test_a_run_without_a_digit_says_what_is_missing(page: Page) -> None:
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    page.get_by_role("tab", name="Stress test").click()
    page.locator("#stress-start").click()
    expect(page.locator(DONE)).to_contain_text("which digit")


def test_on_a_phone_every_choice_is_as_tall_as_a_thumb_and_nothing_is_wider_than_the_page(
    visit: Callable[..., Page],
) -> None:
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    page.get_by_role("tab", name="Stress test").first.click()
    page.locator("#stress-start").wait_for()
    heights = page.locator("#stress-digit label, #stress-way label, #stress-buttons button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) == 15 and min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    names = page.get_by_role("tab").evaluate_all("all => all.map(one => [one.scrollWidth, one.clientWidth])")
    assert len(names) == 5 and all(needed <= given for needed, given in names), "a tab's name is cut off"

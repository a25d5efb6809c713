"""The stress test as a person runs it: a pen against MNIST, cells that fill, a cancel that stops the server."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from demo.serving.server import launch
from demo.sketchpad import Sketchpad
from demo.stress import cells
from demo.stress import tab as stress_tab
from demo.stress.cells import Progress, Stress
from tests.support.serving import PATIENCE_MS, answered, draw

LONG_MS = 240_000  # sixteen hundred answers on a busy machine
DONE = "#stress-maps .state"


@pytest.fixture(scope="module")
def stress(browser: Browser, server: str) -> Iterator[Page]:
    """One page for the whole module, with a seven on its pad and the stress test open."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server)
    page.locator("#pad canvas").first.wait_for()
    draw(page)
    go_in(page)
    yield page
    context.close()
    assert not errors


def go_in(page: Page) -> None:
    page.get_by_role("tab", name="Stress test").first.click()
    page.locator("#pen-run .go").wait_for()


def pen(page: Page) -> dict[str, object]:
    found: dict[str, object] = page.evaluate("document.querySelector('#pad .sketchpad').sketchpad.pen")
    return found


def set_pen(page: Page, **fields: object) -> None:
    page.evaluate("pen => document.querySelector('#pad .sketchpad').sketchpad.setPen(pen)", fields)


def test_a_pen_meets_five_hundred_digits_and_its_run_stays_in_the_table(stress: Page, tmp_path: Path) -> None:
    go_in(stress)
    set_pen(stress, thinnest_px=4, widest_px=12, hue_start_deg=240)
    stress.locator("#pen-run .go").click()
    stress.locator("#pen-run .runs tbody tr").first.wait_for(timeout=LONG_MS)
    rows = stress.locator("#pen-run .accuracies tbody tr")
    expect(rows).to_have_count(4)
    for row in range(4):
        shares = rows.nth(row).locator("b").all_text_contents()
        assert len(shares) == 2 and all(re.fullmatch(r"\d+\.\d %", share) for share in shares)
        assert re.search(
            r"\d+ of 500 correct; 95 % interval", rows.nth(row).locator("td").first.get_attribute("title") or ""
        )
    expect(stress.locator("#pen-run .wall li")).to_have_count(24)
    assert stress.locator("#pen-run .wall .wrong").count() >= 24, "each of them fooled somebody"
    with stress.expect_download() as download:
        stress.locator("#pen-run .csv").click()
    download.value.save_as(tmp_path / "runs.csv")
    header, *lines = csv.reader((tmp_path / "runs.csv").read_text().splitlines())
    assert len(lines) == 8 * 500
    first = [dict(zip(header, line, strict=True)) for line in lines[:500]]
    correct = sum(int(line["correct"]) for line in first)
    assert f"{correct / 5:.1f} %" in rows.filter(has_text=first[0]["net"]).locator("b").all_text_contents()
    with stress.expect_download() as download:
        stress.locator("#pen-run .json").click()
    download.value.save_as(tmp_path / "runs.json")
    assert json.loads((tmp_path / "runs.json").read_text())["runs"][0]["pen"]["widest_px"] == 12
    set_pen(stress, widest_px=30)
    stress.locator("#pen-run .use").first.click()
    assert pen(stress)["widest_px"] == 12
    stress.locator("#pen-run .wall button").first.click()
    expect(stress.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    stress.wait_for_function("() => document.querySelector('#pad .sketchpad').sketchpad.strokes.length > 0")


def test_a_run_of_a_pen_is_cancelled_and_another_one_can_begin(visit: Callable[..., Page]) -> None:
    page = visit()
    go_in(page)
    go, stop, state = (page.locator(f"#pen-run .{name}") for name in ("go", "stop", "state"))
    go.click()
    expect(stop).to_be_visible()
    page.locator("#pen-run .accuracies tbody tr").first.wait_for(timeout=LONG_MS)
    stop.click()
    expect(state).to_contain_text("cancelled after")
    expect(stop).to_be_hidden()
    expect(go).to_be_enabled()
    assert page.locator("#pen-run .runs tbody tr").count() == 0, "half a run is no figure"
    go.click()
    expect(state).to_contain_text(re.compile(r"^\d+ of 500"), timeout=LONG_MS)
    stop.click()
    expect(state).to_contain_text("cancelled after")


def test_a_run_that_cannot_begin_says_so_and_can_be_tried_again(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(server)
    page.locator("#pad canvas").first.wait_for()
    draw(page)
    go_in(page)
    page.route("**/gradio_api/queue/join**", lambda route: route.fulfill(status=503, json={"detail": "full"}))
    go, state = page.locator("#pen-run .go"), page.locator("#pen-run .state")
    go.click()
    expect(state).to_contain_text("could not go on with this run")
    page.locator("#stress-digit label", has_text="7").click()
    page.locator("#stress-start").click()
    expect(page.locator(DONE)).to_contain_text("could not go on with this test")
    page.unroute("**/gradio_api/queue/join**")
    go.click()
    expect(state).to_contain_text(re.compile(r"^\d+ of 500"), timeout=LONG_MS)
    page.locator("#pen-run .stop").click()
    expect(go).to_be_enabled()
    page.locator("#stress-start").click()
    page.locator("#stress-maps .cell.right, #stress-maps .cell.wrong").first.wait_for(timeout=LONG_MS)
    context.close()


def test_a_link_carries_the_pen(visit: Callable[..., Page]) -> None:
    wanted = {"thinnest_px": 3, "widest_px": 9, "hue_start_deg": 240, "colour": None, "nonsense": 1}
    page = visit(path="/?pen=" + quote(json.dumps(wanted)))
    page.wait_for_function("() => document.querySelector('#pad .sketchpad').sketchpad.pen.widest_px === 9")
    found = pen(page)
    assert (found["thinnest_px"], found["hue_start_deg"]) == (3, 240) and "nonsense" not in found


@pytest.mark.parametrize(
    "wanted",
    [{"widest_px": 1e9}, {"thinnest_px": 90, "widest_px": 3}, {"hue_period_px": 0}, {"colour": "red"}, {"seed": 0.5}],
)
def test_a_pen_of_a_link_that_cannot_draw_is_told_and_the_pad_keeps_its_own(
    visit: Callable[..., Page], wanted: object
) -> None:
    page = visit(path="/?pen=" + quote(json.dumps(wanted)))
    expect(page.locator("#pad .sketchpad-note")).to_contain_text("This link holds no pen that can draw")
    draw(page)
    answered(page)


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
        with gr.Tab("Stress test") as here:
            stress_tab.tab(pad, here, tabs)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    with launch(blocks) as served:
        page.goto(served.address)
        page.locator("#pad canvas").first.wait_for()
        yield page
        context.close()


def run(page: Page, digit: str = "7") -> None:
    page.locator("#stress-digit label", has_text=digit).click()
    page.locator("#stress-start").click()
    page.locator("#stress-maps .cell.right, #stress-maps .cell.wrong").first.wait_for(timeout=LONG_MS)


def test_the_cells_fill_batch_by_batch_and_a_cancel_stops_the_run_on_the_server(
    watched: Watched, own_page: Page
) -> None:
    draw(own_page)
    go_in(own_page)
    cancel, save = own_page.locator("#stress-cancel"), own_page.locator("#stress-save")
    expect(cancel).to_be_hidden()
    expect(save).to_be_hidden()
    run(own_page)
    expect(own_page.locator("#stress-maps .progress")).to_have_attribute("aria-valuenow", "10")
    with own_page.expect_response("**/gradio_api/run/**"):
        cancel.click()
    expect(own_page.locator("#stress-start")).to_be_disabled()  # its batch has not ended
    watched.go.set()
    assert watched.ended.wait(LONG_MS / 1000)
    assert 0 < watched.done[-1] < 200
    expect(own_page.locator(DONE)).to_contain_text("cancelled after")
    expect(cancel).to_be_hidden()
    expect(save).to_be_visible()
    batches = len(watched.done)
    own_page.locator("#stress-start").click()
    expect(own_page.locator(DONE)).to_contain_text("of 200 cells", timeout=LONG_MS)
    assert len(watched.done) > batches


def test_every_net_answers_every_cell_and_a_cell_goes_to_the_pad_only_by_its_button(
    stress: Page, tmp_path: Path
) -> None:
    stress.get_by_role("tab", name="Draw").click()
    stress.locator("#pad canvas").first.focus()
    stress.keyboard.press("Escape")
    draw(stress)
    go_in(stress)
    expect(stress.locator("#stress-digit label.selected")).to_have_text("7")  # nobody had to say so
    run(stress, "3")  # said to be a 3, so that every net is wrong about the seven and there is a smallest change
    expect(stress.locator(DONE)).to_contain_text("200 of 200", timeout=LONG_MS)
    expect(stress.locator("#stress-subject")).to_contain_text("The maps are of this drawing, a 3.")
    maps = stress.locator("#stress-maps .map")
    expect(maps).to_have_count(8)
    for at in range(8):
        one = maps.nth(at)
        assert one.locator(".cell.right").count() + one.locator(".cell.wrong").count() == 200
        assert len(list(filter(None, one.locator(".ticks span").all_text_contents()))) == 20
    box = maps.first.locator(".cell").first.bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 16
    expect(maps.first.locator(".smallest img")).to_have_attribute("src", re.compile("^data:image/png"))
    for button, name in (("#stress-save", "maps.png"), ("#stress-csv", "maps.csv")):
        with stress.expect_download() as download:
            stress.locator(button).click()
        download.value.save_as(tmp_path / name)
    with Image.open(tmp_path / "maps.png") as image:
        assert image.format == "PNG" and image.size[1] > 300 * 8
    assert len((tmp_path / "maps.csv").read_text().splitlines()) == 1 + 8 * 200
    maps.first.locator(".cell").first.click()
    view = stress.locator("#stress-cell")
    expect(view).to_contain_text("pen width 2 px, hue the pen starts with 240°")
    expect(stress.get_by_role("tab", name="Stress test")).to_have_attribute("aria-selected", "true")
    maps.first.locator(".cell").first.press("ArrowRight")
    stress.keyboard.press("Enter")
    expect(view).to_contain_text("hue the pen starts with 258°")
    before = stress.locator("#pad canvas").first.evaluate("pad => pad.toDataURL()")
    view.get_by_role("button", name="Put it on the pad").click()
    expect(stress.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    stress.wait_for_function("before => document.querySelector('#pad canvas').toDataURL() !== before", arg=before)
    go_in(stress)
    expect(stress.locator("#stress-subject")).to_contain_text("holds another one now")


def test_on_a_phone_every_choice_is_as_tall_as_a_thumb_and_nothing_is_wider_than_the_page(
    visit: Callable[..., Page],
) -> None:
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    go_in(page)
    page.locator("#stress-start").click()
    expect(page.locator(DONE)).to_contain_text("empty")
    heights = page.locator("#stress-digit label, #stress-way label, #stress-start, #pen-run .go").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) == 14 and min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

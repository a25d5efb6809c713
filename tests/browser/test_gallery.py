"""The gallery's wall and the images that leave the page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from demo.gallery.pieces import pieces
from demo.inference import available_nets, predict
from tests.support.serving import draw, winners

SHIFTS = """() => {
    let shifted = 0;
    const add = (entries) => entries.forEach((entry) => (shifted += entry.value));
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: "layout-shift" });
    window.shifted = async () => {
        for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame); // the last change has been laid out
        add(observer.takeRecords());
        return shifted;
    };
}"""


def test_a_click_on_the_wall_puts_the_drawing_on_the_pad_and_the_nets_read_it(page: Page) -> None:
    page.get_by_role("tab", name="Gallery").click()
    page.locator("#wall .verdict:not(.waiting)").first.wait_for()
    expect(page.locator("#wall li")).to_have_count(len(pieces()))
    swan = next(piece for piece in pieces() if "swan" in piece.title)
    page.locator("#wall button", has_text=swan.title).click()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    page.locator("#bars .winner").first.wait_for()
    expected = predict(swan.drawing.image, available_nets())
    assert expected is not None
    assert winners(page) == {net: prediction.digit for net, prediction in expected.by_net.items()}


def test_nothing_moves_when_the_verdicts_come(page: Page) -> None:
    page.evaluate(SHIFTS)
    page.get_by_role("tab", name="Gallery").click()
    page.locator("#wall .verdict:not(.waiting)").first.wait_for()
    expect(page.locator("#wall .waiting")).to_have_count(0)
    expect(page.locator("#wall .score")).to_contain_text(re.compile(rf"reads \d+ of {len(pieces())}"))
    assert page.evaluate("window.shifted()") < 0.02  # of the window, times how far


def test_the_share_card_and_the_drawing_are_saved_as_png_files(page: Page, tmp_path: Path) -> None:
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    for button, size in (("#save-card", (1200, 630)), ("#save-drawing", (364, 364))):
        with page.expect_download() as download:
            page.locator(button).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        with Image.open(path) as image:
            assert image.format == "PNG" and image.size == size


def test_saving_an_empty_pad_says_that_there_is_nothing_to_save(page: Page) -> None:
    page.locator("#save-card").click()
    expect(page.locator("#saver")).to_contain_text("nothing to save")

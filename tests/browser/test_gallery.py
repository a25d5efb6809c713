"""The gallery's wall and the images that leave the page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from checkpoints.store.naming import id_of, split
from demo.gallery.pieces import pieces
from demo.inference import predict
from tests.support.serving import answered, draw, winners

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
    page.locator("#wall .mark.correct").first.wait_for()
    expect(page.locator("#wall li:not(.beat)")).to_have_count(len(pieces()))
    swan = next(piece for piece in pieces() if "swan" in piece.title)
    page.locator("#wall button", has_text=swan.title).click()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    answered(page)
    ids = [id_of(name, page.locator("#training input:checked").input_value()) for name in winners(page)]
    expected = predict(swan.drawing.image, ids)
    assert expected is not None
    assert winners(page) == {split(net_id)[0]: one.digit for net_id, one in expected.by_net.items()}


def test_nothing_moves_when_the_predictions_come(page: Page) -> None:
    page.evaluate(SHIFTS)
    page.get_by_role("tab", name="Gallery").click()
    page.locator("#wall .mark.correct").first.wait_for()
    expect(page.locator("#wall .skeleton")).to_have_count(0)
    expect(page.locator("#wall .score")).to_contain_text(re.compile(rf"\d+ of {len(pieces())} correct"))
    assert page.evaluate("window.shifted()") < 0.02  # of the window, times how far


def test_right_and_wrong_differ_by_more_than_colour_and_the_truth_stands_beside_them(page: Page) -> None:
    page.get_by_role("tab", name="Gallery").click()
    page.locator("#wall .mark.wrong").first.wait_for()
    assert set(page.locator("#wall .mark.correct i").all_text_contents()) == {"✓"}
    assert set(page.locator("#wall .mark.wrong i").all_text_contents()) == {"✗"}
    truths = [int(truth) for truth in page.locator("#wall .truth").all_text_contents()]
    assert truths == [piece.label for piece in pieces()]
    assert page.locator("#wall li:not(.beat)").first.locator(".mark").count() == 8


def test_the_prompt_empties_the_pad_and_says_what_to_draw(page: Page) -> None:
    draw(page)
    page.get_by_role("tab", name="Gallery").click()
    page.locator("#wall .beat button").click()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("that every person reads at a glance")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#pad .sketchpad').sketchpad.strokes.length === 0")


def test_the_share_card_and_the_drawing_are_saved_as_png_files(page: Page, tmp_path: Path) -> None:
    draw(page)
    answered(page)
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

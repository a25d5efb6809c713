"""A reload, which is also how the page comes back after a restart of its server, costs nothing of what a person did."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.serving import draw

PAD = "document.querySelector('#pad .sketchpad')?.sketchpad"


def test_drawing_net_and_training_survive_a_reload_and_the_nets_answer_again(page: Page) -> None:
    page.wait_for_function(PAD)
    page.locator("#net label", has_text="lenet-like").click()
    page.locator("#training label", has_text="with the pen").click()
    draw(page)
    strokes = page.evaluate(f"{PAD}.strokes")
    page.reload()
    page.wait_for_function(f"{PAD}?.strokes.length === 1")
    assert page.evaluate(f"{PAD}.strokes") == strokes
    expect(page.locator("#net input[value='lenet-like']")).to_be_checked()
    expect(page.locator("#training input:checked")).to_have_value("pen")
    expect(page.locator("#verdict .tile.answered")).to_have_count(1)

"""A reload, which is also how the page comes back after a restart of its server, costs nothing of what a person did."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.serving import draw

CHOSEN = {"net": "lenet-like", "training": "with the pen", "way": "as drawn", "ink": "ink mask"}
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


def test_a_link_opens_with_the_net_the_training_and_the_switches_and_a_later_choice_goes_before_it(
    page: Page, visit: Callable[..., Page], server: str
) -> None:
    page.wait_for_function(PAD)
    for group, name in CHOSEN.items():
        page.locator(f"#{group} label", has_text=name).click()
    draw(page)
    link = page.evaluate(f"{PAD}.link()")
    other = visit(path=link.removeprefix(server))
    other.wait_for_function(f"{PAD}?.strokes.length === 1")
    for group, name in CHOSEN.items():
        expect(other.locator(f"#{group} label.selected")).to_have_text(name)
    other.locator("#training label", has_text="trained on MNIST alone").click()
    other.reload()
    other.wait_for_function(f"{PAD}?.strokes.length === 1")
    expect(other.locator("#way label.selected")).to_have_text("as drawn")
    expect(other.locator("#training label.selected")).to_have_text("trained on MNIST alone")

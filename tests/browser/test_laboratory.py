"""The capsule laboratory as a person uses it: five steps, a digit that changes under the sliders, a vote that plays."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support.serving import PATIENCE_MS, answered, draw

RESULT = "#stage img.result"
STEPS = ["What it saw", "What it believes", "Turn its knobs", "How the capsules agreed", "Two digits at once"]


def go_in(page: Page) -> None:
    page.get_by_role("tab", name="laboratory").first.click()


@pytest.fixture(scope="module")
def laboratory(browser: Browser, server: str) -> Iterator[Page]:
    """One page for the whole module, with a seven on its pad and the laboratory open."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server)
    page.locator("#pad canvas").first.wait_for()
    draw(page)
    answered(page)
    go_in(page)
    page.locator(f"{RESULT}[src]").wait_for()
    yield page
    context.close()
    assert not errors


def step(page: Page, number: int) -> None:
    page.locator("#story [role=tab]").nth(number - 1).click()
    expect(page.locator(f"#step-{number}")).to_be_visible()


def pixels(page: Page, image: str) -> NDArray[np.float32]:
    """What an <img> with a data URL shows, in grey."""
    url = page.locator(image).get_attribute("src") or ""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"), np.float32)


def changed(page: Page, image: str, before: str | None) -> None:
    page.wait_for_function("([image, before]) => document.querySelector(image).src !== before", arg=[image, before])


def move(page: Page, slider: str, to: str) -> None:
    """Put a slider at its least ("min") or greatest ("max") value as a finger would, and wait for the answer."""
    before = page.locator(RESULT).get_attribute("src")
    page.locator(slider).evaluate(
        "(slider, to) => { slider.value = slider[to]; slider.dispatchEvent(new Event('input', {bubbles: true})); }", to
    )
    changed(page, RESULT, before)


def test_one_step_is_open_at_a_time_and_the_arrow_keys_go_on(laboratory: Page) -> None:
    assert laboratory.locator("#story [role=tab] span").all_text_contents() == STEPS
    for number in range(1, 6):
        step(laboratory, number)
        assert laboratory.locator(".step:visible").count() == 1
    laboratory.locator("#story [role=tab]").nth(4).press("ArrowRight")
    expect(laboratory.locator("#step-1")).to_be_visible()
    expect(laboratory.locator("#saw .lines")).to_contain_text("28 x 28 numbers")


def test_a_slider_changes_the_decoded_digit_and_reset_brings_it_back(laboratory: Page) -> None:
    step(laboratory, 3)
    own = pixels(laboratory, RESULT)
    assert own.shape == (28, 28) and own.max() > 40
    raw = laboratory.locator("#pose details.raw")
    if raw.get_attribute("open") is None:
        raw.locator("summary").click()
    expect(laboratory.locator("#pose .dimensions input")).to_have_count(16)
    move(laboratory, "#pose-0", "min")
    moved = pixels(laboratory, RESULT)
    assert np.abs(moved - own).max() > 2
    move(laboratory, "#pose-5", "max")
    assert np.abs(pixels(laboratory, RESULT) - moved).max() > 2
    expect(laboratory.locator("#stage .said")).to_contain_text("number 6")
    before = laboratory.locator(RESULT).get_attribute("src")
    laboratory.get_by_role("button", name="Back to my drawing").click()
    changed(laboratory, RESULT, before)
    np.testing.assert_allclose(pixels(laboratory, RESULT), own, atol=1)


def test_a_click_on_what_a_capsule_believes_looks_into_that_capsule(laboratory: Page) -> None:
    step(laboratory, 2)
    expect(laboratory.locator("#opinions .length.best")).to_have_count(1)
    before = laboratory.locator(RESULT).get_attribute("src")
    laboratory.locator("#opinions button").nth(3).click()
    changed(laboratory, RESULT, before)
    expect(laboratory.locator("#opinions button").nth(3)).to_have_attribute("aria-pressed", "true")
    expect(laboratory.locator("#stage .said")).to_contain_text("Looking into 3; the longest capsule is")
    longest = laboratory.locator("#stage button.longest")
    longest.click()
    expect(longest).to_have_attribute("aria-pressed", "true")
    expect(laboratory.locator("#stage .said")).to_contain_text("the longest capsule.")


def test_the_routing_plays_iteration_by_iteration_without_a_request(laboratory: Page) -> None:
    step(laboratory, 4)
    which, play = laboratory.locator("#routing .which"), laboratory.locator("#routing .play")
    expect(which).to_have_text("Iteration 3 of 5")
    requests: list[str] = []
    laboratory.on("request", lambda request: requests.append(request.url) if "gradio_api" in request.url else None)
    play.click()
    expect(which).to_have_text("Iteration 1 of 5")
    places = pixels(laboratory, "#routing img.maps")[1:24:4, 1:24:4]
    assert places.std() < 1, "in the first iteration every coupling is an even share"
    expect(laboratory.locator("#routing .sentence")).to_contain_text("evenly")
    expect(which).to_have_text("Iteration 5 of 5")
    expect(play).to_contain_text("Play")
    assert not requests


def test_a_step_is_saved_as_an_image_and_as_a_table(laboratory: Page, tmp_path: Path) -> None:
    step(laboratory, 2)
    for button, name in (("#save-opinions", "panel.png"), ("#csv-opinions", "panel.csv")):
        with laboratory.expect_download() as download:
            laboratory.locator(button).click()
        suffix = name.split(".")[1]
        assert re.fullmatch(rf"opinions-caps-net(-mnist-only)?-\d\.{suffix}", download.value.suggested_filename)
        download.value.save_as(tmp_path / name)
    with Image.open(tmp_path / "panel.png") as image:
        assert image.format == "PNG" and image.size[0] > 900
    header, *rows = csv.reader((tmp_path / "panel.csv").read_text().splitlines())
    assert header[:2] == ["digit", "capsule length"] and len(rows) == 10
    shown = laboratory.locator("#opinions .length").all_text_contents()
    assert [f"length {float(row[1]):.2f}" for row in rows] == shown


def test_the_other_training_and_the_other_net_are_looked_into(laboratory: Page) -> None:
    step(laboratory, 1)
    for choice in ("#laboratory-training label >> nth=1", "#laboratory-net label >> nth=1"):
        before = laboratory.locator(RESULT).get_attribute("src")
        laboratory.locator(choice).click()
        changed(laboratory, RESULT, before)
    expect(laboratory.locator("#saw .lines")).to_contain_text("efficient-caps-net")
    step(laboratory, 4)
    expect(laboratory.locator("#routing .line")).to_contain_text("does not iterate")


def test_when_the_laboratory_is_full_the_images_stay_and_a_line_says_so(laboratory: Page) -> None:
    step(laboratory, 3)
    before = laboratory.locator(RESULT).get_attribute("src")
    busy = {"data": [{"kept": "many people are in the laboratory"}], "is_generating": False}
    laboratory.route("**/gradio_api/run/**", lambda route: route.fulfill(json=busy))
    laboratory.locator("#pose-0").evaluate(
        "slider => { slider.value = slider.min; slider.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(laboratory.locator("#stage .said")).to_contain_text("many people")
    assert laboratory.locator(RESULT).get_attribute("src") == before
    laboratory.unroute("**/gradio_api/run/**")
    move(laboratory, "#pose-1", "max")
    expect(laboratory.locator("#stage .said")).to_contain_text("number 2")


def test_a_link_holds_the_drawing_the_net_and_the_step(laboratory: Page, visit: Callable[..., Page]) -> None:
    step(laboratory, 4)
    laboratory.locator("#laboratory-net label").nth(1).click()
    laboratory.locator("#story .link").click()
    laboratory.wait_for_function("() => document.querySelector('#story .link').title.startsWith('http')")
    address = urlsplit(laboratory.locator("#story .link").get_attribute("title") or "")
    assert {"net=efficient-caps-net", "step=4", "tab=laboratory"} <= set(address.query.split("&"))
    page = visit(path=f"/?{address.query}#{address.fragment}")
    expect(page.get_by_role("tab", name="laboratory").first).to_have_attribute("aria-selected", "true")
    page.locator(f"{RESULT}[src]").wait_for()
    expect(page.locator("#laboratory-net label.selected")).to_have_text("efficient-caps-net")
    assert page.locator("#laboratory").get_attribute("data-step") == "4"


def test_an_empty_pad_offers_three_digits_to_begin_with_and_a_term_says_what_it_means(
    visit: Callable[..., Page],
) -> None:
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    go_in(page)
    starters = page.locator("#laboratory-start button")
    expect(starters).to_have_count(3)
    for hidden in ("#story", "#bench"):
        expect(page.locator(hidden)).to_be_hidden()
    meaning = page.locator(".introduction .term span", has_text="sixteen numbers")
    expect(meaning).to_be_hidden()
    page.locator(".introduction .term", has_text="sixteen numbers").tap(position={"x": 5, "y": 5})
    expect(meaning).to_be_visible()
    page.get_by_text("The pad is empty.").first.tap()
    expect(meaning).to_be_hidden()
    starters.nth(1).click()
    page.locator(f"{RESULT}[src]").wait_for()
    expect(starters.first).to_be_hidden()
    step(page, 3)
    last = page.locator("#pose .knobs input, #pose .dimensions input").filter(visible=True).last
    last.scroll_into_view_if_needed()
    box, result = last.bounding_box(), page.locator(RESULT).bounding_box()
    assert box is not None and result is not None
    assert box["height"] >= 44, "as tall as a thumb"
    assert result["y"] >= -1 and result["y"] + result["height"] <= 844, "the decoded digit stays in sight"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("tab", name="Draw").first.click()
    page.wait_for_function("() => document.querySelector('#pad .sketchpad').sketchpad.strokes.length > 0")

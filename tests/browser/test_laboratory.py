"""The capsule laboratory as a person uses it: pixels change when a slider moves, and come back on reset."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.serving import answered, draw

RESULT = "#decoded img.result"


def open_laboratory(page: Page) -> None:
    draw(page)
    answered(page)
    page.get_by_role("tab", name="Capsule laboratory").click()
    page.locator(f"{RESULT}[src]").wait_for()


def pixels(page: Page, image: str) -> NDArray[np.float32]:
    """What an <img> with a data URL shows, in grey."""
    url = page.locator(image).get_attribute("src") or ""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"), np.float32)


def move(page: Page, index: int, to: str) -> None:
    """Put a slider at its least ("min") or greatest ("max") value as a finger would, and wait for the answer."""
    before = page.locator(RESULT).get_attribute("src")
    page.locator(f"#pose-{index}").evaluate(
        "(slider, to) => { slider.value = slider[to]; slider.dispatchEvent(new Event('input', {bubbles: true})); }", to
    )
    page.wait_for_function("([image, before]) => document.querySelector(image).src !== before", arg=[RESULT, before])


def test_a_slider_changes_the_decoded_digit_and_reset_brings_it_back(page: Page) -> None:
    open_laboratory(page)
    own = pixels(page, RESULT)
    assert own.shape == (28, 28) and own.max() > 40
    sliders = page.locator("#pose input[type=range]")
    expect(sliders).to_have_count(16)
    for number, label in enumerate(page.locator("#pose label span").all_text_contents(), start=1):
        assert re.fullmatch(rf"dimension {number}|{number} [a-z ]+", label)
    move(page, 0, "min")
    moved = pixels(page, RESULT)
    assert np.abs(moved - own).max() > 2
    move(page, 5, "max")
    assert np.abs(pixels(page, RESULT) - moved).max() > 2
    expect(page.locator("#decoded .said")).to_contain_text("dimension 6")
    before = page.locator(RESULT).get_attribute("src")
    page.get_by_role("button", name="Back to my drawing").click()
    page.wait_for_function("([image, before]) => document.querySelector(image).src !== before", arg=[RESULT, before])
    np.testing.assert_allclose(pixels(page, RESULT), own, atol=1)


def test_the_middle_of_the_sheet_is_the_decoded_digit_and_the_opinion_of_the_longest_capsule(page: Page) -> None:
    open_laboratory(page)
    own = pixels(page, RESULT)
    sheet = pixels(page, "#sheet img")
    assert sheet.shape == (16 * 29 - 1, 11 * 29 - 1)
    np.testing.assert_allclose(sheet[:28, 5 * 29 : 5 * 29 + 28], own, atol=1)
    np.testing.assert_allclose(sheet[15 * 29 :, 5 * 29 : 5 * 29 + 28], own, atol=1)
    expect(page.locator("#opinions .length.best")).to_have_count(1)
    longest = page.locator("#opinions li", has=page.locator(".length.best")).locator("img").get_attribute("src")
    assert longest == page.locator(RESULT).get_attribute("src")


def test_the_routing_is_seen_iteration_by_iteration_without_a_request(page: Page) -> None:
    open_laboratory(page)
    slider = page.locator("#agreeing input")
    third = page.locator("#agreeing img.maps").get_attribute("src")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "gradio_api" in request.url else None)
    slider.fill("1")
    expect(page.locator("#agreeing .choose")).to_contain_text("Iteration 1 of 5")
    first = pixels(page, "#agreeing img.maps")
    assert page.locator("#agreeing img.maps").get_attribute("src") != third
    places = first[1:24:4, 1:24:4]
    assert places.std() < 1, "in the first iteration every coupling is an even share"
    sums = page.locator("#agreeing .sums").inner_text()
    lowest, highest = (float(number) for number in re.findall(r"\d\.\d{6}", sums))
    assert abs(lowest - 1) < 1e-4 and abs(highest - 1) < 1e-4
    assert not requests


def test_the_laboratory_of_an_empty_pad_says_what_to_do(page: Page) -> None:
    page.get_by_role("tab", name="Capsule laboratory").click()
    expect(page.locator("#decoded .said")).to_contain_text("Draw a digit")
    expect(page.locator("#pose-0")).to_be_disabled()


def test_on_a_phone_the_sliders_are_as_tall_as_a_thumb_and_the_decoded_digit_stays_in_sight(
    visit: Callable[..., Page],
) -> None:
    page = visit(width=390, height=844, has_touch=True)
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    tab = page.get_by_role("tab", name="Capsule laboratory")
    tab.first.click()
    page.locator(f"{RESULT}[src]").wait_for()
    last = page.locator("#pose-15")
    last.scroll_into_view_if_needed()
    box, result = last.bounding_box(), page.locator(RESULT).bounding_box()
    assert box is not None and result is not None
    assert box["height"] >= 44
    assert result["y"] >= -1 and result["y"] + result["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


WIDTHS_PX = {"decoded": 824, "opinions": 1016, "two": 952, "routing": 879, "sheet": 1132}


@pytest.mark.parametrize("panel", WIDTHS_PX)
def test_every_panel_is_saved_as_a_png_file(page: Page, tmp_path: Path, panel: str) -> None:
    open_laboratory(page)
    with page.expect_download() as download:
        page.locator(f"#save-{panel}").click()
    assert re.fullmatch(rf"{panel}-[a-z-]+-\d\.png", download.value.suggested_filename)
    download.value.save_as(tmp_path / "panel.png")
    with Image.open(tmp_path / "panel.png") as image:
        assert image.format == "PNG" and image.size[0] == WIDTHS_PX[panel]
    expect(page.locator(f"#{panel}-saver")).to_contain_text("saved")


def test_when_the_laboratory_is_full_the_images_stay_and_a_line_says_so(page: Page) -> None:
    open_laboratory(page)
    before = page.locator(RESULT).get_attribute("src")
    busy = {"data": [{"kept": "many people are in the laboratory"}], "is_generating": False}
    page.route("**/gradio_api/run/**", lambda route: route.fulfill(json=busy))
    page.locator("#pose-0").evaluate(
        "slider => { slider.value = slider.min; slider.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(page.locator("#decoded .said")).to_contain_text("many people")
    assert page.locator(RESULT).get_attribute("src") == before
    page.unroute("**/gradio_api/run/**")
    move(page, 1, "max")
    expect(page.locator("#decoded .said")).to_contain_text("dimension 2")

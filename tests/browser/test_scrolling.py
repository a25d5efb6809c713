"""A finger on a slider: sideways it moves the slider, up and down the page, and a tap is a choice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.support.serving import answered, draw

BRUSH = "#brush input[data-field=widest_px]"
POSE = "#pose-3"  # one of the sixteen numbers
SLIDERS = (BRUSH, POSE)
STILL = """async () => {
    const before = scrollY;
    await new Promise((later) => setTimeout(later, 300));
    return scrollY === before;
}"""


@pytest.fixture(params=SLIDERS, ids=["brush", "laboratory"])
def slider(visit: Callable[..., Page], request: pytest.FixtureRequest) -> Locator:
    """A slider in the middle of a phone's screen, whose knob is not where `place` is."""
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    draw(page)
    answered(page)
    if request.param == POSE:
        page.get_by_role("tab", name="Capsule laboratory").first.click()
        page.locator("#stage img.result[src]").wait_for()
        page.locator("#story [role=tab]").nth(2).click()
        page.evaluate("document.querySelector('#pose details.raw').open = true")
    found = page.locator(request.param)
    centre(found)
    return found


def centre(slider: Locator) -> None:
    """Bring it to the middle of the screen, and wait until the page rests."""
    slider.evaluate("slider => slider.scrollIntoView({block: 'center', behavior: 'instant'})")
    slider.page.wait_for_function(STILL)


def value(slider: Locator) -> float:
    return float(slider.input_value())


def said(slider: Locator) -> str:
    """The number beside a slider, which the page writes when it is told of a new value."""
    return str(slider.evaluate("slider => slider.closest('li, label').querySelector('output').textContent"))


def place(slider: Locator) -> tuple[float, float, int]:
    """A point of its groove far from the knob, and the direction, -1 or 1, in which there is more of the groove."""
    box = slider.bounding_box()
    assert box is not None
    share = float(slider.evaluate("({value, min, max}) => (value - min) / (max - min)"))
    direction = 1 if share > 0.5 else -1
    return box["x"] + box["width"] * (0.5 - 0.3 * direction), box["y"] + box["height"] / 2, direction


def swipe(slider: Locator, x: float, y: float, right: float = 0, down: float = 0) -> None:
    """A finger put down at (x, y), moved by so many pixels in ten steps and lifted; a tap without them."""
    finger = slider.page.context.new_cdp_session(slider.page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11) if right or down else ():
        point = {"x": x + right * step / 10, "y": y + down * step / 10}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def record(slider: Locator) -> Callable[[], list[str]]:
    """Listen to what the page is told of a slider's values; returns what does the reading."""
    slider.evaluate("""slider => {
        window.told = [];
        slider.addEventListener("input", () => window.told.push(slider.value));
    }""")
    return lambda: list(slider.page.evaluate("window.told"))


def test_a_finger_that_scrolls_the_page_past_a_slider_leaves_it_alone(slider: Locator) -> None:
    page, before, text, told = slider.page, value(slider), said(slider), record(slider)
    top = page.evaluate("scrollY")
    x, y, _ = place(slider)
    swipe(slider, x, y, down=200)
    page.wait_for_function("top => scrollY < top - 100", arg=top)
    page.wait_for_function(STILL)
    assert (value(slider), said(slider), told()) == (before, text, [])


def test_a_finger_that_goes_sideways_moves_a_slider_and_not_the_page(slider: Locator) -> None:
    page, text, told = slider.page, said(slider), record(slider)
    top = page.evaluate("scrollY")
    x, y, direction = place(slider)
    swipe(slider, x, y, right=80 * direction)
    page.wait_for_function("() => window.told.length > 1")
    values = [float(value) for value in told()]
    assert (values[-1] - values[0]) * direction > 0
    assert value(slider) == values[-1]
    assert said(slider) != text
    assert abs(page.evaluate("scrollY") - top) <= 1


def test_a_tap_moves_a_slider_to_where_it_was_tapped(slider: Locator) -> None:
    text = said(slider)
    record(slider)
    x, y, direction = place(slider)
    swipe(slider, x, y)
    slider.page.wait_for_function("() => window.told.length > 0")
    share = float(slider.evaluate("({value, min, max}) => (value - min) / (max - min)"))
    assert abs(share - (0.5 - 0.3 * direction)) < 0.05
    assert said(slider) != text

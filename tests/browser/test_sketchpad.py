"""The pad in a real browser: pointers, keys, replay, the brush, and what Python gets of it."""

from __future__ import annotations

import colorsys
import hashlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, CDPSession, Page, expect

from architectures.input.pen import PRESETS, Pen, draw
from demo.sketchpad.payload import image_from
from tests.support.pad_page import GROUND
from tests.support.serving import PATIENCE_MS, ROOT, STARTS_WITHIN_S, answers, free_port, stop

ACROSS = [(0.1, 0.5), (0.9, 0.5)]
WAVE = [(0.2 + 0.6 * i / 30, 0.5 + 0.25 * np.sin(i / 4)) for i in range(31)]
PAD = "document.querySelector('#pad .sketchpad')"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("pad") / "log.txt"
    port = free_port()
    with log.open("wb") as file:
        command = [sys.executable, str(ROOT / "tests" / "support" / "pad_page.py"), str(port)]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not answers(f"http://127.0.0.1:{port}"):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            pytest.fail(f"the pad's page does not answer:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    stop(process)


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page in a browser of its own; an error in its console fails the test."""
    contexts = []
    errors: list[str] = []

    def open_page(width: int = 1280, height: int = 800, fragment: str = "", **settings: Any) -> Page:
        settings = {"reduced_motion": "reduce", **settings}  # else the pad draws something by itself
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/{fragment}")
        page.wait_for_function(
            f"{PAD}?.sketchpad !== undefined && document.querySelector('.brush output')?.textContent"
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, f"errors in the page: {errors}"


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened()


@pytest.fixture
def phone(opened: Callable[..., Page]) -> Page:
    return opened(390, 844, device_scale_factor=3, has_touch=True, is_mobile=True)


# ---- drawing and looking


def places(page: Page, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    canvas = page.locator("#pad canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def stroke(page: Page, points: list[tuple[float, float]] = ACROSS, steps: int = 25, lift: bool = True) -> None:
    first, *others = places(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=steps)
    if lift:
        page.mouse.up()


def seen(page: Page) -> NDArray[np.uint8]:
    """The pixels on the pad's canvas (364, 364, 3), after everything that was put down has been shown."""
    page.evaluate("() => new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))")
    return image_from(page.evaluate("document.querySelector('#pad canvas').toDataURL()"))


def strokes(page: Page) -> list[Any]:
    drawn: list[Any] = page.evaluate(f"{PAD}.sketchpad.strokes")
    return drawn


def choose(page: Page, name: str) -> None:
    page.locator(f"[data-pen='{name}']").click()


def final(page: Page, event: str, count: int | None) -> dict[str, Any]:
    """What Python got last, once it is `event` with `count` strokes (None: an empty pad)."""
    page.wait_for_function(
        """([event, count]) => {
            const text = document.querySelector('#final textarea')?.value;
            if (!text) return false;
            const told = JSON.parse(text);
            return told.event === event && (told.strokes?.length ?? null) === count;
        }""",
        arg=[event, count],
    )
    told: dict[str, Any] = json.loads(page.locator("#final textarea").input_value())
    return told


def touch(session: CDPSession, kind: str, *fingers: tuple[int, tuple[float, float]]) -> None:
    points = [{"id": finger, "x": x, "y": y} for finger, (x, y) in fingers]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def thickness(image: NDArray[np.uint8], column: int) -> float:
    """Height in px of the ink in a column; pixels at the edge count by their share."""
    return float(image[:, column].max(axis=1).sum() / 255)


def hue_deg(pixel: NDArray[np.uint8]) -> float:
    return colorsys.rgb_to_hsv(*(pixel / 255))[0] * 360


# ---- the pen


def test_width_and_hue_change_within_one_stroke(page: Page) -> None:
    choose(page, "classic")
    stroke(page)
    image = seen(page)
    columns = range(60, 320, 10)
    widths = [thickness(image, column) for column in columns]
    hues = [hue_deg(image[182, column]) for column in columns]
    assert min(widths) < 18
    assert 33 < max(widths) < 37
    assert all(before < after for before, after in itertools.pairwise(hues))
    assert hues[-1] - hues[0] > 100
    assert all(image[182, column].max() == 255 for column in columns)


def test_within_a_segment_the_width_changes_smoothly(page: Page) -> None:
    choose(page, "wild")
    stroke(page, ACROSS, steps=2)  # the pointer reports two places alone
    pixels = seen(page)
    widths = [thickness(pixels, column) for column in range(60, 320)]
    assert max(widths) - min(widths) > 10
    assert max(abs(np.diff(widths))) < 3


def test_the_hue_starts_at_red_again_with_each_stroke(page: Page) -> None:
    choose(page, "classic")
    for y in (0.25, 0.5, 0.75):
        stroke(page, [(0.2, y), (0.8, y)])
    image = seen(page)
    for y in (91, 182, 273):
        assert hue_deg(image[y, 73]) < 8


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_python_draws_the_strokes_of_the_browser_bit_for_bit(page: Page, name: str) -> None:
    choose(page, name)
    stroke(page, WAVE, steps=3)
    stroke(page, [(0.3, 0.2), (0.3, 0.2)])  # a dot
    stroke(page, [(0.7, 0.2), (1.4, 0.4), (0.8, 0.9)], steps=12)  # leaves the pad and comes back
    assert len(strokes(page)) == 3
    pen = Pen.from_dict(page.evaluate(f"{PAD}.sketchpad.pen"))  # jitter has a seed of its own in each drawing
    assert replace(pen, seed=0) == replace(PRESETS[name], seed=0)
    image = draw(strokes(page), pen)
    assert np.array_equal(seen(page), image)
    assert np.array_equal(image_from(page.evaluate(f"{PAD}.sketchpad.image")), image)


BLANK = """() => {
    const blank = { toDataURL: () => 'data:image/png;base64,AAAA', toBlob: (then) => then(null) };
    for (const [name, value] of Object.entries(blank)) HTMLCanvasElement.prototype[name] = value;
    CanvasRenderingContext2D.prototype.getImageData = (x, y, w, h) => new ImageData(w, h);
    OffscreenCanvasRenderingContext2D.prototype.getImageData = (x, y, w, h) => new ImageData(w, h);
}"""


def test_the_nets_get_the_drawing_where_a_canvas_reads_back_as_a_blank(page: Page) -> None:
    """As in browsers that resist fingerprinting: Tor, Mullvad, LibreWolf."""
    page.evaluate(BLANK)
    stroke(page)
    told = final(page, "release", 1)
    image = draw(told["strokes"], [Pen.from_dict(pen) for pen in told["pens"]])
    assert told["sha256"] == hashlib.sha256(image.tobytes()).hexdigest()
    page.locator("#image").click()
    told = final(page, "release", 0)
    assert told["sha256"] == hashlib.sha256(GROUND.image.tobytes()).hexdigest()


def test_a_drawing_with_several_pens_arrives_in_python_as_it_is_seen(page: Page) -> None:
    for y, name in ((0.2, "wild"), (0.5, "steady white"), (0.8, "classic")):
        choose(page, name)
        stroke(page, [(0.2, y), (0.8, y)])
    told = final(page, "release", 3)
    again = draw(told["strokes"], [Pen.from_dict(pen) for pen in told["pens"]])
    assert np.array_equal(again, seen(page))


def test_on_a_dense_screen_the_canvas_is_sharp_and_the_image_stays_364_px(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    line = places(phone, WAVE)
    touch(session, "touchStart", (0, line[0]))
    for place in line[1:]:
        touch(session, "touchMove", (0, place))
    touch(session, "touchEnd")
    told = final(phone, "release", 1)
    canvas = phone.locator("#pad canvas").first
    box = canvas.bounding_box()
    assert box is not None
    assert canvas.evaluate("canvas => canvas.width") == round(box["width"] * 3)
    xs = [point[0] for point in told["strokes"][0]]
    assert min(xs) == pytest.approx(WAVE[0][0], abs=0.01)
    assert max(xs) == pytest.approx(WAVE[-1][0], abs=0.01)


def test_a_stylus_presses_and_a_mouse_does_not(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    choose(page, "classic")

    def stylus(kind: str, place: tuple[float, float], force: float) -> None:
        pressed = {"type": kind, "x": place[0], "y": place[1], "button": "left", "buttons": 1, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {**pressed, "pointerType": "pen", "force": force})

    line = places(page, [(0.1 + 0.02 * i, 0.3) for i in range(40)])
    stylus("mousePressed", line[0], 0.1)
    for place in line[1:]:
        stylus("mouseMoved", place, 0.1)
    stylus("mouseReleased", line[-1], 0)
    final(page, "release", 1)
    stroke(page, [(0.1, 0.7), (0.88, 0.7)])
    final(page, "release", 2)
    light, full = strokes(page)
    assert all(point[3] == pytest.approx(0.1, abs=0.01) for point in light)
    assert all(len(point) == 3 for point in full)
    upper, lower = seen(page)[:182], seen(page)[182:]
    assert thickness(upper, 182) < 0.7 * thickness(lower, 182)


# ---- pointers


def test_the_answer_is_asked_for_while_the_stroke_is_drawn(page: Page) -> None:
    stroke(page, WAVE, steps=3, lift=False)
    page.wait_for_function("document.querySelector('#live textarea').value !== ''")
    assert page.locator("#final textarea").input_value() == ""
    page.mouse.up()
    final(page, "release", 1)


def test_a_second_finger_is_ignored(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    (a, b), (c, d) = places(phone, [(0.2, 0.3), (0.8, 0.3)]), places(phone, [(0.2, 0.8), (0.8, 0.8)])
    touch(session, "touchStart", (0, a))
    touch(session, "touchStart", (0, a), (1, c))
    touch(session, "touchMove", (0, b), (1, d))
    touch(session, "touchEnd", (0, b))
    touch(session, "touchEnd")
    told = final(phone, "release", 1)
    assert all(point[1] == pytest.approx(0.3, abs=0.01) for point in told["strokes"][0])


def test_the_palm_is_ignored_while_a_stylus_is_near(phone: Page) -> None:
    phone.evaluate(  # in one go: a finger is a finger again when the stylus has been away for a while
        """() => {
            const canvas = document.querySelector('#pad canvas');
            canvas.setPointerCapture = () => {}; // an event made by a script has no pointer to capture
            const box = canvas.getBoundingClientRect();
            for (const [pointerType, pointerId] of [['pen', 1], ['touch', 2]])
                for (const [event, place] of [['pointerdown', 0.3], ['pointermove', 0.6], ['pointerup', 0.6]]) {
                    const clientX = box.x + place * box.width;
                    const clientY = box.y + (place + pointerId / 10) * box.height;
                    canvas.dispatchEvent(new PointerEvent(event, {
                        pointerType, pointerId, clientX, clientY, pressure: 0.5, bubbles: true }));
                }
        }"""
    )
    assert len(strokes(phone)) == 1
    assert len(strokes(phone)[0][0]) == 4


def test_the_page_does_not_scroll_under_a_finger_that_draws(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    up = places(phone, [(0.5, 0.9 - 0.8 * i / 20) for i in range(21)])
    touch(session, "touchStart", (0, up[0]))
    for place in up[1:]:
        touch(session, "touchMove", (0, place))
    touch(session, "touchEnd")
    final(phone, "release", 1)
    assert phone.evaluate("window.scrollY") == 0


SENT = """([kind, event, x, y, more]) => {
    const canvas = document.querySelector('#pad canvas');
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new PointerEvent(event, { pointerType: kind, pointerId: 77, bubbles: true, buttons: 1,
        clientX: box.x + x * box.width, clientY: box.y + y * box.height, ...more }));
}"""


def send(page: Page, kind: str, event: str, x: float, y: float, **more: float) -> None:
    """A pointer event that a script makes: there is no pointer to capture, and `setPointerCapture` throws."""
    page.evaluate(SENT, [kind, event, x, y, more])


def test_a_pointer_that_cannot_be_captured_draws_all_the_same(page: Page) -> None:
    send(page, "mouse", "pointerdown", 0.2, 0.3)
    send(page, "mouse", "pointermove", 0.7, 0.3)
    send(page, "mouse", "pointerup", 0.7, 0.3)
    told = final(page, "release", 1)
    assert told["strokes"][0][-1][:2] == pytest.approx([0.7, 0.3], abs=0.01)


@pytest.mark.parametrize("end", ["cancelled", "released out of sight"])
def test_a_stroke_of_the_mouse_whose_end_is_lost_is_finished(page: Page, end: str) -> None:
    send(page, "mouse", "pointerdown", 0.2, 0.3)
    send(page, "mouse", "pointermove", 0.7, 0.3)
    if end == "cancelled":
        send(page, "mouse", "pointercancel", 0, 0)
    else:
        send(page, "mouse", "pointermove", 0.1, 0.9, buttons=0)
    told = final(page, "release", 1)
    assert told["strokes"][0][-1][:2] == pytest.approx([0.7, 0.3], abs=0.01)


def test_a_finger_that_the_system_takes_away_leaves_its_stroke_to_undo(page: Page) -> None:
    send(page, "touch", "pointerdown", 0.2, 0.3)
    send(page, "touch", "pointermove", 0.7, 0.3)
    send(page, "touch", "pointercancel", 0, 0)
    final(page, "release", None)
    expect(page.locator("#pad .sketchpad-status")).to_contain_text("undo brings its stroke back")
    page.get_by_role("button", name="Undo").click()
    final(page, "release", 1)


def test_a_touch_as_wide_as_a_palm_draws_nothing_and_is_told_why(page: Page) -> None:
    send(page, "touch", "pointerdown", 0.5, 0.5, width=90, height=60)
    expect(page.locator("#pad .sketchpad-note")).to_contain_text("taken for a palm")
    assert strokes(page) == []


def test_a_pen_without_pressure_for_a_moment_draws_on_as_before(page: Page) -> None:
    choose(page, "classic")
    send(page, "pen", "pointerdown", 0.1, 0.5, pressure=0.2)
    for i in range(1, 40):
        send(page, "pen", "pointermove", 0.1 + 0.02 * i, 0.5, pressure=0 if 18 < i < 22 else 0.2)
    send(page, "pen", "pointerup", 0.88, 0.5, pressure=0)
    final(page, "release", 1)
    assert {point[3] for point in strokes(page)[0]} == {0.2}


def test_the_ink_stays_under_the_pointer_while_the_page_scrolls_and_changes_its_size(page: Page) -> None:
    stroke(page, [(0.2, 0.2), (0.2, 0.5)], lift=False)
    page.set_viewport_size({"width": 600, "height": 500})
    page.evaluate("window.scrollBy(0, 60)")
    page.wait_for_function("window.scrollY > 0")
    box = page.locator("#pad canvas").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.mouse.up()
    told = final(page, "release", 1)
    assert told["strokes"][0][-1][:2] == pytest.approx([0.8, 0.6], abs=0.01)


def test_ink_too_dark_for_the_nets_and_a_full_pad_are_told_on_the_pad(page: Page) -> None:
    note = page.locator("#pad .sketchpad-note")
    page.evaluate(f"{PAD}.sketchpad.setPen({{ colour: '#101010' }})")
    stroke(page)
    expect(note).to_contain_text("too dark")
    page.evaluate(f"{PAD}.sketchpad.load({{ strokes: Array(400).fill([[0.5, 0.5, 0]]), pen: {PAD}.sketchpad.pen }})")
    stroke(page)
    expect(note).to_contain_text("The pad is full")
    assert len(strokes(page)) == 400


# ---- undo, clear, keys


def test_undo_takes_the_last_stroke_back(page: Page) -> None:
    stroke(page, [(0.2, 0.3), (0.8, 0.3)])
    before = seen(page)
    stroke(page, [(0.2, 0.7), (0.8, 0.7)])
    page.get_by_role("button", name="Undo").click()
    final(page, "release", 1)
    assert np.array_equal(seen(page), before)
    page.get_by_role("button", name="Undo").click()
    final(page, "release", None)
    assert not seen(page).any()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_control_z_undoes_and_escape_clears(page: Page) -> None:
    stroke(page, [(0.2, 0.3), (0.8, 0.3)])
    stroke(page, [(0.2, 0.7), (0.8, 0.7)])
    final(page, "release", 2)  # a clear overtakes what is still on its way
    page.keyboard.press("Control+z")
    final(page, "release", 1)
    page.keyboard.press("Escape")
    final(page, "clear", None)
    assert not seen(page).any()


def test_undo_brings_back_what_clear_took_away(page: Page) -> None:
    stroke(page)
    before = seen(page)
    final(page, "release", 1)  # a clear overtakes what is still on its way
    page.get_by_role("button", name="Clear").click()
    final(page, "clear", None)
    page.keyboard.press("Control+z")
    final(page, "release", 1)
    assert np.array_equal(seen(page), before)


def test_undo_brings_back_what_an_example_replaced_and_redo_the_example(page: Page) -> None:
    stroke(page)
    before = seen(page)
    final(page, "release", 1)
    page.get_by_role("button", name="Example: a 4").first.click()
    final(page, "release", 2)
    page.get_by_role("button", name="Undo").click()
    final(page, "release", 1)
    assert np.array_equal(seen(page), before)
    page.get_by_role("button", name="Redo").click()
    final(page, "release", 2)
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_the_keys_work_wherever_the_focus_is_and_in_every_layout(page: Page) -> None:
    stroke(page)
    final(page, "release", 1)
    page.locator("#line").focus()
    cyrillic = "new KeyboardEvent('keydown', { key: 'я', code: 'KeyZ', ctrlKey: true, bubbles: true, %s })"
    page.evaluate(f"document.activeElement.dispatchEvent({cyrillic % ''})")
    final(page, "release", None)
    page.evaluate(f"document.activeElement.dispatchEvent({cyrillic % 'shiftKey: true'})")
    final(page, "release", 1)
    page.keyboard.press("Escape")
    final(page, "clear", None)


def test_a_digit_can_be_drawn_with_the_keyboard_alone(page: Page) -> None:
    page.locator("#pad canvas").first.focus()
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(16):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    (line,) = final(page, "release", 1)["strokes"]
    assert line[0][:2] == pytest.approx([0.5, 0.34], abs=0.001)
    assert line[-1][:2] == pytest.approx([0.5, 0.66], abs=0.001)
    times = [point[2] for point in line]
    assert times == sorted(times)


def test_each_drawing_has_jitter_of_its_own_until_a_seed_is_typed(page: Page) -> None:
    choose(page, "wild")
    seeds = []
    for _ in range(4):
        stroke(page)
        seeds.append(page.evaluate(f"{PAD}.sketchpad.pen.seed"))
        page.get_by_role("button", name="Clear").click()
    assert len(set(seeds)) > 1
    page.get_by_label("Seed").fill("42")
    choose(page, "hairline")
    stroke(page)
    assert page.evaluate(f"{PAD}.sketchpad.pen.seed") == 42


def test_the_die_throws_pens_that_python_takes(page: Page) -> None:
    for _ in range(20):
        page.get_by_title("A pen at random").click()
        pen = Pen.from_dict(page.evaluate(f"{PAD}.sketchpad.pen"))
        assert pen.widest_px >= 9


# ---- what outlives the page


def test_drawing_and_pen_survive_a_reload_and_go_to_the_nets_and_no_other_tab_sees_them(page: Page) -> None:
    choose(page, "wild")
    stroke(page, WAVE, steps=3)
    before = final(page, "release", 1)
    page.reload()
    after = final(page, "release", 1)
    assert after == before
    assert page.locator("[data-pen=wild]").get_attribute("aria-checked") == "true"
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_function(f"{PAD}?.sketchpad !== undefined")
    assert strokes(other) == []


def test_keys_typed_into_a_text_field_are_none_of_the_pads_business(page: Page) -> None:
    stroke(page)
    final(page, "release", 1)
    page.locator("#live textarea").click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    assert len(strokes(page)) == 1


def test_a_screen_reader_hears_what_is_on_the_pad(page: Page) -> None:
    canvas = page.locator("#pad canvas").first
    expect(canvas).to_have_attribute("aria-label", "Sketchpad, empty. Draw a digit with mouse, finger or pen.")
    stroke(page)
    expect(canvas).to_have_attribute("aria-label", "Sketchpad, 1 stroke. Draw a digit with mouse, finger or pen.")
    expect(page.locator("#pad .sketchpad-status")).to_have_text("1 stroke")


# ---- replay, tabs, Python

REPLAYED = """async (play) => {
    const frames = [];
    play.click();
    while (play.getAttribute('aria-pressed') === 'true') {
        await new Promise(requestAnimationFrame);
        frames.push(document.querySelector('#pad canvas').toDataURL());
    }
    return frames;
}"""


def test_a_replay_ends_in_the_same_pixels(page: Page) -> None:
    choose(page, "wild")
    stroke(page, WAVE, steps=3)
    stroke(page, [(0.2, 0.15), (0.8, 0.15)])
    before = seen(page)
    frames: list[str] = page.get_by_role("button", name="Replay").evaluate(REPLAYED)
    assert len(frames) > 1
    amounts = [int(image_from(frame).any(axis=2).sum()) for frame in frames]  # pixels: a new hue may empty a channel
    assert amounts[0] < amounts[-1], "it begins with little and draws on"
    assert amounts == sorted(amounts)
    assert np.array_equal(seen(page), before)


def test_drawing_ends_a_replay_and_loses_nothing(page: Page) -> None:
    choose(page, "classic")
    stroke(page, WAVE, steps=3)
    page.get_by_role("button", name="Replay").click()
    stroke(page, [(0.2, 0.15), (0.8, 0.15)])
    told = final(page, "release", 2)
    assert np.array_equal(seen(page), draw(told["strokes"], PRESETS["classic"]))


def test_a_drawing_survives_a_look_at_another_tab(page: Page) -> None:
    stroke(page, WAVE, steps=3)
    before = seen(page)
    page.get_by_role("tab", name="Elsewhere").click()
    expect(page.locator("#pad canvas").first).to_be_hidden()
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator("#pad canvas").first).to_be_visible()
    assert np.array_equal(seen(page), before)
    stroke(page, [(0.2, 0.15), (0.8, 0.15)])
    final(page, "release", 2)


def test_python_puts_a_drawing_on_the_pad_that_can_be_drawn_on_and_takes_it_away(page: Page) -> None:
    page.locator("#line").click()
    told = final(page, "release", 1)
    assert np.array_equal(seen(page), draw([[[0.3, 0.3], [0.7, 0.7]]], PRESETS["classic"]))
    assert [Pen.from_dict(pen) for pen in told["pens"]] == [PRESETS["classic"]]
    choose(page, "wild")
    stroke(page)
    assert len(final(page, "release", 2)["pens"]) == 2
    page.locator("#nothing").click()
    final(page, "release", None)
    assert not seen(page).any()
    page.locator("#line").click()
    final(page, "release", 1)


def test_an_image_without_strokes_is_the_ground_of_a_new_drawing(page: Page) -> None:
    page.locator("#image").click()
    final(page, "release", 0)
    ground = seen(page)
    assert ground.any()
    stroke(page)
    final(page, "release", 1)
    assert not np.array_equal(seen(page), ground)
    page.keyboard.press("Control+z")
    final(page, "release", 0)
    assert np.array_equal(seen(page), ground)


def test_an_example_loads_with_a_click_and_can_be_drawn_on(page: Page) -> None:
    example = page.get_by_role("button", name="Example: a 4").first
    example.click()
    told = final(page, "release", 2)
    assert np.array_equal(seen(page), draw(told["strokes"], [Pen.from_dict(pen) for pen in told["pens"]]))
    stroke(page)
    final(page, "release", 3)


# ---- replay and lanes, links, and the ghost

NETS = """() => {
    window.partly = [];
    document.addEventListener('sketchpad:sent', ({ detail }) => {
        const points = document.querySelector('#pad .sketchpad').sketchpad.strokes.flat().length;
        window.partly.push({ ...detail, points });
        const digit = points < 12 ? 1 : 7;
        document.dispatchEvent(new CustomEvent('predictions', { detail: { turn: detail.turn, training: 'pen',
            empty: detail.empty, nets: [{ id: 'a-net', name: 'a-net', colour: 0, digit }] } }));
    });
}"""
LANE = "[...document.querySelectorAll('.lane-track b')].map(part => part.dataset.digit ?? null)"


def test_a_replay_asks_the_nets_on_the_way_and_fills_the_lanes(page: Page) -> None:
    strokes = [[[0.2 + 0.01 * i, 0.3, 40 * i] for i in range(31)]]
    page.evaluate(NETS)
    page.evaluate(f"strokes => {PAD}.sketchpad.load({{ strokes, pen: {PAD}.sketchpad.pen }})", strokes)
    expect(page.locator(".lanes-hint")).to_contain_text("Replay")
    assert page.evaluate(LANE) == [], "nobody was asked on the way: the lanes say nothing of it"
    page.evaluate("window.partly = []")
    page.get_by_role("button", name="Replay").click()
    page.wait_for_function("window.partly.at(-1)?.event === 'release'")
    asked = page.evaluate("window.partly")
    counts = [each["points"] for each in asked]
    assert len(counts) > 4 and counts == sorted(counts) and counts[-1] == 31
    assert page.evaluate(LANE) == ["1", "7"]
    expect(page.locator(".lanes-hint")).to_be_empty()


def test_dragging_along_the_lanes_shows_the_drawing_as_it_was_and_leaving_shows_the_whole(page: Page) -> None:
    page.evaluate(NETS)
    stroke(page, WAVE, steps=3)
    page.wait_for_function("window.partly.at(-1)?.event === 'release'")
    whole = seen(page)
    track = page.locator(".lane-track").first.bounding_box()
    assert track is not None
    page.mouse.move(track["x"] + 0.9 * track["width"], track["y"] + 5)
    page.mouse.down()
    page.mouse.move(track["x"] + 0.4 * track["width"], track["y"] + 5, steps=3)
    page.mouse.up()
    part = seen(page)
    assert 0 < np.count_nonzero(part) < np.count_nonzero(whole)
    page.keyboard.press("ArrowRight")
    assert np.count_nonzero(part) < np.count_nonzero(seen(page)) < np.count_nonzero(whole)
    page.locator("#line").focus()
    assert np.array_equal(seen(page), whole)
    assert page.evaluate("window.partly.at(-1).event") == "release"


def test_a_link_holds_the_drawing_and_opening_it_replays_it(page: Page, opened: Callable[..., Page]) -> None:
    choose(page, "wild")
    stroke(page, [(0.25, 0.25), (0.72, 0.25), (0.45, 0.8)], steps=60)
    sent, pen = strokes(page), page.evaluate(f"{PAD}.sketchpad.pen")
    link = page.evaluate(f"{PAD}.sketchpad.link()")
    fragment = link[link.index("#") :]
    assert len(fragment) < 1500
    other = opened(fragment=fragment, reduced_motion="no-preference")
    banner = other.locator(".sketchpad-banner")
    expect(banner).to_contain_text("Can the nets read this?")
    expect(banner.get_by_role("button", name="Your turn")).to_be_visible()
    (arrived,) = strokes(other)
    assert np.abs(np.array(arrived) - np.array(sent[0]))[:, :2].max() < 0.0002
    assert [point[2] for point in arrived] == [point[2] for point in sent[0]]
    assert final(other, "release", 1)["pens"] == [Pen.from_dict(pen).to_dict()]
    assert "#" not in other.url
    banner.get_by_role("button", name="Your turn").click()
    final(other, "clear", None)
    expect(banner).to_be_hidden()
    other.get_by_role("button", name="Undo").click()
    final(other, "release", 1)


@pytest.mark.parametrize("fragment", ["#d=AQ", "#d=AAEC", "#d=<script>", "#d=" + "A" * 300_000])
def test_a_link_that_holds_no_drawing_is_told(opened: Callable[..., Page], fragment: str) -> None:
    page = opened(fragment=fragment)
    expect(page.locator("#pad .sketchpad-status").last).to_contain_text("This link holds no drawing")
    assert strokes(page) == []


def test_an_untouched_pad_draws_a_seven_by_itself_and_a_touch_ends_that_at_once(opened: Callable[..., Page]) -> None:
    page = opened(reduced_motion="no-preference")
    page.locator("#pad .sketchpad[data-performs]").wait_for()
    page.wait_for_function("document.querySelector('#live textarea').value !== ''")  # the nets are asked
    stroke(page)
    assert len(strokes(page)) == 1
    assert page.locator("#pad .sketchpad[data-performs]").count() == 0
    final(page, "release", 1)
    page.reload()
    final(page, "release", 1)
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_function(f"{PAD}?.sketchpad !== undefined")
    page.evaluate("() => new Promise(done => setTimeout(done, 1800))")  # time in which it would have begun again
    assert page.locator("#pad .sketchpad[data-performs]").count() == 0


# ---- the brush


def test_nothing_of_the_brush_asks_the_server(page: Page) -> None:
    stroke(page, [(0.5, 0.5)])  # a dot: no answer to a part of it is asked for later
    final(page, "release", 1)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    sliders = page.locator(".brush input[type=range]")
    for i in range(sliders.count()):
        sliders.nth(i).focus()
        page.keyboard.press("ArrowRight")
    page.get_by_title("A pen at random").click()
    page.locator(".brush-switch").click()
    page.locator(".brush-choice label").nth(1).click()
    for name in PRESETS:
        choose(page, name)
    page.evaluate("() => new Promise(done => setTimeout(done, 500))")  # time in which a request would have been made
    assert requests == []


def test_the_brush_panel_sets_the_pen_of_the_next_stroke(page: Page) -> None:
    choose(page, "classic")
    slider = page.locator("[data-field=widest_px]")
    slider.evaluate("slider => { slider.value = 10; slider.dispatchEvent(new Event('input', { bubbles: true })); }")
    assert page.evaluate(f"{PAD}.sketchpad.pen.thinnest_px") == 10  # thinnest is never wider than widest
    page.locator(".brush-choice label").nth(1).click()
    stroke(page)
    told = final(page, "release", 1)
    assert told["pens"][0]["colour"] == "#ffffff"
    assert thickness(seen(page), 182) == pytest.approx(10, abs=1)
    expect(page.locator("[data-pen=classic]")).to_have_attribute("aria-checked", "false")
    choose(page, "classic")
    expect(page.locator("[data-shows=widest_px]")).to_have_text("35 px")

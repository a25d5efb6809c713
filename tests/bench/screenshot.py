"""The README's image of the page: `python -m tests.bench.screenshot` draws on the app in Chromium and takes it.

With `--states DIR` it takes every state of the page instead, on a desktop and on a phone, light and dark: to be looked
at after a change.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.bench.page import app, chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
PEN = "hairline"
FOUR = (
    ((0.60, 0.15), (0.45, 0.36), (0.27, 0.60), (0.50, 0.62), (0.78, 0.60)),
    ((0.63, 0.40), (0.62, 0.62), (0.60, 0.90)),
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SETTLED_MS = 2500  # nothing is measured here: long enough for what moves to come to rest


def draw(page: Page) -> None:
    """Draw a four by hand with a pen that fools some nets, and wait until the page asks what it was."""
    page.locator(".sketchpad-pens [role=radio]", has_text=PEN).click()
    draw_strokes(page)
    page.locator("#chips .chip").first.wait_for()
    expect(page.locator("#verdict .line")).to_contain_text(re.compile("Trained with the pen"))


def draw_strokes(page: Page) -> None:
    place = page.locator("#pad canvas").first.bounding_box()
    assert place is not None
    for stroke in FOUR:
        points = [(place["x"] + x * place["width"], place["y"] + y * place["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=12)
        page.mouse.up()
    page.mouse.move(0, 0)


def fool(page: Page) -> None:
    draw(page)
    page.locator("#chips .chip", has_text=re.compile("^4$")).click()
    page.locator("#chips [data-state=answered]").wait_for()


def open_card(page: Page) -> None:
    draw(page)
    page.locator("#verdict .tile").first.click()
    page.locator(".net-card[open]").wait_for()


def begin_rounds(page: Page) -> None:
    page.locator(".rounds-screen").first.wait_for(state="attached")
    page.get_by_role("button", name="Play five").click()
    page.locator(".rounds-screen[open]").wait_for()


def play(page: Page) -> None:
    begin_rounds(page)
    page.locator(".rounds-screen[open]").get_by_role("button", name="Start").click()
    page.locator(".rounds-bar").wait_for()
    draw_strokes(page)
    page.wait_for_timeout(SETTLED_MS)


def play_to_the_end(page: Page) -> None:
    play(page)
    ended = page.locator(".rounds-screen[open] figcaption")
    onward = page.locator(".rounds-bar").get_by_role("button", name=re.compile("^(Done|Next|See how you did)$"))
    while not ended.count():  # a round may end by itself meanwhile
        what = onward.first.text_content()
        onward.first.click()
        if what == "Next":
            draw_strokes(page)
    page.wait_for_timeout(SETTLED_MS)


def teach(page: Page) -> None:
    fool(page)
    page.locator("#teach-slot .go").click()
    page.locator("#teach-slot .wall li").first.wait_for()
    page.wait_for_timeout(SETTLED_MS)


def lose_the_connection(page: Page) -> None:
    draw(page)
    page.context.set_offline(True)
    draw_strokes(page)
    page.wait_for_timeout(SETTLED_MS)


def tab(name: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        draw(page)
        page.get_by_role("tab", name=name).first.click()
        page.wait_for_timeout(SETTLED_MS)

    return go


def scoreboard(page: Page) -> None:
    tab("Challenge")(page)
    page.get_by_role("tab", name="Scoreboard").click()
    page.wait_for_timeout(SETTLED_MS)


STATES: dict[str, Callable[[Page], None]] = {
    "first": lambda page: page.wait_for_timeout(SETTLED_MS),
    "verdict": draw,
    "fooled": fool,
    "card": open_card,
    "rounds": begin_rounds,
    "round": play,
    "end": play_to_the_end,
    "lesson": teach,
    "offline": lose_the_connection,
    "laboratory": tab("laboratory"),
    "stress": tab("Stress test"),
    "gallery": tab("Gallery"),
    "challenge": tab("Challenge"),
    "scoreboard": scoreboard,
}


def take_states(browser: Browser, address: str, out: Path, names: Sequence[str]) -> None:
    for name in names:
        for where, size in (("desktop", DESKTOP), ("phone", PHONE)):
            for theme in ("light", "dark"):
                page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
                page.goto(f"{address}?__theme={theme}")
                page.locator("#bars tbody tr").first.wait_for()
                STATES[name](page)
                page.screenshot(path=out / f"{name}-{where}-{theme}.png", animations="disabled")
                print(out / f"{name}-{where}-{theme}.png", flush=True)
                page.context.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.screenshot", description="Take the README's image.")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help=f"where it goes (default: {FOLDER})")
    parser.add_argument("--states", type=Path, metavar="DIR", help="take every state of the page into DIR instead")
    parser.add_argument("--only", nargs="+", choices=STATES, default=list(STATES), help="some of the states")
    options = parser.parse_args(arguments)
    (options.states or options.out).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, app(Path(folder)) as (address, *_):
        browser = chromium(playwright)
        if options.states:
            take_states(browser, address, options.states, options.only)
            return 0
        page = browser.new_context(viewport=DESKTOP, device_scale_factor=1.5).new_page()  # type: ignore[arg-type]
        page.goto(f"{address}?__theme=light")
        page.locator("#bars tbody tr").first.wait_for()
        draw(page)
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        page.screenshot(path=options.out / "page.png", animations="disabled")
        print(options.out / "page.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

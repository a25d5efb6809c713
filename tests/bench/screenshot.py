"""The README's images of the page: `python -m tests.bench.screenshot` draws on the app in Chromium and takes them."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.page import app, chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
PEN = "hairline"
FOUR = (
    ((0.60, 0.15), (0.45, 0.36), (0.27, 0.60), (0.50, 0.62), (0.78, 0.60)),
    ((0.63, 0.40), (0.62, 0.62), (0.60, 0.90)),
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PAGES = (("page", DESKTOP, "light"), ("page-dark", DESKTOP, "dark"), ("phone", PHONE, "light"))


def draw(page: Page) -> None:
    """Draw a four by hand with a pen that fools some nets, and wait until the page asks what it was."""
    page.locator(".sketchpad-pens [role=radio]", has_text=PEN).click()
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
    page.locator("#chips .chip").first.wait_for()
    expect(page.locator("#verdict .line")).to_contain_text(re.compile("Trained with the pen"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.screenshot", description="Take the README's images.")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help=f"where they go (default: {FOLDER})")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, app(Path(folder)) as (address, *_):
        browser = chromium(playwright)
        for name, size, theme in PAGES:
            page = browser.new_context(viewport=size, device_scale_factor=1.5).new_page()  # type: ignore[arg-type]
            page.goto(f"{address}?__theme={theme}")
            page.locator("#bars tbody tr").first.wait_for()
            draw(page)
            page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
            page.screenshot(path=options.out / f"{name}.png", animations="disabled")
            print(options.out / f"{name}.png")
            page.context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

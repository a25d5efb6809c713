"""The README's image of the page: `python -m tests.bench.screenshot` draws on the real app in Chromium and takes it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.page import app, chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DRAWING = 7  # the label of the example on the pad
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def take(page: Page, path: Path, *, dark: bool) -> None:
    """Load an example into the pad, wait for the answers and save what is on the screen."""
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
    page.locator(f"#examples button[aria-label*='{DRAWING}']").first.click()
    page.locator("#bars tr .winner").first.wait_for()
    page.locator("#bars tbody tr").first.wait_for()
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_function("scrollY === 0")
    page.mouse.move(0, 0)
    page.screenshot(path=path, animations="disabled")
    print(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.screenshot", description="Take the README's images.")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help=f"where they go (default: {FOLDER})")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, app(Path(folder)) as (address, *_):
        browser = chromium(playwright)
        for name, size, dark in (("page", DESKTOP, False), ("page-dark", DESKTOP, True), ("phone", PHONE, False)):
            page = browser.new_context(viewport=size, device_scale_factor=1.5).new_page()  # type: ignore[arg-type]
            page.goto(address)
            page.locator("#pad canvas").first.wait_for()
            take(page, options.out / f"{name}.png", dark=dark)
            page.context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

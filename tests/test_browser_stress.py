"""The stress test as a person runs it: cells fill, a cancel stops the server, and a cell goes back to the pad."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from serving import draw

LONG_MS = 240_000  # six hundred answers on a busy machine
DONE = "#stress-maps .state"


def start(page: Page, digit: str = "7") -> None:
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    page.get_by_role("tab", name="Stress test").click()
    page.locator("#stress-digit label", has_text=digit).click()
    page.locator("#stress-start").click()
    page.locator("#stress-maps .cell.right, #stress-maps .cell.wrong").first.wait_for(timeout=LONG_MS)


def answered(page: Page) -> int:
    return int(page.locator(DONE).inner_text().split()[0])


def test_a_cancel_stops_the_run_on_the_server(page: Page) -> None:
    start(page)
    page.locator("#stress-cancel").click()
    page.wait_for_function(
        """async () => {
            const read = () => document.querySelector('#stress-maps .state').textContent;
            const before = read();
            await new Promise((later) => setTimeout(later, 6000));
            return read() === before;
        }"""
    )
    assert answered(page) < 200


def test_every_net_answers_every_cell_and_a_cell_goes_to_the_pad(page: Page) -> None:
    start(page, "3")  # said to be a 3, so that every net is wrong about the seven and there is a smallest change
    expect(page.locator(DONE)).to_contain_text("200 of 200", timeout=LONG_MS)
    maps = page.locator("#stress-maps .map")
    for at in range(maps.count()):
        one = maps.nth(at)
        assert one.locator(".cell.right").count() + one.locator(".cell.wrong").count() == 200
    smallest = maps.first.locator(".smallest")
    expect(smallest.locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
    before = page.locator("#pad canvas").first.evaluate("pad => pad.toDataURL()")
    maps.first.locator(".cell").first.click()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    page.wait_for_function("before => document.querySelector('#pad canvas').toDataURL() !== before", arg=before)


def test_a_run_without_a_digit_says_what_is_missing(page: Page) -> None:
    draw(page)
    page.locator("#bars .winner").first.wait_for()
    page.get_by_role("tab", name="Stress test").click()
    page.locator("#stress-start").click()
    expect(page.locator(DONE)).to_contain_text("which digit")

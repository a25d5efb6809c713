"""When the server does not answer, the page says so in words, marks what it shows as old, and asks again by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.serving import ONE, PATIENCE_MS, answered, draw

EVENTS = "**/gradio_api/run/**"
Failing = Callable[[Route], None]


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """The page in a context of its own: what fails here is printed in the console, and that is right."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.goto(server)
    opened.locator("#verdict .tile").first.wait_for()
    opened.locator("#pad canvas").first.wait_for()
    draw(opened)
    answered(opened)
    yield opened
    context.close()


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        (lambda route: route.fulfill(status=503), "Many people are drawing"),
        (lambda route: route.fulfill(status=500), "The server had an error"),
        (lambda route: route.fulfill(status=413), "refused"),
    ],
)
def test_a_failure_is_said_and_the_drawing_is_answered_once_the_server_is_back(
    page: Page, fail: Failing, said: str
) -> None:
    page.route(EVENTS, fail)
    draw(page, ONE)
    expect(page.locator("#verdict .trouble")).to_contain_text(said)
    expect(page.locator("#verdict .verdict")).to_have_class("verdict stale")
    page.unroute(EVENTS)
    answered(page)
    expect(page.locator("#verdict .trouble")).to_be_hidden()
    expect(page.locator("#verdict .verdict")).to_have_class("verdict")


def go_to(page: Page, tab: str) -> None:
    page.locator(".tab-container:not(.visually-hidden) [role=tab]", has_text=tab).click()


@pytest.mark.parametrize(
    ("tab", "button", "requests", "status", "said"),
    [
        ("Draw", "#save-drawing", EVENTS, 500, "The server had an error."),
        ("Capsule laboratory", "#save-saw", EVENTS, 429, "Many people are drawing right now."),
        ("Stress test", "#stress-start", "**/gradio_api/queue/join**", 503, "Many people are drawing right now."),
        ("Gallery", "#gallery-csv", EVENTS, 413, "The server refused this request. The body is too large."),
        ("Challenge", "#challenge-another", EVENTS, 502, "The server had an error."),
        ("Challenge", "#challenge-another", EVENTS, None, "No connection to the server."),
    ],
)
def test_the_tab_that_is_open_says_what_failed_and_that_it_is_not_tried_again(
    page: Page, tab: str, button: str, requests: str, status: int | None, said: str
) -> None:
    go_to(page, tab)
    page.locator(button).wait_for()

    reason = "the body is too large" if status == 413 else None
    if status is None:
        page.context.set_offline(True)  # all of it: where only events are cut off Gradio finds the server and reloads
    else:
        page.route(requests, lambda route: route.fulfill(status=status, json={"error": reason}))
    page.locator(button).click()
    notice = page.locator("#notice [role=status]")
    expect(notice).to_have_text(f"{said} This is not tried again by itself: please try once more.")
    expect(notice).to_be_visible()
    page.unroute(requests)
    page.locator("#notice button").click()
    expect(notice).to_be_empty()


def test_the_trouble_of_the_pad_is_seen_on_another_tab_until_it_is_over(page: Page) -> None:
    page.route(EVENTS, lambda route: route.fulfill(status=503))
    draw(page, ONE)
    expect(page.locator("#verdict .trouble")).to_contain_text("Many people are drawing")
    expect(page.locator("#notice p")).to_be_empty()
    go_to(page, "Gallery")
    expect(page.locator("#notice p")).to_contain_text("it is asked again")
    page.unroute(EVENTS)
    expect(page.locator("#notice p")).to_be_empty()


def test_without_a_connection_the_page_says_so_and_the_drawing_is_answered_once_there_is_one(page: Page) -> None:
    page.context.set_offline(True)  # all of it: where only the nets are cut off Gradio finds the server and reloads
    draw(page, ONE)
    expect(page.locator("#verdict .trouble")).to_contain_text("No connection")
    expect(page.locator("#verdict .verdict")).to_have_class("verdict stale")
    with page.expect_navigation():  # Gradio comes back so
        page.context.set_offline(False)
    page.locator("#pad canvas").first.wait_for()
    page.wait_for_function("document.querySelector('#pad .sketchpad')?.sketchpad?.strokes.length === 2")
    answered(page)
    expect(page.locator("#verdict .trouble")).to_be_hidden()
    expect(page.locator("#verdict .verdict")).to_have_class("verdict")


def test_each_tab_has_an_address_and_back_works(page: Page, server: str) -> None:
    tab = page.locator(".tab-container:not(.visually-hidden) [role=tab]", has_text="Gallery")
    tab.click()
    expect(page).to_have_url(f"{server}/?tab=gallery")
    page.go_back()
    expect(page.locator("#pad canvas").first).to_be_visible()
    page.go_forward()
    expect(page.locator("#wall")).to_be_visible()
    page.goto(f"{server}/?tab=stress-test")
    expect(page.locator("[role=tab][aria-selected=true]:visible")).to_have_text("Stress test")

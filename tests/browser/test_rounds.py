"""Play five in a real browser: a whole game with real nets, its link, a reload in the middle, and leaving."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from demo.components import modules
from tests.support.serving import PATIENCE_MS, SEVEN, draw

PAD = "document.querySelector('#pad .sketchpad').sketchpad"


@pytest.fixture
def opened(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the page with a storage of its own, at an address that may end in a fragment."""
    contexts: list[BrowserContext] = []

    def open_page(fragment: str = "", rules: Callable[[Route], None] | None = None, **settings: object) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", **settings)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.add_init_script("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
        if rules is not None:
            page.route("**/rules.mjs*", rules)
        page.goto(f"{server}/{fragment}")
        page.wait_for_function(
            "document.querySelector('#pad .sketchpad')?.sketchpad && document.querySelector('.rounds-screen')"
        )
        return page

    yield open_page
    for context in contexts:
        context.close()


def prompt(page: Page) -> int:
    return int((page.locator(".rounds-bar strong").text_content() or "").split()[-1])


def start(page: Page) -> None:
    page.get_by_role("button", name="Play five").click()
    page.get_by_role("button", name="Start").click()
    page.locator(".rounds-bar").wait_for()


def test_five_rounds_end_in_a_score_that_a_friend_can_try_to_beat(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("#net label", has_text="lenet-like").click()
    expect(page.locator("#verdict .tile")).to_have_count(1)
    start(page)
    expect(page.locator("#verdict .tile")).to_have_count(4)
    digits = []
    for number in range(5):
        expect(page.locator(".rounds-bar small")).to_contain_text(f"{number + 1} of 5")
        digits.append(prompt(page))
        if number != 3:  # one is left out
            draw(page, SEVEN)
        if number == 0:
            expect(page.locator("#verdict .tile .other b")).to_have_text([re.compile(r"\d")] * 4)
            expect(page.locator("#verdict .tile .other small").first).to_have_text("with the pen")
        page.get_by_role("button", name="Done").click()
        page.locator(".rounds-bar").get_by_role("button", name="Next" if number < 4 else "See how you did").click()
    expect(page.locator("#net input:checked")).to_have_value("lenet-like")
    screen = page.locator(".rounds-screen[open]")
    expect(screen.locator(".rounds-drawings canvas")).to_have_count(5)
    nets = screen.locator(".rounds-row:not(.rounds-drawings, .rounds-others)")
    expect(nets).to_have_count(8)
    each = screen.locator("figcaption b").all_text_contents()
    total = sum(0 if worth == "nobody" else int(worth) for worth in each)
    expect(screen.locator("h2")).to_have_text(f"{total} point{'' if total == 1 else 's'}")
    expect(screen.locator(".rounds-lead")).to_have_text(re.compile("stood longest|fell|read any"))
    screen.locator(".rounds-theirs img").first.wait_for()
    screen.get_by_role("button", name="Challenge a friend").click()
    page.wait_for_function("window.copied")
    link = page.evaluate("window.copied")

    friend = opened(link[link.index("#") :])
    expect(friend.locator(".rounds-screen[open]")).to_contain_text(f"scored {total} point")
    friend.get_by_role("button", name="Start").click()
    assert prompt(friend) == digits[0]
    assert friend.evaluate(f"{PAD}.pen.widest_px") == 8, "the hairline comes first"


def test_a_game_goes_on_after_a_reload_and_leaving_gives_the_pad_back(opened: Callable[..., Page]) -> None:
    page = opened()
    draw(page, SEVEN)
    own = page.evaluate(f"{PAD}.strokes")
    start(page)
    assert page.evaluate(f"{PAD}.strokes") == []
    page.get_by_role("button", name="Done").click()
    page.locator(".rounds-bar").get_by_role("button", name="Next").click()
    second = prompt(page)
    page.reload()
    page.get_by_role("button", name="Go on: round 2 of 5").click()
    assert prompt(page) == second
    page.get_by_role("button", name="Example: a 4").first.click()
    assert page.evaluate(f"{PAD}.strokes") == [], "nobody draws with someone else's example"
    page.get_by_role("button", name="Leave the game").click()
    page.wait_for_function(f"{PAD}.strokes.length === 1")
    assert page.evaluate(f"{PAD}.strokes") == own
    expect(page.get_by_role("button", name="Play five")).to_be_visible()


@pytest.mark.parametrize(
    ("fell", "first", "longest"),
    [([1, 2], [3, 0], ["a"]), ([2, 2], [0, 0], ["a", "b"]), ([0, 0], [5, 5], ["a", "b"]), ([5, 5], [0, 0], [])],
)
def test_those_that_fell_alike_stood_equally_long_and_nobody_where_all_fell_each_time(
    opened: Callable[..., Page], fell: list[int], first: list[int], longest: list[str]
) -> None:
    nets = [
        {"id": name, "fooled": fooled, "first": start, "digits": [{"fooled": n < fooled} for n in range(5)]}
        for name, fooled, start in zip("ab", fell, first, strict=True)
    ]
    asked = "async ([url, nets]) => (await import(url)).longest(nets).map((net) => net.id)"
    assert opened().evaluate(asked, [f"./{modules.url('draw/rounds/rules.mjs')}", nets]) == longest


def quick(route: Route) -> None:
    """Rounds of four seconds: under a clock that is set forward Gradio takes the connection for lost and reloads."""
    rules = route.fetch()
    assert rules.text().count("ROUND_MS = 20_000") == 1
    route.fulfill(response=rules, body=rules.text().replace("ROUND_MS = 20_000", "ROUND_MS = 4_000"))


def test_a_round_ends_by_itself_when_its_time_is_up(opened: Callable[..., Page]) -> None:
    page = opened(rules=quick)
    start(page)
    draw(page, SEVEN, lift=False)
    expect(page.locator(".rounds-bar strong")).to_contain_text("point")
    assert len(page.evaluate(f"{PAD}.strokes")) == 1, "the stroke that was being drawn counts"


@pytest.mark.parametrize("fragment", ["#five=AQ", "#five=AFsxXQ", "#five=!"])
def test_a_link_that_holds_no_game_is_told(opened: Callable[..., Page], fragment: str) -> None:
    page = opened(fragment)
    expect(page.locator("#pad .sketchpad-status")).to_contain_text("This link holds no game")

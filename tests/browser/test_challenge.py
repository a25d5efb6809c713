"""The challenge as people meet it: the real app, the real browser, the real database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from demo.challenge.scoreboard import predictions
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import data_url
from tests.support.serving import ONE, PATIENCE_MS, SEVEN, start, stop

DENIED = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
})"""
EVIL = "<img src=x onerror=1>"  # 21 characters: a nickname has 24


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """The app with a database of its own, and that database."""
    folder = tmp_path_factory.mktemp("challenge")
    process, address = start("--db", str(folder / "drawings.db"), log=folder / "log.txt")
    store = Store(str(folder / "drawings.db"))
    yield address, store
    store.close()
    stop(process)


@pytest.fixture
def come(app: tuple[str, Store], browser: Browser) -> Iterator[Callable[..., Page]]:
    """A new person opens the challenge; an error in their console fails the test."""
    contexts, errors = [], []

    def opened(width: int = 1280, height: int = 800, init: str = "") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        if init:
            context.add_init_script(init)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(app[0])
        enter(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


def enter(page: Page) -> None:
    page.get_by_role("tab", name="Challenge").click()
    page.locator("#challenge-prompt .digit:not(:empty)").wait_for(state="attached")


def asked(page: Page) -> int:
    return int(page.locator("#challenge-prompt .digit").inner_text())


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    box = page.locator("#challenge-pad canvas").first.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()
    page.locator('#challenge-pad .sketchpad[data-empty="false"]').wait_for()


def give(page: Page) -> int:
    """Draw something and submit it; returns the digit that was asked for."""
    digit = asked(page)
    page.locator("#challenge-consent input").check()
    draw(page, ONE if digit == 1 else SEVEN)
    page.get_by_role("button", name="Submit").click()
    page.locator(f'#challenge-predictions .given[alt="Your {digit}"]').wait_for()
    return digit


def drawings_of(store: Store) -> list[str]:
    with store.reading() as connection:
        given = select(schema.drawings.c.uid).where(schema.drawings.c.state != schema.GOLD)
        return list(connection.execute(given.order_by(schema.drawings.c.id)).scalars())


def behind(store: Store, shown: str) -> tuple[str, int | None]:
    """State and label of the drawing whose image the page shows."""
    query = select(schema.drawings, schema.contents.c.image).join(schema.contents)
    with store.reading() as connection:
        for row in connection.execute(query):
            if data_url(bytes(row.image)) == shown:
                return row.state, row.label
    raise AssertionError("the page shows an image that is not in the store")


def test_nothing_is_kept_without_consent(app: tuple[str, Store], come: Callable[..., Page]) -> None:
    page, before = come(), drawings_of(app[1])
    draw(page, SEVEN)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#challenge-predictions .problem")).to_contain_text("Tick the box first")
    assert drawings_of(app[1]) == before
    assert page.evaluate("contributor.key()") == "", "and nobody is given a key"
    expect(page.locator('#challenge-pad .sketchpad[data-empty="false"]')).to_be_visible()


def test_a_person_draws_sees_what_the_nets_say_in_the_prompts_place_and_takes_it_back(
    app: tuple[str, Store], come: Callable[..., Page]
) -> None:
    page, before = come(390, 844), drawings_of(app[1])
    nickname = page.locator("#challenge-nickname input, #challenge-nickname textarea")
    nickname.fill(EVIL)
    give(page)
    result = page.locator("#challenge-predictions .headline")
    expect(result).not_to_be_empty()
    expect(result).to_be_in_viewport()
    expect(page.locator("#challenge-prompt")).to_be_hidden()
    assert page.locator("#challenge-predictions tbody td b").count() == len(predictions.nets()), "in both trainings"
    following = page.locator("#challenge-predictions .next")
    expect(following).to_have_text(re.compile(r"Next: draw an? \d"))
    following.click()
    expect(page.locator("#challenge-prompt .digit")).to_be_visible()
    page.locator('#challenge-pad .sketchpad[data-empty="true"]').wait_for()
    uid = (set(drawings_of(app[1])) - set(before)).pop()
    with app[1].reading() as connection:
        row = connection.execute(select(schema.drawings).where(schema.drawings.c.uid == uid)).one()
        maker = connection.execute(
            select(schema.contributors).where(schema.contributors.c.id == row.contributor_id)
        ).one()
    assert (row.device, maker.nickname) == ("mouse", EVIL)

    page.reload()
    enter(page)
    expect(nickname).to_have_value(EVIL)
    assert page.locator("img[onerror]").count() == 0
    page.get_by_role("tab", name="Yours").click()
    expect(page.locator("#challenge-mine .drawing")).to_have_count(1)
    button = page.locator("#challenge-mine .delete")
    button.click()
    assert uid in drawings_of(app[1]), "the first click only asks"
    button.click()
    expect(page.locator("#challenge-mine .drawing")).to_have_count(0)
    assert uid not in drawings_of(app[1])


def test_two_tabs_are_one_person_and_never_share_a_ticket(app: tuple[str, Store], come: Callable[..., Page]) -> None:
    one = come()
    other = one.context.new_page()
    other.goto(app[0])
    enter(other)  # before anybody has a key
    before = drawings_of(app[1])
    for page in (one, other):
        give(page)
    assert len(drawings_of(app[1])) == len(before) + 2
    assert one.evaluate("contributor.key()") == other.evaluate("contributor.key()")
    for page in (one, other):
        page.get_by_role("tab", name="Yours").click()
        expect(page.locator("#challenge-mine .drawing")).to_have_count(2)
    everything = one.locator("#challenge-mine .everything")
    everything.click()
    everything.click()
    expect(one.locator("#challenge-mine .drawing")).to_have_count(0)
    expect(other.locator("#challenge-mine .drawing")).to_have_count(0)  # it has heard of it
    assert other.evaluate("contributor.key()") == ""
    assert drawings_of(app[1]) == before


def test_without_storage_the_challenge_works_for_the_visit_and_says_so(
    app: tuple[str, Store], come: Callable[..., Page]
) -> None:
    page = come(init=DENIED)
    expect(page.locator("#challenge-prompt .lasting")).to_contain_text("in its own tab")
    give(page)
    page.get_by_role("tab", name="Yours").click()
    expect(page.locator("#challenge-mine .drawing")).to_have_count(1)
    page.locator("#challenge-mine .delete").click()
    page.locator("#challenge-mine .delete").click()
    expect(page.locator("#challenge-mine .drawing")).to_have_count(0)


def test_people_label_blind_take_a_wrong_key_back_and_the_scoreboard_says_too_few(
    app: tuple[str, Store], come: Callable[..., Page]
) -> None:
    maker = come()
    give(maker)
    uid = drawings_of(app[1])[-1]
    annotator = come(390, 844)
    annotator.locator("#challenge-consent input").check()
    annotator.get_by_role("tab", name="Label").click()
    panel = annotator.locator("#challenge-annotate")
    shown = ""
    for _ in range(10):  # gold items first: this annotator labels them well
        annotator.wait_for_function(
            """shown => {
                const src = document.querySelector('#challenge-annotate .given')?.getAttribute('src');
                return src?.startsWith('data:') && src !== shown;
            }""",
            arg=shown,
        )
        shown = panel.locator(".given").get_attribute("src") or ""
        state, label = behind(app[1], shown)
        if state == "open":
            break
        annotator.keyboard.press(str(label))
    expect(panel.locator(".past li").nth(1)).to_contain_text("It is a")

    def labelled(expected: int) -> None:
        """Wait until the store has this label alone: the page shows it before the server has it."""
        query = select(schema.annotations.c.label).join(schema.drawings).where(schema.drawings.c.uid == uid)
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while True:
            with app[1].reading() as connection:
                labels = list(connection.execute(query).scalars())
            if labels == [expected]:
                return
            assert time.monotonic() < deadline, labels
            annotator.wait_for_timeout(50)

    panel.get_by_role("button", name="7", exact=True).click()
    expect(panel.locator(".past .last")).to_contain_text("You said 7.")
    labelled(7)
    annotator.keyboard.press("z")
    expect(panel.locator(".given")).to_have_attribute("src", shown)
    labelled(schema.TAKEN_BACK)
    panel.get_by_role("button", name="Unreadable").click()
    expect(panel.locator(".past .last")).to_contain_text("You said unreadable.")
    labelled(schema.UNREADABLE)
    annotator.get_by_role("tab", name="Scoreboard").click()
    expect(annotator.locator("#challenge-scores .headline")).to_contain_text("No drawing has all its labels yet")
    expect(annotator.locator("#challenge-scores .caution")).to_contain_text("Too few")
    annotator.locator("#scores-csv").click()
    expect(annotator.locator("#scores-saver")).to_contain_text("there is nothing to save")

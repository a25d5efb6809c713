"""The challenge as people meet it: the real app, the real browser, the real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import data_url
from tests.support.serving import ONE, PATIENCE_MS, SEVEN, start, stop

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

    def opened(width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
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
    page.locator("#challenge-prompt .digit:not(:empty)").wait_for()


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
    """Draw something and hand it in; returns the digit that was asked for."""
    digit = asked(page)
    page.locator("#challenge-consent input").check()
    draw(page, ONE if digit == 1 else SEVEN)
    page.get_by_role("button", name="Hand in").click()
    page.locator(f'#challenge-verdicts .given[alt="Your {digit}"]').wait_for()
    return digit


def drawings_of(store: Store) -> list[str]:
    with store.reading() as connection:
        given = select(schema.drawings.c.uid).where(schema.drawings.c.state != "known")
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
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#challenge-verdicts .problem")).to_contain_text("Tick the box first")
    assert drawings_of(app[1]) == before
    expect(page.locator('#challenge-pad .sketchpad[data-empty="false"]')).to_be_visible()


def test_a_person_draws_sees_all_verdicts_and_takes_it_back(app: tuple[str, Store], come: Callable[..., Page]) -> None:
    page, before = come(), drawings_of(app[1])
    expect(page.locator("#challenge-verdicts .nets li")).to_have_count(0)
    page.locator("#challenge-nickname input, #challenge-nickname textarea").fill(EVIL)
    give(page)
    expect(page.locator("#challenge-verdicts .headline")).not_to_be_empty()
    page.locator('#challenge-pad .sketchpad[data-empty="true"]').wait_for()
    uid = (set(drawings_of(app[1])) - set(before)).pop()
    with app[1].reading() as connection:
        row = connection.execute(select(schema.drawings).where(schema.drawings.c.uid == uid)).one()
        maker = connection.execute(
            select(schema.contributors).where(schema.contributors.c.id == row.contributor_id)
        ).one()
    assert row.device == "mouse"
    assert maker.nickname == EVIL

    page.reload()
    enter(page)
    nickname = page.locator("#challenge-nickname input, #challenge-nickname textarea")
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


def test_people_judge_each_other_blind_and_the_scoreboard_says_too_few(
    app: tuple[str, Store], come: Callable[..., Page]
) -> None:
    maker = come()
    give(maker)
    uid = drawings_of(app[1])[-1]
    judge = come(390, 844)
    judge.locator("#challenge-consent input").check()
    judge.get_by_role("tab", name="Judge").click()
    desk = judge.locator("#challenge-judge")
    shown = ""
    for _ in range(10):  # known drawings first: this judge reads them well
        judge.wait_for_function(
            """shown => {
                const src = document.querySelector('#challenge-judge .given')?.getAttribute('src');
                return src?.startsWith('data:') && src !== shown;
            }""",
            arg=shown,
        )
        shown = desk.locator(".given").get_attribute("src") or ""
        state, label = behind(app[1], shown)
        if state == "open":
            break
        judge.keyboard.press(str(label))
    desk.get_by_role("button", name="Unreadable").click()
    judge.wait_for_function("() => !document.querySelector('#challenge-judge .sending')")
    with app[1].reading() as connection:
        said = select(schema.judgements.c.said).join(schema.drawings).where(schema.drawings.c.uid == uid)
        assert list(connection.execute(said).scalars()) == [schema.UNREADABLE]
    judge.get_by_role("tab", name="Scoreboard").click()
    expect(judge.locator("#challenge-scores .headline")).to_contain_text("No drawing has been judged to the end yet")
    expect(judge.locator("#challenge-scores .caution")).to_contain_text("Too few")

"""A lesson as a person sees it: offered when a net is fooled, flying digits, a flip, a sentence, a third choice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from architectures.input.pen import PRESETS
from tests.support.serving import PATIENCE_MS, answered, draw, start, stop, winners

LONG_MS = 240_000  # a lesson on a busy machine
THIN = replace(PRESETS["hairline"], thinnest_px=3, widest_px=9, hue_start_deg=240, hue_period_px=4000)
LESSON = f"/?net=resnet-ish&pen={quote(json.dumps(THIN.to_dict()))}&teach=90,200,5"
SLOT = "#teach-slot"


def fooled(page: Page) -> None:
    """Draw a seven with the pen of the link, and say that it is what no net says it is."""
    page.wait_for_function("() => document.querySelector('#pad .sketchpad')?.sketchpad?.pen.widest_px === 9")
    draw(page)
    answered(page)
    page.locator("#chips button", has_text="something else").click()


@pytest.fixture(scope="module")
def taught(browser: Browser, server: str) -> Page:
    """A page on which resnet-ish has been taught a thin blue pen."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(server + LESSON)
    page.locator("#pad canvas").first.wait_for()
    page.locator("#bars tbody tr").first.wait_for()
    fooled(page)
    page.locator(f"{SLOT} .go").click()
    page.locator(f"{SLOT} .wall li").first.wait_for(timeout=LONG_MS)
    page.locator(f"{SLOT} polyline").first.wait_for(timeout=LONG_MS)
    page.locator(f"{SLOT} .teach[data-state=done]").wait_for(timeout=LONG_MS)
    page.evaluate("window.focusedAtTheEnd = document.activeElement.className")
    return page


def test_the_button_appears_when_a_net_is_fooled_and_not_before(page: Page) -> None:
    go = page.locator(f"{SLOT} .go")
    expect(go).to_be_hidden()
    draw(page)
    answered(page)
    page.locator("#chips button", has_text="something else").click()
    expect(go).to_be_visible()
    expect(go).to_have_text("Teach them this pen")
    page.locator("#pad [data-tool=clear]").click()
    expect(go).to_be_hidden()


def test_a_lesson_ends_in_one_sentence_and_in_the_third_choice(taught: Page) -> None:
    expect(taught.locator(f"{SLOT} .sentence")).to_have_text(
        re.compile(r"^In .+ seconds? resnet-ish learned your pen: from \d+ to \d+ of 100\. It forgot")
    )
    shares = taught.locator(f"{SLOT} tbody td").first.locator("span, b").all_text_contents()
    before, after = (float(share.strip(" →")) for share in shares)
    assert after > before + 20, "a pen that it hardly read at all"
    assert re.search(r"\d–\d", taught.locator(f"{SLOT} tbody td small").first.inner_text()), "intervals stand beside"
    assert taught.locator(f"{SLOT} .wall li").count() >= 40
    expect(taught.locator("#training label.selected")).to_have_text("taught by you")
    expect(taught.locator("#training input:checked")).to_have_value(re.compile("taught:[0-9a-f]{16}"))
    taught.get_by_role("tab", name="Capsule laboratory").first.click()
    expect(taught.locator("#laboratory-training label")).to_have_count(3)
    taught.get_by_role("tab", name="Draw").first.click()


def test_the_focus_goes_on_to_the_sentence_and_a_screen_reader_hears_what_begins(taught: Page) -> None:
    assert taught.evaluate("focusedAtTheEnd") == "sentence"
    expect(taught.locator(f"{SLOT} .spoken")).to_have_text(re.compile("resnet-ish is learning your pen"))


def test_a_map_shows_which_plain_pens_are_read_before_and_after(taught: Page) -> None:
    taught.locator(f"{SLOT} .pen-map").wait_for(timeout=LONG_MS)
    tables = taught.locator(f"{SLOT} .pen-map table")
    expect(tables).to_have_count(2)
    means = [int(text) for text in re.findall(r"(\d+) %", " ".join(tables.locator("caption").all_inner_texts()))]
    assert means[0] < means[1], "thin and dark pens are read now"
    expect(tables.first.locator("td.cell")).to_have_count(42)
    expect(tables.first.get_by_role("columnheader", name="blue", exact=True)).to_have_count(1)
    expect(tables.first.get_by_role("rowheader", name="6 px", exact=True)).to_have_count(1)
    assert re.fullmatch(r"\d+ %", tables.first.locator("td.cell").first.inner_text())
    assert tables.first.locator("td.this").count() > 0, "where the pen goes is ringed"


def test_the_drawing_is_asked_again_and_its_tile_shows_what_the_taught_net_says(taught: Page) -> None:
    own = taught.locator(f"{SLOT} .flip").first.inner_text()
    taught.wait_for_function("own => document.querySelector('#verdict .tile .digit').textContent === own", arg=own)
    assert winners(taught) == {"resnet-ish": int(own)}
    taught.locator("#training label", has_text="MNIST alone").click()
    first = re.search(r"your drawing: (?:still )?(\d)", taught.locator(f"{SLOT} .nets small").first.inner_text())
    assert first is not None and first.group(1) != own
    expect(taught.locator("#verdict .tile .digit").first).to_have_text(first.group(1))
    taught.locator("#training label", has_text="taught by you").click()
    expect(taught.locator("#chips .question")).to_have_text(f"Did you draw {'an' if own == '8' else 'a'} {own}?")


def test_what_was_learned_is_shown_and_taken_along(taught: Page) -> None:
    assert taught.locator(f"{SLOT} .learned li img").count() > 0
    with taught.expect_download() as download:
        taught.locator(f"{SLOT} .save").first.click()
    assert download.value.suggested_filename == "resnet-ish-taught.safetensors"
    taught.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    taught.locator(f"{SLOT} .link").click()
    expect(taught.locator(f"{SLOT} .link")).to_have_text("Copied")
    assert "teach=90%2C200%2C5" in taught.evaluate("window.copied")
    assert "teach=90%2C200%2C5" in (taught.locator(f"{SLOT} .link").get_attribute("title") or "")


def test_a_lesson_is_cancelled_and_the_nets_are_as_they_were(visit: Callable[..., Page]) -> None:
    page = visit(path=LESSON)
    fooled(page)
    page.locator(f"{SLOT} .go").click()
    expect(page.locator(f"{SLOT} .lesson")).to_be_visible(timeout=2000)
    page.locator(f"{SLOT} .wall li").first.wait_for(timeout=LONG_MS)
    page.locator(f"{SLOT} .stop").click()
    expect(page.locator(f"{SLOT} .message")).to_have_text("The lesson was cancelled: the nets are as they were.")
    expect(page.locator(f"{SLOT} .lesson")).to_be_hidden()
    expect(page.locator("#training label")).to_have_count(2)
    page.locator(f"{SLOT} .go").click()  # the place is free again
    page.locator(f"{SLOT} .wall li").first.wait_for(timeout=LONG_MS)
    expect(page.locator(f"{SLOT} .stop")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"{SLOT} .lesson")).to_be_hidden()
    assert page.evaluate("document.querySelector('#pad .sketchpad').sketchpad.strokes.length") == 1, "not the pad's"
    assert page.evaluate("document.activeElement.closest('.teach') !== null"), "the focus stays with the lesson"


def test_a_lesson_that_is_cancelled_before_the_server_knows_of_it_ends_there_too(visit: Callable[..., Page]) -> None:
    page = visit(path=LESSON)
    fooled(page)
    go = page.locator(f"{SLOT} .go")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/queue/join*", hold, times=1)
    with page.expect_request("**/queue/join*"):
        go.click()
    page.locator(f"{SLOT} .stop").click()
    expect(go).to_be_disabled()
    held[0].continue_()
    expect(go).to_be_enabled(timeout=LONG_MS)
    expect(page.locator("#training label")).to_have_count(2)


def test_a_link_that_cannot_be_copied_is_shown_instead(taught: Page) -> None:
    link = taught.locator(f"{SLOT} .link")
    taught.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('not allowed'); }; }")
    taught.evaluate("() => { window.prompt = (_, text) => { window.shown = text; }; }")
    link.click()
    taught.wait_for_function("() => window.shown?.includes('teach=90')")
    expect(link).to_have_text("Link to this lesson")


def test_a_lesson_beyond_the_bounds_is_no_lesson_of_a_link(visit: Callable[..., Page]) -> None:
    page = visit(path=LESSON.replace("90,200,5", "999,5,9999999999"))
    fooled(page)
    expect(page.locator(f"{SLOT} .about")).not_to_contain_text("came with the link")


def test_a_lesson_that_the_server_refuses_can_be_asked_for_again(visit: Callable[..., Page]) -> None:
    page = visit(path=LESSON)
    fooled(page)

    def too_long(route: Route) -> None:
        route.continue_(post_data=(route.request.post_data or "").replace('"steps":90', '"steps":999'))

    page.route("**/queue/join*", too_long)
    page.locator(f"{SLOT} .go").click()
    expect(page.locator(f"{SLOT} .message")).to_have_text(
        "The server could not go on with this lesson: please try again.", timeout=LONG_MS
    )
    expect(page.locator(f"{SLOT} .lesson")).to_be_hidden()
    expect(page.locator(f"{SLOT} .go")).to_be_enabled()


def test_a_taught_net_plays_along_and_is_not_scored(taught: Page) -> None:
    taught.locator("#net label", has_text="all").first.click()
    taught.get_by_role("button", name="Play five").click()
    taught.locator(".rounds-screen[open]").get_by_role("button", name="Start").click()
    draw(taught)
    tiles = taught.locator("#verdict .tile")
    expect(tiles.filter(has_text="lenet-like").locator(".value small")).to_contain_text("not taught")
    expect(tiles.filter(has_text="resnet-ish").locator(".digit")).to_have_text(re.compile(r"\d"))
    expect(tiles.filter(has_text="resnet-ish").locator(".value small")).not_to_contain_text("not taught")
    taught.get_by_role("button", name="Leave the game").click()
    taught.locator("#net label", has_text="resnet-ish").click()


def test_on_a_phone_a_lesson_fits_the_screen(taught: Page) -> None:
    taught.set_viewport_size({"width": 390, "height": 844})
    box = taught.locator(f"{SLOT} .lesson").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert taught.evaluate("document.documentElement.scrollWidth") <= 390
    taught.set_viewport_size({"width": 1280, "height": 900})


def kept(*, visit: str) -> str:
    """What a page that has taught resnet-ish a thin blue pen keeps of it."""
    held = {"nets": ["resnet-ish"], "pen": THIN.to_dict(), "steps": 3, "digits": 20, "seed": 5, "visit": visit}
    return json.dumps([held])


def test_a_reload_offers_to_teach_again_what_the_visit_before_had_learned(visit: Callable[..., Page]) -> None:
    page = visit(path="/?net=resnet-ish")
    page.evaluate("kept => sessionStorage.setItem('lessons', kept)", kept(visit="taught/0123456789abcdef/"))
    page.reload()
    go = page.locator(f"{SLOT} .go")
    expect(go).to_have_text("Teach them again")
    expect(page.locator(f"{SLOT} .about")).to_contain_text("resnet-ish learned your pen here before")
    page.locator(f"{SLOT} .forget").click()
    expect(go).to_be_hidden()
    page.reload()
    page.locator("#bars tbody tr").first.wait_for()
    expect(go).to_be_hidden()


def test_a_server_without_the_taught_net_teaches_it_again_and_says_so(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("restart")
    database = f"sqlite:///{folder}/drawings.sqlite"
    process, address = start("--db", database, log=folder / "first.txt")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    try:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{address}{LESSON.replace('90,200,5', '3,20,5')}")
        fooled(page)
        page.locator(f"{SLOT} .go").click()
        page.locator(f"{SLOT} .teach[data-state=done]").wait_for(timeout=LONG_MS)
        before = page.locator(f"{SLOT} tbody td").first.inner_text()
        page.locator(f"{SLOT} .pen-map").wait_for(timeout=LONG_MS)
        stop(process)
        process, _ = start("--db", database, log=folder / "second.txt", port=int(address.rsplit(":", 1)[1]))
        draw(page)
        expect(page.locator(f"{SLOT} .message")).to_have_text(
            "The server that answers now has not taught resnet-ish: it learns again, from your pen and seed.",
            timeout=LONG_MS,
        )
        page.locator(f"{SLOT} .teach[data-state=done]").wait_for(timeout=LONG_MS)
        assert page.locator(f"{SLOT} tbody td").first.inner_text() == before, "the same net again"
        expect(page.locator("#verdict .tile .value small")).not_to_contain_text("not taught", timeout=LONG_MS)
    finally:
        context.close()
        stop(process)

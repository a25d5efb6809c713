"""The page in a real browser: a person draws, switches, looks; on a desk and on a phone, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

import architectures
from demo.components.trainings import MNIST_ONLY
from demo.draw import reconstruction, sees, verdict
from demo.inference import available_nets
from tests.support.serving import ONE, answered, contrast, draw, values, winners

Visit = Callable[..., Page]
TEXT = (
    ".masthead p, #verdict .sentence, #verdict .line, #verdict .name, #verdict .value, #verdict .answered .digit, "
    "#chips *, #bars .name, #bars .caption, #bars .winner .value, #sees figcaption, #reconstruction .note, "
    "#net label span, #training label span"
)


def fed(page: Page) -> str:
    return page.locator("#sees img").get_attribute("src") or ""


def changed(page: Page, before: str) -> None:
    """Wait until the nets are fed another image than `before`."""
    page.wait_for_function("before => document.querySelector('#sees img').src !== before", arg=before)


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


def choose(page: Page, control: str, choice: str) -> None:
    page.locator(f"#{control} label", has_text=re.compile(f"^\\s*{re.escape(choice)}\\s*$")).click()


def test_a_net_chosen_while_the_page_still_loads_stays_chosen(page: Page) -> None:
    page.reload()
    page.locator("#net label", has_text="lenet-like").click()
    page.locator("#bars tbody tr").first.wait_for()
    expect(page.locator("#net label.selected, #net label:has(input:checked)").first).to_contain_text("lenet-like")


def test_an_empty_pad_shows_hints_and_no_bars(page: Page) -> None:
    expect(page.locator("#verdict .sentence")).to_have_text(verdict.HINT)
    expect(page.locator("#verdict .line")).to_have_text(verdict.UNDER_HINT)
    expect(page.locator("#sees .hint")).to_have_text(sees.HINT)
    expect(page.locator("#reconstruction .hint")).to_have_text(reconstruction.HINT)
    assert set(values(page)) == {""}
    assert winners(page) == {}


def test_a_drawing_is_read_by_every_net_and_clearing_it_takes_the_bars_away(page: Page) -> None:
    draw(page)
    answered(page)
    assert sorted(winners(page)) == available_nets()
    assert "" not in values(page)
    page.keyboard.press("Escape")
    expect(page.locator("#verdict .sentence")).to_have_text(verdict.HINT)
    expect(page.locator("#verdict .tile.answered")).to_have_count(0)
    assert set(values(page)) == {""}
    assert winners(page) == {}


def test_the_bars_move_while_the_pen_is_still_down(page: Page) -> None:
    draw(page, lift=False)
    before = answered(page)
    viewport = page.locator("#pad canvas").first.bounding_box()
    assert viewport is not None
    page.mouse.move(viewport["x"] + 30, viewport["y"] + viewport["height"] - 30, steps=8)
    changed(page, before)
    page.mouse.up()


def test_the_longest_bar_is_the_winner_and_carries_the_value(page: Page) -> None:
    draw(page, ONE)
    answered(page)
    for column, (_, digit) in enumerate(winners(page).items(), start=1):
        cells = page.locator(f"#bars tbody tr td:nth-child({column + 1})")
        shares = cells.evaluate_all(
            "cells => cells.map(cell => Number(cell.querySelector('.fill').style.getPropertyValue('--share')))"
        )
        assert shares.index(max(shares)) == digit
        assert "winner" in (cells.nth(digit).get_attribute("class") or "")


def test_a_net_can_be_asked_alone_and_keeps_its_colour(page: Page) -> None:
    draw(page)
    answered(page)
    head = page.locator("#bars thead th.net", has_text="resnet-ish")
    among = head.evaluate("head => head.style.getPropertyValue('--colour')")
    choose(page, "net", "resnet-ish")
    expect(page.locator("#bars thead th.net")).to_have_count(1)
    answered(page)
    assert list(winners(page)) == ["resnet-ish"]
    assert head.evaluate("head => head.style.getPropertyValue('--colour')") == among


def test_every_net_can_be_chosen(page: Page) -> None:
    expect(page.locator("#net label")).to_have_text(["all", *architectures.names()])


def test_the_switches_change_what_the_nets_are_fed_and_back(page: Page) -> None:
    draw(page)
    usual = answered(page)
    shown = values(page)
    choose(page, "way", "as drawn")
    changed(page, usual)
    page.wait_for_function(
        "shown => [...document.querySelectorAll('#bars td .value')].some((v, i) => v.textContent !== shown[i])",
        arg=shown,
    )
    drawn = fed(page)
    choose(page, "ink", "ink mask")
    changed(page, drawn)
    choose(page, "way", "like MNIST")
    choose(page, "ink", "luma")
    page.wait_for_function("usual => document.querySelector('#sees img').src === usual", arg=usual)


def test_what_the_net_sees_is_28_pixels_wide_and_not_smoothed(page: Page) -> None:
    draw(page)
    answered(page)
    image = page.locator("#sees img")
    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
    assert image.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"


def test_the_reconstruction_stands_beside_its_input_with_the_difference(page: Page) -> None:
    draw(page)
    answered(page)
    row = page.locator("#reconstruction .row").first
    expect(row.locator("img")).to_have_count(3)
    expect(row.locator(".caption")).to_have_text(
        re.compile(r"read \d and drew it 0\.\d{3} off: mean absolute difference")
    )
    choose(page, "net", "resnet-ish")
    expect(page.locator("#reconstruction .note")).to_contain_text("resnet-ish has no decoder")
    expect(page.locator("#reconstruction .row")).to_have_count(0)


def test_an_example_loads_into_the_pad_and_is_read(page: Page) -> None:
    page.locator("#examples button").nth(3).click()
    before = answered(page)
    draw(page, ONE)
    changed(page, before)


def test_the_page_stands_still_while_answers_come(page: Page) -> None:
    places = {name: box(page.locator(name)) for name in ("#pad", "#net", "#bars", "#sees", "#reconstruction", "#brush")}
    draw(page)
    answered(page)
    for name, before in places.items():
        now = box(page.locator(name))
        assert (now["x"], now["y"]) == (before["x"], before["y"]), name
    assert box(page.locator("#bars"))["height"] == places["#bars"]["height"]


def test_pad_selectors_tiles_and_question_are_visible_together_at_1280_by_800(page: Page) -> None:
    draw(page)
    answered(page)
    for name in ("#pad canvas", "#net", "#training", "#verdict .tiles", "#chips"):
        place = box(page.locator(name).first)
        assert place["y"] >= 0
        assert place["bottom"] <= 800, name
        assert place["right"] <= 1280, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_pad_tiles_and_question_are_in_view_together_and_nothing_overflows(
    visit: Visit, scheme: str
) -> None:
    page = visit(390, 844, color_scheme=scheme, has_touch=True, is_mobile=True)
    draw(page)
    answered(page)
    assert box(page.locator("#pad canvas").first)["y"] >= 0
    assert box(page.locator("#chips"))["bottom"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.locator("#draw *:visible").evaluate_all(
        """nodes => nodes.filter(node => !node.closest('#net .wrap, .examples, .sketchpad-pens, .tab-container')
            && node.getClientRects().length && node.getBoundingClientRect().right > 390.5).map(one => one.className)"""
    )
    assert wide == []


@pytest.mark.parametrize(("width", "height"), [(844, 390), (640, 400), (568, 320)])
def test_where_there_is_little_height_the_pad_has_it_all_and_the_tiles_stand_beside_it(
    visit: Visit, width: int, height: int
) -> None:
    page = visit(width, height, has_touch=True)
    pad, tiles = box(page.locator("#pad canvas").first), box(page.locator("#verdict .tiles"))
    assert pad["bottom"] <= height and pad["width"] >= 0.65 * height
    assert tiles["x"] >= pad["x"] + pad["width"] and tiles["y"] < height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_what_is_touched_is_large_and_the_lanes_say_whose_they_are(visit: Visit) -> None:
    page = visit(390, 844, has_touch=True, is_mobile=True)
    draw(page)
    answered(page)
    low = page.locator("#training label, #net label, [role=tab]:visible, #save-row button").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.textContent)"
    )
    assert low == []
    strip = box(page.locator(".lanes-strip"))
    assert strip["height"] >= 44
    names = page.locator(".lane-name")
    assert names.count() == len(architectures.names())
    assert [text for text in names.all_inner_texts() if text] == architectures.names()
    assert float(names.first.evaluate("name => parseFloat(getComputedStyle(name).fontSize)")) >= 10


def test_what_is_chosen_is_seen_in_a_high_contrast_theme(visit: Visit) -> None:
    page = visit(forced_colors="active")
    pairs = {
        "#net label": ".selected",
        "#training label": ".selected",
        ".sketchpad-pens button": "[aria-checked=true]",
        ".tab-container:not(.visually-hidden) [role=tab]": "[aria-selected=true]",
    }
    colours = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color].join()"
    for all_of, chosen in pairs.items():
        one = page.locator(f"{all_of}{chosen}").first.evaluate(colours)
        other = page.locator(f"{all_of}:not({chosen})").first.evaluate(colours)
        assert one != other, all_of


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_names_of_the_pens_are_shown_whole(visit: Visit, width: int) -> None:
    pens = visit(width, 844).locator(".sketchpad-pens button")
    pens.first.wait_for()
    assert pens.count() > 1
    hidden = pens.evaluate_all("all => all.filter(pen => pen.scrollWidth > pen.clientWidth).map(pen => pen.title)")
    assert hidden == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_in_dark(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    draw(page)
    answered(page)
    colours = page.locator(TEXT).evaluate_all(
        """nodes => nodes.filter(node => node.textContent && node.getClientRects().length).map(node => {
            let ground = node;
            const clear = under => /rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(under).backgroundColor);
            while (ground.parentElement && clear(ground)) ground = ground.parentElement;
            return [node.className, getComputedStyle(node).color, getComputedStyle(ground).backgroundColor];
        })"""
    )
    assert colours
    for name, text, ground in colours:
        assert contrast(text, ground) >= 4.5, (name, text, ground)


def test_the_dark_page_is_dark(visit: Visit) -> None:
    page = visit(color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).backgroundColor")
    assert contrast(ground, "rgb(255, 255, 255)") > 12


def test_everything_to_use_has_a_name_for_screen_readers(page: Page) -> None:
    draw(page)
    answered(page)
    nameless = page.locator("#draw").evaluate(
        """draw => [...draw.querySelectorAll("button, input, [tabindex='0'], img")].filter(node => {
            if (!node.getClientRects().length || node.closest("[aria-hidden=true]")) return false;
            const labels = [...(node.labels ?? [])].map(label => label.textContent);
            const named = [node.getAttribute("aria-label"), node.title, node.alt, node.textContent, ...labels];
            return !named.some(text => text && text.trim());
        }).map(node => node.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    expect(page.locator("#bars table caption")).to_contain_text("How likely each digit is")
    assert page.locator("#bars tbody th[scope=row]").all_text_contents() == [str(digit) for digit in range(10)]


def test_the_answer_is_told_to_screen_readers_in_words(page: Page) -> None:
    draw(page)
    answered(page)
    for net, digit in winners(page).items():
        expect(page.locator("#verdict .spoken")).to_contain_text(f"{net} reads {digit}, ")


def test_the_selector_is_reached_and_used_with_the_keyboard(page: Page) -> None:
    page.locator("#net input[value=resnet-ish]").focus()
    page.keyboard.press("Space")
    expect(page.locator("#net label.selected")).to_have_text(re.compile("resnet-ish"))
    expect(page.locator("#bars thead th.net")).to_have_count(1)


def test_nothing_is_asked_of_any_other_host(visit: Visit, server: str) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.locator("#bars tbody tr").first.wait_for()
    draw(page)
    answered(page)
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


def test_nothing_is_kept_in_the_browsers_storage_by_drawing(page: Page) -> None:
    draw(page)
    answered(page)
    kept = page.evaluate("Object.entries(localStorage).map(([name, value]) => [name, value.length])")
    assert sum(size for _, size in kept) < 2000, kept


def ids(page: Page) -> list[str]:
    return page.locator("#verdict .tile").evaluate_all("tiles => tiles.map(tile => tile.dataset.net)")


def test_the_page_opens_with_the_nets_trained_on_mnist_alone_and_the_switch_flips_the_tiles(page: Page) -> None:
    draw(page)
    answered(page)
    assert set(ids(page)) == set(available_nets(MNIST_ONLY))
    expect(page.locator("#verdict .line")).to_contain_text(re.compile(r"^Trained with the pen, .*\d\.$"))
    with_pen = page.locator("#verdict .line b").text_content() or ""
    choose(page, "training", "with the pen")
    page.wait_for_function("() => !document.querySelector('#verdict .tile').dataset.net.includes('/')")
    assert set(ids(page)) == set(available_nets())
    expect(page.locator("#verdict .sentence")).to_have_text(re.compile(re.escape(with_pen.rstrip(".")), re.IGNORECASE))
    expect(page.locator("#verdict .line")).to_contain_text("Trained on MNIST alone,")


def test_digits_are_the_largest_text_and_every_tile_has_one(page: Page) -> None:
    draw(page)
    answered(page)
    sizes = page.locator("#verdict .digit").evaluate_all("all => all.map(d => parseInt(getComputedStyle(d).fontSize))")
    assert len(sizes) == len(architectures.names())
    assert min(sizes) >= 64
    cut = page.locator("#verdict .name").evaluate_all("all => all.filter(n => n.scrollWidth > n.clientWidth).length")
    assert cut == 0


def test_the_question_comes_though_a_late_answer_tells_of_the_stroke_that_was_being_drawn(page: Page) -> None:
    page.evaluate("""() => document.addEventListener("predictions", ({ detail }) => {
        if (!detail.live) document.dispatchEvent(new CustomEvent("predictions", { detail: { ...detail, live: true } }));
    })""")
    draw(page)
    answered(page)
    expect(page.locator("#chips .chip").first).to_be_visible()


def test_the_person_says_which_digit_it_was_once_and_is_counted_in_the_header(page: Page) -> None:
    draw(page)
    answered(page)
    expect(page.locator("#verdict .tag").first).to_be_hidden()
    page.locator("#chips .chip", has_text="something else").click()
    nets = len(winners(page))
    expect(page.locator("#chips .result")).to_have_text(f"You fooled all {nets}!")
    expect(page.locator("#fooled")).to_have_text(f"You fooled {nets} of {nets}")
    expect(page.locator("#verdict .tile.fooled .tag")).to_have_text(["fooled"] * nets)
    draw(page, ONE)
    answered(page)
    expect(page.locator("#chips .chip")).to_have_count(0)
    expect(page.locator("#verdict .tile.fooled")).to_have_count(nets)
    page.keyboard.press("Escape")
    expect(page.locator("#verdict .tile.fooled")).to_have_count(0)
    draw(page)
    answered(page)
    digit = next(iter(winners(page).values()))
    page.locator("#chips .chip", has_text=re.compile(f"Yes|{digit}")).first.click()
    expect(page.locator("#verdict .tile.correct .digit").first).to_have_text(str(digit))
    expect(page.locator("#fooled")).to_have_text(re.compile(rf"You fooled \d of {2 * nets}"))

"""Every tab of the page, in light and in dark, as axe-core sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.serving import answered, draw

SETTLED = "() => !document.querySelector('.skeleton, .pending, .generating')"
TABS = ".tab-container:not(.visually-hidden) [role=tab]"


def violations(page: Page, where: str) -> list[str]:
    found = Axe().run(page, context={"exclude": [["footer"]]}).response["violations"]  # the footer is Gradio's own
    return [
        f"{where}: {rule['id']} ({rule['help']}): {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_tab_breaks_a_rule_of_accessibility(visit: Callable[..., Page], scheme: str) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    draw(page)
    answered(page)
    page.locator("#chips .chip").first.wait_for()
    broken: list[str] = []
    for tab in page.locator(TABS).all():
        name = tab.text_content() or ""
        tab.click()
        page.wait_for_function(SETTLED)
        broken += violations(page, name)
    page.locator(TABS).first.click()
    page.locator("#verdict .tile").first.click()
    page.locator(".net-card[open]").wait_for()
    broken += violations(page, "the card of a net")
    assert broken == []

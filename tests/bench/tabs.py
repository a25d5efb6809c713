"""How long the tabs behind the first one take: a slider to its digit, a capsule to its panels, a first paint."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

CHANGED = Path(__file__).with_name("tabs.js").read_text(encoding="utf-8")
PAINTED = """name => new Promise((measured) => {
    const tab = [...document.querySelectorAll("[role=tab]")].find((one) => one.textContent.includes(name));
    const began = performance.now();
    tab.click();
    const look = () => {
        const shown = [...document.querySelectorAll("[role=tabpanel]")].some((one) => one.offsetHeight > 100
            && one.getAttribute("aria-labelledby") === tab.id);
        if (shown) requestAnimationFrame(() => measured(performance.now() - began));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
WAIT_MS = 60_000


def open_laboratory(page: Page) -> None:
    """On a page with a drawing: the laboratory, its third step, and the sixteen numbers unfolded."""
    page.get_by_role("tab", name="laboratory").first.click()
    page.locator("#stage img.result[src]").wait_for(timeout=WAIT_MS)
    page.locator("#story [role=tab]").nth(2).click()
    page.evaluate("document.querySelector('#pose details.raw').open = true")


def slider_ms(page: Page, move: int) -> float:
    """Milliseconds from moving a slider to its decoded digit."""
    what = {"act": f"#pose-{move % 16}", "of": "#stage img.result", "move": move // 16}
    return float(page.evaluate(CHANGED, what))


def panels_ms(page: Page, move: int) -> float:
    """Milliseconds from choosing another capsule to its opinions and its routing, whichever comes last."""
    what = {"act": f"#stage .capsules li:nth-child({1 + move % 10}) button", "of": "#routing img.maps", "move": move}
    return float(page.evaluate(CHANGED, what))


def paint_ms(page: Page, name: str) -> float:
    """Milliseconds from a click on a tab that was not open yet to its first paint."""
    return float(page.evaluate(PAINTED, name))

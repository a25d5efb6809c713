"""Google Drive's page that asks whether to download a file too large to be scanned for viruses."""

from __future__ import annotations

import urllib.parse
from html.parser import HTMLParser


class _Form(HTMLParser):
    """The first form that leads to a download, with its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and self.action is None and "download" in (given.get("id") or given.get("action") or ""):
            self.action = given.get("action")
        elif tag == "input" and self.action is not None and given.get("type") == "hidden" and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""


def confirmed(page: str, at: str) -> str | None:
    """The address that the page's "download anyway" leads to, or None for a page without one."""
    form = _Form()
    form.feed(page)
    if not form.action or "id" not in form.fields:
        return None
    return f"{urllib.parse.urljoin(at, form.action)}?{urllib.parse.urlencode(form.fields)}"

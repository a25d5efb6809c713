"""The modules of the page's scripts, over HTTP."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demo.components import modules


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=[modules.route()]))


def test_a_module_and_all_that_it_imports_are_served_as_script_that_never_changes(client: TestClient) -> None:
    waiting, seen = [modules.url("sketchpad/pad.mjs")], set()
    while waiting:
        url = waiting.pop()
        seen.add(url)
        response = client.get(url)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert "immutable" in response.headers["cache-control"]
        imports = re.findall(r'from "\./([^"]+)"', response.text)
        waiting += [found for found in (f"{url.rpartition('/')[0]}/{name}" for name in imports) if found not in seen]
    assert len(seen) > 5
    assert seen <= set(re.findall(r'href="([^"]+)"', modules.preloads("sketchpad")))


def test_a_module_goes_out_in_brotli_where_that_is_read(client: TestClient) -> None:
    url = modules.url("sketchpad/pad.mjs")
    plain = client.get(url, headers={"accept-encoding": "gzip;q=0, br;q=0"})
    small = client.get(url, headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers and small.headers["content-encoding"] == "br"
    assert small.content == plain.content
    assert int(small.headers["content-length"]) < len(plain.content) / 2
    assert "accept-encoding" in small.headers["vary"].lower()


@pytest.mark.parametrize("path", ["sketchpad/__init__.py", "../app.py", "sketchpad/none.mjs", "sketchpad/brush.js"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/modules/0/{path}").status_code == 404


def test_a_page_of_an_older_version_gets_the_module_and_does_not_keep_it(client: TestClient) -> None:
    response = client.get("/modules/0123456789ab/sketchpad/pen.mjs")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")

from html.parser import HTMLParser
from pathlib import Path

import gradio
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from demo.serving.document import DESCRIPTION, IMAGE, IMAGE_PATH, TITLE, Document, image_route, rewritten

GRADIOS = (Path(gradio.__file__).parent / "templates" / "frontend" / "index.html").read_bytes()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("property") or given.get("name")
        if tag == "meta" and name:
            self.found.setdefault(name, []).append(given.get("content") or "")


def tags_of(document: str) -> dict[str, list[str]]:
    parser = Tags()
    parser.feed(document)
    return parser.found


@pytest.fixture
def client() -> TestClient:
    def page(_request: object) -> HTMLResponse:
        return HTMLResponse(GRADIOS)

    routes = [Route("/", page), Route("/json/", lambda _request: JSONResponse({"head": "<head>"})), image_route()]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Document)]), base_url="https://digits.example")


def test_the_link_preview_is_ours_and_stands_alone(client: TestClient) -> None:
    tags = tags_of(client.get("/").text)
    assert tags["og:title"] == [TITLE]
    assert tags["og:description"] == tags["description"] == [DESCRIPTION]
    assert tags["og:url"] == ["https://digits.example/"]
    assert tags["og:image"] == ["https://digits.example/static/preview.png"]
    assert not any("Gradio" in text for texts in tags.values() for text in texts)


def test_behind_a_proxy_the_address_is_the_one_that_people_see(client: TestClient) -> None:
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-host": "people.example"}
    assert tags_of(client.get("/", headers=forwarded).text)["og:url"] == ["https://people.example/"]


def test_an_address_cannot_break_out_of_its_tag() -> None:
    document = rewritten(b"<head></head>", 'https://a"><script>alert(1)</script>/')
    assert b"<script>" not in document


def test_the_document_is_sent_in_brotli_where_that_is_read(client: TestClient) -> None:
    plain = client.get("/", headers={"accept-encoding": "identity"})
    small = client.get("/", headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers and small.headers["content-encoding"] == "br"
    assert small.text == plain.text
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert "accept-encoding" in small.headers["vary"].lower()


def test_everything_but_the_document_passes_as_it_is(client: TestClient) -> None:
    assert client.get("/json/").json() == {"head": "<head>"}


def test_the_image_of_the_preview_is_there_and_as_large_as_it_says(client: TestClient) -> None:
    assert client.get(IMAGE_PATH).headers["content-type"] == "image/png"
    with Image.open(IMAGE) as image:
        assert image.size == (1200, 630)
    assert IMAGE.stat().st_size < 300_000

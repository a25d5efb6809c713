"""Two processes of the app behind nginx, in turn, without sticky sessions, on one PostgreSQL; with TLS and a path."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import image_url
from tests.bench.crowd import handlers
from tests.support.nginx import nginx
from tests.support.serving import PATIENCE_MS, answered, draw, start, stop

pytestmark = pytest.mark.slow

SEVEN = Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[str]:
    """Address of the page behind nginx."""
    folder = tmp_path_factory.mktemp("proxy")
    settings = {"GRADIO_ROOT_PATH": "/digits", "FORWARDED_ALLOW_IPS": "127.0.0.1"}
    database = postgresql.format("postgres")

    def app(number: int) -> tuple[Any, str]:
        return start("--model", "resnet-ish", "--db", database, log=folder / f"app{number}.log", **settings)

    with ThreadPoolExecutor(2) as pool:
        processes = list(pool.map(app, (1, 2)))
    try:
        with nginx(folder, [int(address.rsplit(":", 1)[1]) for _, address in processes]) as address:
            yield address
    finally:
        for process, _ in processes:
            stop(process)


@pytest.fixture(scope="module")
def client(behind: str) -> Iterator[httpx.Client]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with httpx.Client(base_url=behind, timeout=120, verify=context) as connected:
        yield connected


def test_the_page_names_its_own_address_and_comes_from_both_processes(client: httpx.Client, behind: str) -> None:
    pages = [client.get("/config") for _ in range(4)]
    assert [page.status_code for page in pages] == [200] * 4
    assert {page.json()["root"] for page in pages} == {behind}
    assert len({page.headers["x-process"] for page in pages}) == 2


def test_one_visit_draws_at_both_processes(client: httpx.Client) -> None:
    config = client.get("/config").json()
    fn = handlers(config)["pad", "release"]
    values = {component["id"]: component["props"].get("value") for component in config["components"]}
    inputs = next(dependency["inputs"] for dependency in config["dependencies"] if dependency["id"] == fn)

    def answers(**headers: str) -> list[httpx.Response]:
        turns = [{"image": image_url(SEVEN.image), "turn": turn} for turn in range(1, 5)]
        bodies = [{"data": [turn, *(values[each] for each in inputs[1:])], "fn_index": fn} for turn in turns]
        sent = [
            client.post("/gradio_api/run/predict", json={**body, "session_hash": "visit"}, headers=headers)
            for body in bodies
        ]
        assert not any("problem" in answer.raise_for_status().text for answer in sent)
        return sent

    assert len({answer.headers["x-process"] for answer in answers()}) == 2
    taught = answers(cookie="taught=1")
    assert len({answer.headers["x-process"] for answer in taught}) == 1, "their nets are in one process alone"


def test_programs_ask_in_one_step_at_any_process_and_in_two_at_the_same(client: httpx.Client) -> None:
    asked = {"picture": image_url(SEVEN.image), "net": "resnet-ish"}
    answers = [client.post("/gradio_api/classify", json=asked).raise_for_status() for _ in range(4)]
    assert len({answer.headers["x-process"] for answer in answers}) == 2
    for _ in range(4):
        body = {"data": [image_url(SEVEN.image), "resnet-ish"]}
        event = client.post("/gradio_api/call/classify", json=body).raise_for_status().json()["event_id"]
        assert "event: complete" in client.get(f"/gradio_api/call/classify/{event}").text


def test_a_browser_draws_and_submits_to_the_challenge_behind_the_proxy(browser: Browser, behind: str) -> None:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        failed: list[str] = []
        page.on("response", lambda got: failed.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.goto(behind + "/")
        page.locator("#pad canvas").first.wait_for()
        draw(page)
        answered(page)
        page.get_by_role("tab", name="Challenge").click()
        expect(page.locator("#challenge-pad canvas").first).to_be_visible(timeout=PATIENCE_MS)
        assert not failed
    finally:
        context.close()

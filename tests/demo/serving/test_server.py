"""What Gradio leaves open, over real HTTP: bodies and heads without end, half-open requests, routes that nobody needs,
addresses to download, direct calls past the queue, missing headers."""

import base64
import http.client
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from demo.serving import bodies
from demo.serving.bodies import EVENT_BYTES, IMAGE_BYTES, Uploads
from demo.serving.server import DOCUMENT_HEADERS, HEADERS, NO_DOCUMENTS, SecurityHeaders, believed_proxies
from tests.bench.crowd import handlers
from tests.support.serving import ROOT

pytestmark = pytest.mark.slow

MEGABYTE = b"x" * 2**20
NAN = float("nan")


@contextmanager
def connect(server: str) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=120)) as connection:
        yield connection


def alive(server: str) -> bool:
    with urllib.request.urlopen(f"{server}/config", timeout=120) as response:
        return bool(json.load(response)["components"])


def statuses(server: str, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    with connect(server) as connection:
        connection.request("POST", path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, response.read()


def endless(megabytes: int) -> Iterator[bytes]:
    yield b'{"data": ["'
    for _ in range(megabytes):
        yield MEGABYTE


@pytest.mark.parametrize("path", ["/gradio_api/classify", "/gradio_api/call/classify", "/gradio_api/queue/join"])
def test_a_body_of_40_mb_is_refused_before_it_is_read(server: str, path: str) -> None:
    with connect(server) as connection:
        connection.putrequest("POST", path)
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str(40 * 2**20))
        connection.endheaders(MEGABYTE)
        response = connection.getresponse()
        assert response.status == 413
        assert "bytes, which is the most" in json.loads(response.read())["error"]
    assert alive(server)


@pytest.mark.parametrize("path", ["/gradio_api/classify", "/gradio_api/call/classify"])
def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_limit(server: str, path: str) -> None:
    headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
    with connect(server) as connection:
        connection.request("POST", path, endless(8), headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    assert alive(server)


@pytest.mark.parametrize("length", ["-1", "many", "1e9"])
def test_a_nonsensical_length_is_refused(server: str, length: str) -> None:
    with connect(server) as connection:
        connection.putrequest("POST", "/gradio_api/classify")
        connection.putheader("content-length", length)
        connection.endheaders()
        assert 400 <= connection.getresponse().status < 500
    assert alive(server)


def test_an_upload_of_more_than_the_limit_is_refused(server: str) -> None:
    body = (
        b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        + MEGABYTE * 3
        + b"\r\n--x--\r\n"
    )
    status, _ = statuses(server, "/gradio_api/upload", body, **{"content-type": "multipart/form-data; boundary=x"})
    assert status == 413
    assert len(body) < IMAGE_BYTES  # refused as a file, not as a body


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/classify", "/nowhere"])
def test_every_answer_carries_the_security_headers(server: str, path: str) -> None:
    with connect(server) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        kind = response.headers.get("content-type", "")
        for name, value in HEADERS.items() if kind.startswith(NO_DOCUMENTS) else (HEADERS | DOCUMENT_HEADERS).items():
            assert response.headers[name] == value


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/svg+xml", "application/xml", ""])
def test_whatever_a_browser_can_show_as_a_page_carries_the_policy(kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    app = Starlette(routes=[Route("/", lambda _: Response("x", headers=headers))])
    sent = TestClient(SecurityHeaders(app)).get("/").headers
    assert sent["content-security-policy"] == DOCUMENT_HEADERS["content-security-policy"]


def test_hugging_face_may_frame_the_page_and_others_may_not() -> None:
    ancestors = DOCUMENT_HEADERS["content-security-policy"].split("frame-ancestors ")[1].split()
    assert ancestors == ["'self'", "https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space"]
    assert (
        "x-frame-options" not in HEADERS | DOCUMENT_HEADERS
    )  # it knows no list, and would keep a Space from being shown


def test_the_queue_cannot_be_passed_by(server: str) -> None:
    body = json.dumps({"data": ["data:image/png;base64,AAAA", "all"]}).encode()
    assert statuses(server, "/gradio_api/run/classify", body)[0] == 404


@pytest.mark.parametrize(
    "strokes",
    [
        [[[NAN, 0.5], [0.5, 0.5]]],
        [[[1e308 * 10, 0.5], [0.5, 0.5]]],
        [[["<script>", 0.5]]],
        [[{"x": 1}]],
        "strokes",
        7,
        [[[0.5, 0.5]] * 1_000_000],
    ],
    ids=["NaN", "infinity", "script", "an object", "text", "a number", "a million points"],
)
def test_strokes_that_are_none_are_a_clear_error(server: str, strokes: object) -> None:
    page = config(server)
    number = handlers(page)["pad", "release"]
    inputs = next(fn["inputs"] for fn in page["dependencies"] if fn["id"] == number)
    others = {component["id"]: component["props"].get("value") for component in page["components"]}
    data = [{"strokes": strokes}, *(others[each] for each in inputs[1:])]
    body = {"data": data, "fn_index": number, "session_hash": "s"}
    status, answer = statuses(server, "/gradio_api/run/predict", json.dumps(body).encode())
    assert status in (400, 413, 422, 500)
    if status == 500:  # Gradio's own status for an error that it shows to the person
        assert "This is not a drawing" in json.loads(answer)["error"]
    assert alive(server)


@pytest.mark.parametrize("data", [[], [None], {"a": 1}, "text", None, [[[[]]], {}, 3, 4, 5, 6, 7, 8]])
def test_wrong_json_types_are_an_error_and_the_server_goes_on(server: str, data: object) -> None:
    status, _ = statuses(server, "/gradio_api/call/classify", json.dumps({"data": data}).encode())
    assert status == 200 or 400 <= status < 500  # 200: joined the queue, where it becomes an error event
    assert alive(server)


@pytest.mark.parametrize(
    "path", ["app.py", "/etc/passwd", "checkpoints/manifest.json", "../../etc/passwd", "%2e%2e/app.py"]
)
def test_no_file_of_the_server_is_served(server: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server}/gradio_api/file={path}", timeout=120)
    refused.value.close()
    assert refused.value.code in (403, 404)


def config(server: str) -> dict:
    with urllib.request.urlopen(f"{server}/config", timeout=120) as response:
        return json.load(response)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/process_recording",
        "/gradio_api/deep_link?session_hash=s",
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/vibe-edit",
        "/gradio_api/vibe-code",
        "/gradio_api/component_server",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/stream/a/b/c/playlist.m3u8",
        "/gradio_api/queue/status",
        "/gradio_api/runs",
        "/pwa_icon/192",
        "/login",
        "/docs",
        "/openapi.json",
        "/nowhere",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_the_page_does_not_need_is_not_there(server: str, path: str, method: str) -> None:
    with connect(server) as connection:
        connection.request(method, path)
        assert connection.getresponse().status == 404


@pytest.mark.parametrize("path", ["/", "/config", "/theme.css", "/gradio_api/info", "/manifest.json"])
def test_the_document_and_json_go_out_compressed(server: str, path: str) -> None:
    with connect(server) as connection:
        connection.request("GET", path, headers={"accept-encoding": "gzip"})
        response = connection.getresponse()
        assert response.status == 200
        body = response.read()
        assert len(body) < 1000 or response.headers["content-encoding"] == "gzip"


FILE = {"meta": {"_type": "gradio.FileData"}}


def test_no_event_takes_an_address_or_a_file_that_was_not_uploaded(server: str) -> None:
    """Gradio would download it, or copy it to where it can be asked for, for every component that is an input."""
    taking = [fn for fn in config(server)["dependencies"] if fn["inputs"] and fn["backend_fn"]]
    assert len(taking) > 5
    for fn in taking:
        for address in (f"{server}/gradio_api/info", "ftp://127.0.0.1/", "file:///etc/passwd", "/etc/passwd", "a\0b"):
            data = [{"path": address, **FILE} for _ in fn["inputs"]]
            body = json.dumps({"data": data, "fn_index": fn["id"], "session_hash": "s"}).encode()
            for path in ("/gradio_api/run/predict", "/gradio_api/queue/join"):
                status, answer = statuses(server, path, body)
                assert (status, b"fetches no addresses" in answer) == (400, True), (fn["id"], address, answer)


@pytest.mark.parametrize("session", ["", "x" * 65, "x" * 900_000, "a b", "<script>", 7, ["s"], {"a": 1}])
def test_a_session_is_named_by_a_short_word(server: str, session: object) -> None:
    body = json.dumps({"data": [], "fn_index": 0, "session_hash": session}).encode()
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join"):
        status, answer = statuses(server, path, body)
        assert (status, b"session_hash" in answer) == (400, True)


@pytest.mark.parametrize("number", [10**9, -1, "7", True, [0]])
def test_an_event_that_there_is_none_of_is_a_400(server: str, number: object) -> None:
    body = json.dumps({"data": [], "fn_index": number, "session_hash": "s"}).encode()
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join"):
        assert statuses(server, path, body)[0] == 400


def waiting_event(server: str) -> dict[str, Any]:
    """One of the page's events that is not asked for through the queue and takes values."""
    return next(fn for fn in config(server)["dependencies"] if fn["backend_fn"] and fn["inputs"] and not fn["queue"])


@pytest.mark.parametrize("data", [[], ["x"] * 50, {"a": 1}, "text", None])
def test_an_event_takes_as_many_values_as_it_has_inputs(server: str, data: object) -> None:
    body = {"data": data, "fn_index": waiting_event(server)["id"], "session_hash": "s"}
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join"):
        status, answer = statuses(server, path, json.dumps(body).encode())
        assert (status, b"as many values" in answer) == (400, True)


@pytest.mark.parametrize("value", [b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b'{"a": ["\\udfff"]}'])
def test_what_no_answer_could_be_written_with_is_refused(server: str, value: bytes) -> None:
    event = waiting_event(server)
    data = b", ".join([value] * len(event["inputs"]))
    body = b'{"data": [%s], "fn_index": %d, "session_hash": "s"}' % (data, event["id"])
    for path in (
        "/gradio_api/run/predict",
        "/gradio_api/queue/join",
        "/gradio_api/call/classify",
        "/gradio_api/cancel",
    ):
        status, answer = statuses(server, path, body)
        assert (status, b"the body holds" in answer) == (400, True), (path, answer)


ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "https://digits.example.org"},
    {"origin": "https://elsewhere.example.org"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": "http://\xe9"},
]
AT_HOME = [
    {},
    {"sec-fetch-site": "same-origin", "origin": "https://digits.example.org"},
    {"origin": "http://digits.example.org"},
    {"origin": "https://seen.example.org", "x-forwarded-host": "seen.example.org"},
]


@pytest.mark.parametrize(
    ("headers", "refused"), [*((each, True) for each in ELSEWHERE), *((each, False) for each in AT_HOME)]
)
def test_pages_of_other_sites_may_ask_what_is_for_programs_and_nothing_else(
    server: str, headers: dict[str, str], refused: bool
) -> None:
    headers = {"host": "digits.example.org", **headers}
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/call/predict"):
        status, answer = statuses(server, path, b"{}", **headers)
        assert (status == 403) is refused, (path, answer)
    for path in ("/gradio_api/classify", "/gradio_api/call/classify", "/gradio_api/upload"):
        assert statuses(server, path, b"{}", **headers)[0] != 403


def test_programs_leave_half_of_the_queue_to_the_page(server: str) -> None:
    page = config(server)
    number = next(fn["id"] for fn in page["dependencies"] if fn["api_name"] == "classify")
    image = io.BytesIO()
    Image.new("RGB", (1990, 1990), "white").save(image, "PNG")  # as large as is taken: it holds its place for a while
    asked = ["data:image/png;base64," + base64.b64encode(image.getvalue()).decode(), "resnet-ish"]
    joined = json.dumps({"data": asked, "fn_index": number, "session_hash": "s"}).encode()
    ways = [("/gradio_api/call/classify", json.dumps({"data": asked}).encode()), ("/gradio_api/queue/join", joined)]
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(statuses, server, *ways[i % 2]) for i in range(bodies.PROGRAMS_QUEUED * 3)]
        found = Counter(answer.result()[0] for answer in answers)
    assert set(found) == {200, 503} and found[200] >= bodies.PROGRAMS_QUEUED
    start = next(fn for fn in page["dependencies"] if fn["api_name"] == "run_stress")
    values = {component["id"]: component["props"].get("value") for component in page["components"]}
    body = {"data": [values[each] for each in start["inputs"]], "fn_index": start["id"], "session_hash": "another"}
    status, answer = statuses(server, "/gradio_api/queue/join", json.dumps(body).encode())
    while statuses(server, *ways[0])[0] == 503:  # the tests that follow find the queue as it was
        time.sleep(0.1)
    assert status == 200, answer


@pytest.mark.parametrize("kind", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 5000}", "text/plain"])
def test_an_upload_that_is_no_form_is_a_400(server: str, kind: str) -> None:
    status, answer = statuses(server, "/gradio_api/upload", b"--x", **{"content-type": kind})
    assert (status, b"boundary" in answer) == (400, True)


def test_what_a_stranger_sends_is_cut_in_the_servers_log(server: str, server_log: Path) -> None:
    page = config(server)
    fn = next(fn for fn in page["dependencies"] if fn["id"] == handlers(page)["pad", "release"])
    values = {component["id"]: component["props"].get("value") for component in page["components"]}
    data = [values[each] for each in fn["inputs"]]
    data[1] = "no net\x1b[2J" + "x" * 500_000
    before = server_log.stat().st_size
    body = json.dumps({"data": data, "fn_index": fn["id"], "session_hash": "s"}).encode()
    assert b"not in the list of choices" in statuses(server, "/gradio_api/run/predict", body)[1]
    printed = server_log.read_bytes()[before:]
    assert b"no net" in printed and b"characters)" in printed
    assert len(printed) < 30_000


def test_a_megabyte_of_numbers_is_refused_before_it_is_parsed(server: str) -> None:
    numbers = ("[" + ",".join(["1"] * 70_000) + "]").encode()
    body = b'{"data": [' + numbers + b'], "fn_index": 0, "session_hash": "s"}'
    assert len(body) < EVENT_BYTES
    status, answer = statuses(server, "/gradio_api/run/predict", body)
    assert status == 400 and b"values" in answer


def test_an_events_body_is_smaller_than_an_images(server: str) -> None:
    body = b'{"data": ["' + b"x" * EVENT_BYTES + b'"]}'
    assert statuses(server, "/gradio_api/run/predict", body)[0] == 413
    assert statuses(server, "/gradio_api/call/classify", body)[0] == 200


WHO_ASKS = """
import gradio, starlette.responses, starlette.routing
from demo.serving import ports, server

def address(request):
    return starlette.responses.PlainTextResponse(request.client.host)

with gradio.Blocks() as page:
    gradio.HTML("a page")
route = starlette.routing.Route("/gradio_api/classify", address, methods=["POST"])
with server.launch(page, [route], port=ports.free_port()) as served:
    print(served.address, flush=True)
    served.wait()
"""


@pytest.mark.parametrize(
    ("believed", "seen"), [({}, "127.0.0.1"), ({"FORWARDED_ALLOW_IPS": "127.0.0.1"}, "203.0.113.7")]
)
def test_an_address_that_a_request_names_counts_only_from_a_proxy_that_the_owner_names(
    believed: dict[str, str], seen: str
) -> None:
    settings = {name: value for name, value in os.environ.items() if name != "FORWARDED_ALLOW_IPS"} | believed
    command = [sys.executable, "-c", WHO_ASKS]
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            server = process.stdout.readline().strip()
            named = {"x-forwarded-for": "203.0.113.7"}
            assert statuses(server, "/gradio_api/classify", b"", **named) == (200, seen.encode())
        finally:
            process.terminate()


def test_the_tunnel_of_a_public_address_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert (believed_proxies(share=True), believed_proxies(share=False)) == ("127.0.0.1", "")


@pytest.mark.parametrize("name", ["page.html", "image.svg", "script.js", "../../page.xhtml"])
def test_what_a_stranger_uploads_is_no_page_of_ours(server: str, name: str) -> None:
    """Its script would be of our origin, and so could read who a visitor is."""
    head = f'--x\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>\r\n--x--\r\n'
    status, answer = statuses(server, "/gradio_api/upload", body, **{"content-type": "multipart/form-data; boundary=x"})
    assert status == 200
    with urllib.request.urlopen(f"{server}/gradio_api/file={json.loads(answer)[0]}", timeout=120) as response:
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["x-content-type-options"] == "nosniff"


def test_what_lies_on_the_disk_of_uploads_is_bounded() -> None:
    now = [0.0]
    uploads = Uploads(lambda: now[0])
    while uploads.room():
        uploads.note(2 * 2**20)
    assert not uploads.room()
    now[0] = bodies.UPLOADS_S + 1
    assert uploads.room()

"""What Gradio leaves open, over real HTTP: bodies without end, direct calls past the queue, missing headers."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

from demo.serving.server import BODY_BYTES, HEADERS

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
        assert "4 MB" in json.loads(response.read())["error"]
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
    assert len(body) < BODY_BYTES  # refused as a file, not as a body


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/classify", "/nowhere"])
def test_every_answer_carries_the_security_headers(server: str, path: str) -> None:
    with connect(server) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        for name, value in HEADERS.items():
            assert response.headers[name] == value


def test_hugging_face_may_frame_the_page_and_others_may_not() -> None:
    ancestors = HEADERS["content-security-policy"].split("frame-ancestors ")[1].split()
    assert ancestors == ["'self'", "https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space"]
    assert "x-frame-options" not in HEADERS  # it knows no list, and would keep a Space from being shown


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
    answering = next(fn for fn in config(server)["dependencies"] if len(fn["inputs"]) == 4 and len(fn["outputs"]) == 3)
    body = {
        "data": [{"strokes": strokes}, "all", "like MNIST", "luma"],
        "fn_index": answering["id"],
        "session_hash": "s",
    }
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

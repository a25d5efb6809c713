"""`/classify` as programs use it: over real HTTP, through gradio_client, curl's two steps, and one plain POST."""

import base64
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import architectures
from demo.inference import available_nets
from demo.sketchpad.drawing import Drawing
from tests.support.png_bomb import png_bomb

pytestmark = pytest.mark.slow

SEVEN = Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]]).image
BOUNDARY = "a-boundary"


def png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


SEVEN_URL = data_url(png(SEVEN))


def post(address: str, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
    """Status and JSON of a POST; urllib sends what it is given and nothing else."""
    request = urllib.request.Request(address, body, {"content-type": kind})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def ask(server: str, **body: Any) -> tuple[int, Any]:
    return post(f"{server}/gradio_api/classify", json.dumps(body).encode())


def form(**fields: bytes) -> bytes:
    """A multipart form, as `curl -F` sends it; `image` goes as a file."""
    parts = []
    for name, content in fields.items():
        file = '; filename="seven.png"' if name == "picture" else ""
        parts.append(f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content)
    return b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def two_steps(server: str, data: list[Any]) -> tuple[str, Any]:
    """Event and data of Gradio's POST, then GET, as its curl instructions say."""
    status, answer = post(f"{server}/gradio_api/call/classify", json.dumps({"data": data}).encode())
    assert status == 200, answer
    with urllib.request.urlopen(f"{server}/gradio_api/call/classify/{answer['event_id']}", timeout=120) as stream:
        lines = stream.read().decode().splitlines()
    event = next(
        line.removeprefix("event: ") for line in lines if line.startswith("event: ") and "heartbeat" not in line
    )
    return event, json.loads(lines[lines.index(f"event: {event}") + 1].removeprefix("data: "))


def check(answer: dict[str, Any]) -> None:
    assert set(answer) == {"digit", "probabilities", "meaning", "milliseconds"}
    assert answer["digit"] == max(range(10), key=answer["probabilities"].__getitem__)
    assert len(answer["probabilities"]) == 10
    assert all(isinstance(value, float) and 0 <= value <= 1 for value in answer["probabilities"])
    assert answer["meaning"] in ("softmax", "capsule length")
    if answer["meaning"] == "softmax":
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answer["milliseconds"] > 0


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[Client]:
    connected = Client(server, verbose=False)
    yield connected
    connected.close()


def test_gradio_client_sends_a_file_and_gets_every_net(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(png(SEVEN))
    answers = client.predict(handle_file(path), "all", api_name="/classify")
    assert sorted(answers) == available_nets()
    for answer in answers.values():
        check(answer)


def test_gradio_client_sends_a_data_url_and_names_a_net(client: Client) -> None:
    answers = client.predict(image=SEVEN_URL, net="resnet_ish", api_name="/classify")
    assert list(answers) == ["resnet-ish"]
    check(answers["resnet-ish"])


def test_curl_in_two_steps(server: str) -> None:
    event, data = two_steps(server, [SEVEN_URL, "resnet-ish"])
    assert event == "complete"
    check(data[0]["resnet-ish"])


def test_curl_in_one_step_with_json(server: str) -> None:
    status, answers = ask(server, picture=SEVEN_URL, net="all")
    assert status == 200
    assert sorted(answers) == available_nets()
    for answer in answers.values():
        check(answer)


def test_curl_in_one_step_with_a_form(server: str) -> None:
    body = form(picture=png(SEVEN), net=b"resnet-ish")
    status, answers = post(f"{server}/gradio_api/classify", body, f"multipart/form-data; boundary={BOUNDARY}")
    assert status == 200, answers
    check(answers["resnet-ish"])


def test_all_ways_give_the_same_answer(server: str, client: Client) -> None:
    plain = ask(server, picture=SEVEN_URL, net="resnet-ish")[1]["resnet-ish"]["probabilities"]
    queued = client.predict(SEVEN_URL, "resnet-ish", api_name="/classify")["resnet-ish"]["probabilities"]
    assert plain == queued == two_steps(server, [SEVEN_URL, "resnet-ish"])[1][0]["resnet-ish"]["probabilities"]


def test_dark_ink_on_paper_is_read_like_light_ink_on_black(server: str) -> None:
    white = Drawing.of([[[0.28, 0.25], [0.72, 0.24], [0.42, 0.85]]]).image.max(axis=2, keepdims=True).repeat(3, axis=2)
    light = ask(server, picture=data_url(png(white)), net="resnet-ish")[1]["resnet-ish"]
    dark = ask(server, picture=data_url(png(255 - white)), net="resnet-ish")[1]["resnet-ish"]
    assert light["probabilities"] == dark["probabilities"]


def bad_images() -> dict[str, tuple[Any, str]]:
    """What is no image, by a name, and a part of the message it gets."""
    return {
        "nothing": (None, "not nothing"),
        "a number": (7, "not a number"),
        "a list": ([[0, 1]], "not a list"),
        "not an image": (data_url(b"just some text"), "not a whole"),
        "a truncated png": (data_url(png(SEVEN)[:-200]), "not a whole"),
        "a decompression bomb": (data_url(png_bomb()), "more than 4,000,000 pixels"),
        "4470x4470 pixels in a small file": (data_url(png_bomb(4470, 4470)), "more than 4,000,000 pixels"),
        "letters outside ASCII": ("data:image/png;base64,\u00e9\u00e9\u00e9\u00e9", "base64"),
        "1x1": (data_url(png(np.full((1, 1, 3), 255, np.uint8))), "1x1"),
        "5000x10": (data_url(png(np.full((10, 5000, 3), 255, np.uint8))), "5000x10"),
        "an empty image": (data_url(png(np.zeros((364, 364, 3), np.uint8))), "no ink"),
        "a path as text": ("/etc/passwd", "data URL"),
        "a path as an address": ("file:///etc/passwd", "data URL"),
        "script": ("<script>alert(1)</script>", "data URL"),
    }


@pytest.mark.parametrize("name", bad_images())
def test_a_bad_image_is_a_clear_error_in_one_step_and_in_two(server: str, name: str) -> None:
    given, said = bad_images()[name]
    status, answer = ask(server, picture=given, net="resnet-ish")
    assert (status, said in answer["error"]) == (400, True), answer
    event, data = two_steps(server, [given, "resnet-ish"])
    assert (event, said in data["error"]) == ("error", True), data
    assert ask(server, picture=SEVEN_URL, net="resnet-ish")[0] == 200


@pytest.mark.parametrize("net", ["alexnet", "../../etc/passwd", "<img src=x onerror=alert(1)>", "", 7, None, ["all"]])
def test_an_unknown_net_is_an_error_with_the_list_of_nets(server: str, net: Any) -> None:
    status, answer = ask(server, picture=SEVEN_URL, net=net)
    assert status == 404
    assert answer["error"]
    event, data = two_steps(server, [SEVEN_URL, net])
    assert event == "error"
    assert data["error"] == answer["error"]
    if isinstance(net, str):
        assert all(name in answer["error"] for name in architectures.names())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"data:"', b"\xff\xfe", b"{}"])
def test_a_body_that_is_no_request_is_a_400(server: str, body: bytes) -> None:
    status, answer = post(f"{server}/gradio_api/classify", body)
    assert status == 400
    assert answer["error"]


def test_json_without_end_in_depth_is_a_400(server: str) -> None:
    deep = b'{"picture": ' + b"[" * 100_000
    assert post(f"{server}/gradio_api/classify", deep)[0] == 400
    assert post(f"{server}/gradio_api/call/classify", deep)[0] == 400


def test_large_16_bit_grey_is_read_like_8_bit_grey(server: str) -> None:
    grey = np.asarray(Image.fromarray(SEVEN).convert("L").resize((1400, 1400)))
    file = io.BytesIO()
    Image.fromarray(grey.astype(np.uint16) * 256).save(file, "PNG")
    deep = ask(server, picture=data_url(file.getvalue()), net="resnet-ish")
    shallow = ask(server, picture=data_url(png(grey)), net="resnet-ish")
    assert deep[0] == shallow[0] == 200, deep
    assert deep[1]["resnet-ish"]["probabilities"] == shallow[1]["resnet-ish"]["probabilities"]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"net": "resnet-ish"}, ["resnet-ish"]),
        ({"net": "resnet-ish/mnist-only"}, ["resnet-ish/mnist-only"]),
        ({"net": "resnet_ish", "training": "mnist-only"}, ["resnet-ish/mnist-only"]),
        ({"net": "resnet-ish", "training": "both"}, ["resnet-ish", "resnet-ish/mnist-only"]),
        ({"net": "resnet-ish/mnist-only", "training": "pen"}, ["resnet-ish/mnist-only"]),
        ({"net": "all/both"}, [*available_nets(), *available_nets("mnist-only")]),
    ],
)
def test_both_trainings_of_a_net_answer_on_request(server: str, asked: dict[str, str], ids: list[str]) -> None:
    status, answers = ask(server, picture=SEVEN_URL, **asked)
    assert (status, sorted(answers)) == (200, sorted(ids)), answers
    for answer in answers.values():
        check(answer)


def test_a_training_is_named_in_the_two_steps_too(server: str) -> None:
    assert sorted(two_steps(server, [SEVEN_URL, "resnet-ish/both"])[1][0]) == ["resnet-ish", "resnet-ish/mnist-only"]


@pytest.mark.parametrize("training", ["wild", 7, None])
def test_a_training_that_there_is_none_of_is_a_400(server: str, training: Any) -> None:
    status, answer = ask(server, picture=SEVEN_URL, net="resnet-ish", training=training)
    assert status == 400 and "pen, mnist-only, both" in answer["error"]


def test_a_form_that_is_none_is_a_400(server: str) -> None:
    address = f"{server}/gradio_api/classify"
    assert post(address, b"--x\r\nnonsense", "multipart/form-data; boundary=x")[0] == 400
    assert post(address, b"nonsense", "multipart/form-data")[0] == 400


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "checkpoints/manifest.json", "../../../etc/passwd"])
@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_no_file_of_the_server_is_read_by_its_path(server: str, path: str, meta: dict[str, Any]) -> None:
    body = json.dumps({"data": [{"path": path, **meta}, "resnet-ish"]}).encode()
    status, answer = post(f"{server}/gradio_api/call/classify", body)
    if status == 400:  # no upload has answered such a path
        assert "uploaded first" in answer["error"]
        return
    event, data = two_steps(server, [{"path": path, **meta}, "resnet-ish"])
    assert event == "error"
    assert "upload" in data["error"]
    assert "root:" not in json.dumps(data)


def test_the_server_fetches_nothing_from_an_address(server: str) -> None:
    given = {"path": f"{server}/gradio_api/info", "meta": {"_type": "gradio.FileData"}}
    status, answer = post(f"{server}/gradio_api/call/classify", json.dumps({"data": [given, "resnet-ish"]}).encode())
    assert status == 400
    assert "fetches no addresses" in answer["error"]


def test_an_uploaded_file_that_is_no_image_is_an_error_for_gradio_client(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_text("not an image")
    with pytest.raises(AppError, match="not a whole"):
        client.predict(handle_file(path), "all", api_name="/classify")

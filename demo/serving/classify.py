"""`/classify`: the nets as a service, for programs.

Three ways to the same answer: gradio_client's `predict(image, net, api_name="/classify")`, Gradio's two-step
`/gradio_api/call/classify`, and one plain POST to `/gradio_api/classify` with JSON or a form, which answers at once
and with honest status codes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.components.api_component import Api
from gradio.utils import get_upload_folder
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import architectures
from architectures.input.mnist_like import RGBImage
from demo.inference import AT_ONCE, Busy, Prediction, Predictions, available_nets, predict
from demo.serving import image_files
from demo.serving.image_files import BadImageFile
from demo.settings import ALL

NAME = "classify"
PATH = f"/gradio_api/{NAME}"  # below Gradio's own prefix, which its server-side rendering hands to Python
DESCRIPTION = (
    "Which digit is on an image? image: an image file or a data URL (data:image/png;base64,...); "
    'net: the name of a net, or "all". Answers {net: {digit, probabilities, meaning, milliseconds}}.'
)
FORM_FIELDS = 8


class EmptyImage(BadImageFile):
    """There is no ink on the image."""


class NoAnswer(RuntimeError):
    """None of the nets asked could answer; the message says why."""


def classify(image: RGBImage, net: str) -> dict[str, Any]:
    """What `net`, or every net for "all", reads on image (H, W, 3) on black ground, as JSON.

    {net: {"digit": 0-9, "probabilities": [10 floats], "meaning": "softmax" or "capsule length", "milliseconds": float}}
    Of several nets, one that cannot answer has {"error": why} instead. An image without ink is an error: a digit is
    never guessed. Raises EmptyImage, UnknownNet, NoAnswer, Busy.
    """
    predictions = predict(image, available_nets() if net == ALL else [net])
    if predictions is None:
        raise EmptyImage("there is no ink on the image, so there is no digit to read")
    if not predictions.by_net:
        raise NoAnswer("; ".join(predictions.failures.values()))
    return as_json(predictions)


def as_json(predictions: Predictions) -> dict[str, Any]:
    answers = {name: _answer(prediction) for name, prediction in predictions.by_net.items()}
    return answers | {name: {"error": why} for name, why in predictions.failures.items()}


def _answer(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "probabilities": prediction.probabilities,
        "meaning": prediction.meaning,
        "milliseconds": round(prediction.milliseconds, 3),
    }


class ImageInput(Api):
    """An image that arrives over HTTP: a data URL, or a file that was uploaded to this server just before."""

    def __init__(self) -> None:
        super().__init__(None, {"type": "string", "description": "data URL, or an uploaded image file"}, "picture")

    async def async_move_resource_to_block_cache(self, url_or_file_path: str | Path | None) -> str | None:
        """Refuse addresses, which Gradio would download: this server fetches nothing for anybody."""
        if "://" in str(url_or_file_path):
            raise gr.Error("an image is an uploaded file or a data URL, not an address", print_exception=False)
        return await super().async_move_resource_to_block_cache(url_or_file_path)

    def preprocess(self, payload: Any) -> RGBImage:
        try:
            return image_files.from_bytes(_uploaded(payload)) if isinstance(payload, dict) else _from_text(payload)
        except BadImageFile as error:
            raise gr.Error(str(error), print_exception=False) from error

    def get_block_name(self) -> str:
        return "api"  # Gradio's own component without a frontend; by default it would look for one of this name

    def example_payload(self) -> str:
        return "data:image/png;base64,..."


def endpoint() -> None:
    """Add `/classify` to the page that is being built: for gradio_client and `/gradio_api/call/classify`."""
    net = Api(ALL, {"type": "string", "description": f'{", ".join(architectures.names())}, or "{ALL}"'}, "net")
    answer = Api(None, {"type": "object", "description": "what each net read"}, "answer")
    gr.on(
        [],
        _translated,
        inputs=[ImageInput(), net],
        outputs=answer,
        api_name=NAME,
        api_description=DESCRIPTION,
        concurrency_limit=AT_ONCE,
        show_progress="hidden",
    )


def routes() -> list[Route]:
    """The plain POST, for curl: a JSON object or a form with `image` and `net`."""
    return [Route(PATH, _post, methods=["POST"])]


def _translated(image: RGBImage, net: Any) -> dict[str, Any]:
    try:
        return classify(image, _net_named(net))
    except (BadImageFile, architectures.UnknownNet, NoAnswer, Busy) as error:
        raise gr.Error(str(error.args[0]), print_exception=False) from error


async def _post(request: Request) -> JSONResponse:
    try:
        given, net = await _read_request(request)
        return JSONResponse(await anyio.to_thread.run_sync(_classify_given, given, net))
    except BadImageFile as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except architectures.UnknownNet as error:
        return JSONResponse({"error": str(error.args[0])}, status_code=404)
    except (NoAnswer, Busy) as error:
        return JSONResponse({"error": str(error)}, status_code=503)


def _classify_given(given: Any, net: Any) -> dict[str, Any]:
    image = image_files.from_bytes(given) if isinstance(given, bytes) else _from_text(given)
    return classify(image, _net_named(net))


async def _read_request(request: Request) -> tuple[Any, Any]:
    """The image, bytes or still unchecked JSON, and the net of a request; raises BadImageFile."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            async with request.form(max_files=1, max_fields=FORM_FIELDS) as form:
                return await _form_image(form), form.get("net", ALL)
        except HTTPException as error:
            raise BadImageFile(f"the form cannot be read: {error.detail}") from error
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise BadImageFile(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadImageFile('the body is a JSON object: {"picture": a data URL, "net": a name or "all"}')
    return body.get("picture", body.get("image")), body.get("net", ALL)


async def _form_image(form: FormData) -> Any:
    image = form.get("picture", form.get("image"))
    return await image.read() if isinstance(image, UploadFile) else image


def _from_text(text: Any) -> RGBImage:
    if not isinstance(text, str):
        raise BadImageFile(f"an image is an image file or a data URL, not {_kind(text)}")
    return image_files.from_data_url(text)


def _uploaded(file: dict[str, Any]) -> bytes:
    """The content of a file that Gradio keeps for us, and of no other file of this machine."""
    path = file.get("path")
    if not isinstance(path, str) or not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise BadImageFile("an image given as a file has to be uploaded first")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadImageFile("the uploaded file is no longer there; please upload it again") from error


def _net_named(net: Any) -> str:
    if not isinstance(net, str):
        raise architectures.UnknownNet(f'net is the name of a net or "{ALL}", not {_kind(net)}')
    return net


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "nothing"}
    return kinds.get(type(value), "a number")

"""`/classify`: the nets as a service, for programs.

Three ways to the same answer: gradio_client's `predict(image, net, api_name="/classify")`, Gradio's two-step
`/gradio_api/call/classify`, and one plain POST to `/gradio_api/classify` with JSON or a form, which answers at once
and with honest status codes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
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
from checkpoints.store import naming
from demo.inference import AT_ONCE, Busy, Prediction, Predictions, available_nets, predict
from demo.serving import image_files
from demo.serving.image_files import BadImageFile
from demo.settings import ALL

NAME = "classify"
PATH = f"/gradio_api/{NAME}"  # below Gradio's own prefix, which its server-side rendering hands to Python
DESCRIPTION = (
    "Which digit is on an image? image: an image file or a data URL (data:image/png;base64,...); "
    'net: the id of a net, such as caps-net (trained with the pen) or caps-net/mnist-only (on MNIST alone), or "all", '
    '"all/mnist-only", "all/both". '
    "Answers {id: {digit, probabilities, meaning, milliseconds}}."
)
FORM_FIELDS = 8
PEN = "pen"
TRAININGS: dict[str, tuple[str | None, ...]] = {
    PEN: (None,),
    naming.MNIST_ONLY: (naming.MNIST_ONLY,),
    "both": (None, naming.MNIST_ONLY),
}
DECODED_AT_ONCE = 2  # an image of 4 million pixels takes some 60 MB until it is small
PATIENCE_S = 10.0
POSTED_AT_ONCE = 16  # threads of plain POSTs; the page has others


class EmptyImage(BadImageFile):
    """There is no ink on the image."""


class BadTraining(ValueError):
    """There is no training of that name."""


class NoAnswer(RuntimeError):
    """None of the nets asked could answer; the message says why."""


def classify(image: RGBImage, net: str, training: str = PEN) -> dict[str, Any]:
    """What `net`, or every net for "all", reads on image (H, W, 3) on black ground, as JSON.

    training says which weights are asked where `net` does not, as in caps-net/mnist-only or all/both: "pen",
    "mnist-only", or "both".
    {id: {"digit": 0-9, "probabilities": [10 floats], "meaning": "softmax" or "capsule length", "milliseconds": float}}
    Of several nets, one that cannot answer has {"error": why} instead. An image without ink is an error: a digit is
    never guessed. Raises EmptyImage, UnknownNet, BadTraining, NoAnswer, Busy.
    """
    predictions = predict(image, asked(net, training))
    if predictions is None:
        raise EmptyImage("there is no ink on the image, so there is no digit to read")
    if not predictions.by_net:
        raise NoAnswer("; ".join(predictions.failures.values()))
    return as_json(predictions)


def asked(net: str, training: str = PEN) -> list[str]:
    """The ids of the nets that a request means; a training in `net` itself counts more. Raises BadTraining."""
    if training not in TRAININGS:
        raise BadTraining(f"invalid training: must be one of {', '.join(TRAININGS)}")
    name, _, named = net.partition("/")
    trainings = TRAININGS.get(named, (named,)) if named else TRAININGS[training]
    if name == ALL:
        return [net_id for each in trainings for net_id in available_nets(each)]
    return [naming.id_of(name, each) for each in trainings]


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
            with decoding():
                return image_files.from_bytes(_uploaded(payload)) if isinstance(payload, dict) else _from_text(payload)
        except (BadImageFile, Busy) as error:
            raise gr.Error(str(error), print_exception=False) from error

    def get_block_name(self) -> str:
        return "api"  # Gradio's own component without a frontend; by default it would look for one of this name

    def example_payload(self) -> str:
        return "data:image/png;base64,..."


def endpoint() -> None:
    """Add `/classify` to the page that is being built: for gradio_client and `/gradio_api/call/classify`."""
    names = f'{", ".join(architectures.names())}, or "{ALL}"; /{naming.MNIST_ONLY} or /both behind it'
    net = Api(ALL, {"type": "string", "description": names}, "net")
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


_decoders = threading.BoundedSemaphore(DECODED_AT_ONCE)


@contextmanager
def decoding() -> Iterator[None]:
    """Wait for the turn to decode an image; raises Busy when it does not come."""
    if not _decoders.acquire(timeout=PATIENCE_S):
        raise Busy("many images are being read right now; please try again")
    try:
        yield
    finally:
        _decoders.release()


def _translated(image: RGBImage, net: Any) -> dict[str, Any]:
    try:
        return classify(image, _text_of("net", net))
    except (BadImageFile, architectures.UnknownNet, NoAnswer, Busy) as error:
        raise gr.Error(str(error.args[0]), print_exception=False) from error


async def _post(request: Request) -> JSONResponse:
    try:
        given = await _read_request(request)
        return JSONResponse(await anyio.to_thread.run_sync(_classify_given, given, limiter=_posts(request)))
    except (BadImageFile, BadTraining) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except architectures.UnknownNet as error:
        return JSONResponse({"error": str(error.args[0])}, status_code=404)
    except (NoAnswer, Busy) as error:
        return JSONResponse({"error": str(error)}, status_code=503, headers={"retry-after": "5"})


def _posts(request: Request) -> anyio.CapacityLimiter:
    """The threads for plain POSTs: their own, or a crowd of programs would keep pages from loading."""
    if not hasattr(request.app.state, "posts"):
        request.app.state.posts = anyio.CapacityLimiter(POSTED_AT_ONCE)
    limiter: anyio.CapacityLimiter = request.app.state.posts
    if limiter.statistics().tasks_waiting >= POSTED_AT_ONCE:
        raise Busy("many images are waiting; please try again")
    return limiter


@dataclass(frozen=True)
class Given:
    """What a request brought, still unchecked."""

    image: Any
    net: Any
    training: Any


def _classify_given(given: Given) -> dict[str, Any]:
    net, training = _text_of("net", given.net), _text_of("training", given.training)
    with decoding():
        image = image_files.from_bytes(given.image) if isinstance(given.image, bytes) else _from_text(given.image)
    return classify(image, net, training)


async def _read_request(request: Request) -> Given:
    """Raises BadImageFile."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            async with request.form(max_files=1, max_fields=FORM_FIELDS) as form:
                return Given(await _form_image(form), form.get("net", ALL), form.get("training", PEN))
        except HTTPException as error:
            raise BadImageFile(f"the form cannot be read: {error.detail}") from error
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise BadImageFile(f"the body is not JSON: {str(error)[:100]}") from error
    if not isinstance(body, dict):
        raise BadImageFile('the body is a JSON object: {"image": a data URL, "net": an id or "all"}')
    return Given(body.get("picture", body.get("image")), body.get("net", ALL), body.get("training", PEN))


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


def _text_of(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if name == "net":
        raise architectures.UnknownNet(f'net is the id of a net or "{ALL}", not {_kind(value)}')
    raise BadTraining(f"invalid {name}: must be one of {', '.join(TRAININGS)}, not {_kind(value)}")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "nothing"}
    return kinds.get(type(value), "a number")

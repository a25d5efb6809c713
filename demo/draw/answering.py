"""From what is on the pad, and how the person wants it fed to which nets, to what the panels show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import gradio as gr

import architectures
from architectures.input.mnist_like import Ink
from demo.components.trainings import MNIST_ONLY, other_than, training_of
from demo.draw.bars import bars
from demo.draw.reconstruction import reconstruction
from demo.draw.sees import sees
from demo.draw.verdict import other_verdict, problem, verdict
from demo.inference import Busy, Overtaken, Predictions, available_nets, in_training, predict
from demo.serving.server import SESSIONS
from demo.settings import ALL
from demo.sketchpad.drawing import Drawing

LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
LUMA, MASK = "luma", "ink mask"
INKS: dict[str, Ink] = {LUMA: "luma", MASK: "mask"}

Values = tuple[dict[str, Any], ...]


def chosen(net: str | None, training: str) -> list[str]:
    """The ids that a choice of the selector and of the training stand for; some may be there in one training alone.

    None, which whoever asks without the page may send, stands for all as well.
    """
    if net not in (None, ALL):
        return [in_training(net, training_of(training))]
    anyhow = {*available_nets(), *(net_id.partition("/")[0] for net_id in available_nets(MNIST_ONLY))}
    return [in_training(name, training_of(training)) for name in architectures.names() if name in anyhow]


class Turns:
    """Which image each open page has sent last: an answer to an older one would come too late to be shown.

    The pad numbers what it sends. An empty pad has no number and overtakes all that was sent before it.
    """

    def __init__(self, pages: int = SESSIONS) -> None:
        self._pages = pages
        self._last: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, page: str, turn: int | None) -> bool:
        """Note that `page` has sent its image number `turn`, or has emptied its pad (None); whether that is news."""
        with self._lock:
            last = self._last.pop(page, -1.0)
            self._last[page] = last // 1 + 0.5 if turn is None else max(last, turn)
            while len(self._last) > self._pages:
                self._last.popitem(last=False)
        return turn is None or turn > last

    def newest(self, page: str, turn: int | None) -> bool:
        """Whether nothing newer than image number `turn` has come from `page`."""
        return turn is None or turn >= self._last.get(page, -1.0)


_turns = Turns()
UNCHANGED = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


def follow(drawing: Drawing | None, net: str, training: str, way: str, ink: str, request: gr.Request) -> Values:
    """Like `answer`, while a stroke is being drawn: an image that has been asked about already is not asked again.

    In a crowd nothing changes until the pen lifts: finished drawings go first.
    """
    if drawing is not None and not _turns.take(str(request.session_hash), drawing.turn):
        return UNCHANGED
    return answer(drawing, net, training, way, ink, request, live=True)


def answer(
    drawing: Drawing | None,
    net: str,
    training: str,
    way: str,
    ink: str,
    request: gr.Request,
    *,
    live: bool = False,
) -> Values:
    """Values of the verdict, the bars, what the net sees and the reconstruction, from the training that is chosen.

    Nothing changes when a newer image of the same page has come meanwhile: its own answer is on the way.
    """
    ids = chosen(net, training)
    try:
        predictions = predictions_of(drawing, ids, way, ink, request, live=live)
    except Busy as error:
        return UNCHANGED if live else (problem(str(error)), gr.skip(), gr.skip(), gr.skip())
    except Overtaken:
        return UNCHANGED
    turn = drawing.turn if drawing is not None else None
    return (
        verdict(ids, predictions, training, turn, live=live),
        bars(ids, predictions),
        sees(predictions),
        reconstruction(ids, predictions),
    )


def answer_other(
    drawing: Drawing | None, net: str, training: str, way: str, ink: str, request: gr.Request
) -> dict[str, Any]:
    """What the training that is not chosen makes of a drawing that rests: asked after the tiles have their answer."""
    other = other_than(training)
    ids = [net_id for net_id in chosen(net, other) if net_id not in chosen(net, training)]
    if drawing is None or drawing.empty or not ids:
        return gr.skip()
    try:
        return other_verdict(ids, predictions_of(drawing, ids, way, ink, request, live=True), other, drawing.turn)
    except (Busy, Overtaken):
        return gr.skip()  # the line stays out; the tiles have their answer


def predictions_of(
    drawing: Drawing | None, ids: list[str], way: str, ink: str, request: gr.Request, *, live: bool
) -> Predictions | None:
    """What the nets predict; None for an empty pad. live lets every finished drawing go first.

    Raises Busy, and Overtaken once the page has sent a newer image.
    """
    page = str(request.session_hash)
    if drawing is None or drawing.empty:
        _turns.take(page, None)
        return None
    _turns.take(page, drawing.turn)

    def wanted() -> bool:
        return _turns.newest(page, drawing.turn)

    predictions = predict(
        drawing.image, ids, centre=way == LIKE_MNIST, ink=INKS.get(ink, "luma"), wanted=wanted, live=live
    )
    if not wanted():
        raise Overtaken(page)
    return predictions
